import type { JsonObject } from '../../service.ts';
import { isObject } from '../language/jsonpath.ts';
import { evaluationProblem, runtimeProblem } from '../language/problem.ts';
import type { Evaluation } from './evaluation.ts';
import type { Frame } from './execution.ts';
import { unexpectedType } from './simple-states.ts';

/** How many items of a distributed Map may fail. */
export interface Tolerance {
  readonly toleratedCount?: number;
  readonly toleratedPercentage?: number;
}

/** ItemReader with its values filled in. */
export interface ReaderSettings {
  readonly action: 'getObject' | 'listObjectsV2';
  readonly parameters: JsonObject;
  readonly config: JsonObject;
}

/** ItemBatcher with its values filled in. */
export interface BatcherSettings {
  readonly maxItems?: number;
  readonly maxBytes?: number;
  readonly batchInput?: unknown;
}

/** ResultWriter with its values filled in; without a bucket the results are only shaped, and stay in the state's output. */
export interface WriterSettings {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly transformation: 'NONE' | 'COMPACT' | 'FLATTEN';
  readonly outputType: 'JSON' | 'JSONL';
}

/** Everything that a map run is told when it begins. */
export interface MapRunSettings extends Tolerance {
  readonly reader?: ReaderSettings;
  readonly batcher?: BatcherSettings;
  readonly writer?: WriterSettings;
}

/** The fields of a distributed Map, literal, by path or as expressions. Throws Problem. */
export async function mapRunSettings(frame: Frame, evaluation: Evaluation): Promise<MapRunSettings> {
  const { definition } = frame.state!;
  const number = numbersOf(frame, evaluation);
  const count = await number(definition, 'ToleratedFailureCount', 'integer');
  if (count !== undefined && count < 0)
    throw negative(frame, 'ToleratedFailureCount cannot be negative.', 'ToleratedFailureCount');
  const percentage = await number(definition, 'ToleratedFailurePercentage', 'float');
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    throw negative(frame, 'ToleratedFailurePercentage must be between 0 and 100.', 'ToleratedFailurePercentage');
  }
  const reader = await readerSettings(frame, evaluation);
  const batcher = await batcherSettings(frame, evaluation);
  const writer = await writerSettings(frame, evaluation);
  return {
    ...(count !== undefined && { toleratedCount: count }),
    ...(percentage !== undefined && { toleratedPercentage: percentage }),
    ...(reader && { reader }),
    ...(batcher && { batcher }),
    ...(writer && { writer }),
  };
}

async function readerSettings(frame: Frame, evaluation: Evaluation): Promise<ReaderSettings | undefined> {
  const { ItemReader: reader } = frame.state!.definition;
  if (!isObject(reader)) return undefined;
  const { MaxItemsPath: _path, ...config } = isObject(reader.ReaderConfig) ? reader.ReaderConfig : {};
  const maxItems = await numbersOf(frame, evaluation)(
    isObject(reader.ReaderConfig) ? reader.ReaderConfig : {},
    'MaxItems',
    'integer',
    'ItemReader/ReaderConfig/',
  );
  return {
    action: String(reader.Resource).endsWith(':listObjectsV2') ? 'listObjectsV2' : 'getObject',
    parameters: await parametersOf(frame, evaluation, reader, 'ItemReader'),
    config: { ...config, ...(maxItems !== undefined && { MaxItems: maxItems }) },
  };
}

async function batcherSettings(frame: Frame, evaluation: Evaluation): Promise<BatcherSettings | undefined> {
  const { definition, language, input } = frame.state!;
  const { ItemBatcher: batcher } = definition;
  if (!isObject(batcher)) return undefined;
  const limit = async (name: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch') => {
    const value = await numbersOf(frame, evaluation)(batcher, name, 'integer', 'ItemBatcher/');
    if (value !== undefined && value <= 0) throw negative(frame, `${name} must be positive.`, `ItemBatcher/${name}`);
    return value;
  };
  const maxItems = await limit('MaxItemsPerBatch');
  const maxBytes = await limit('MaxInputBytesPerBatch');
  const { BatchInput: given } = batcher;
  const batchInput =
    given === undefined
      ? undefined
      : language === 'JSONata'
        ? await evaluation.jsonata(given, 'ItemBatcher/BatchInput', evaluation.jsonataScope(input))
        : evaluation.template(given, evaluation.path(definition.InputPath, input));
  return {
    ...(maxItems !== undefined && { maxItems }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(batchInput !== undefined && { batchInput }),
  };
}

async function writerSettings(frame: Frame, evaluation: Evaluation): Promise<WriterSettings | undefined> {
  const { ResultWriter: writer } = frame.state!.definition;
  if (!isObject(writer)) return undefined;
  const config = isObject(writer.WriterConfig) ? writer.WriterConfig : {};
  const exports = writer.Resource !== undefined;
  const { Bucket: bucket, Prefix: prefix } = exports
    ? await parametersOf(frame, evaluation, writer, 'ResultWriter')
    : ({} as JsonObject);
  return {
    ...(exports && { bucket: String(bucket), prefix: prefix === undefined ? '' : String(prefix) }),
    transformation: (config.Transformation as WriterSettings['transformation'] | undefined) ?? 'NONE',
    outputType: (config.OutputType as WriterSettings['outputType'] | undefined) ?? 'JSON',
  };
}

async function parametersOf(
  frame: Frame,
  evaluation: Evaluation,
  holder: JsonObject,
  place: string,
): Promise<JsonObject> {
  const { definition, language, input } = frame.state!;
  return (
    language === 'JSONata'
      ? await evaluation.jsonata(holder.Arguments ?? {}, `${place}/Arguments`, evaluation.jsonataScope(input))
      : evaluation.template(holder.Parameters ?? {}, evaluation.path(definition.InputPath, input))
  ) as JsonObject;
}

const negative = (frame: Frame, message: string, location: string): Error =>
  frame.state!.language === 'JSONata' ? evaluationProblem(message, location) : runtimeProblem(message);

type NumberField = (
  holder: object,
  name: string,
  kind: 'integer' | 'float',
  place?: string,
) => Promise<number | undefined>;

/** Reads `name`, or `namePath`, of the state itself or of a field in it. */
const numbersOf =
  (frame: Frame, evaluation: Evaluation): NumberField =>
  async (holder, name, kind, place = '') => {
    const { definition, language, input } = frame.state!;
    const { [name]: literal, [`${name}Path`]: path } = holder as JsonObject;
    const fits = (value: unknown): value is number =>
      typeof value === 'number' && (kind === 'float' || Number.isInteger(value));
    if (language === 'JSONata') {
      if (literal === undefined) return undefined;
      const value = await evaluation.jsonataField(literal, `${place}${name}`, evaluation.jsonataScope(input));
      if (!fits(value)) throw unexpectedType(literal, `${place}${name}`, kind, value);
      return value;
    }
    if (typeof path !== 'string') return literal as number | undefined;
    const value = evaluation.path(path, evaluation.path(definition.InputPath, input));
    const number = numberIn(value);
    if (fits(number)) return number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeProblem(`The ${name}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`);
  };

/** What a `…Path` field leads to: a number, or the text of one, which AWS takes as well. */
export const numberIn = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
