import { ColumnInvalid } from '../errors.ts';
import { allRows, readNumbers } from '../feature-reader.ts';
import { columnOf, type Table } from '../table.ts';
import type { Task } from '../target.ts';
import { type CompiledGraph, compileGraph, type GraphPort } from './compile-graph.ts';
import { OnnxInputInvalid, OnnxShapeMismatch, OnnxTooLarge } from './errors.ts';
import { DEFAULT_ONNX_LIMITS, type OnnxLimits } from './limits.ts';
import type { OnnxModelProto } from './model-proto.ts';
import type { Buffer } from './operator.ts';
import { readModelProto } from './read-model-proto.ts';

/** One row to predict: a value for each feature, null = missing. Other keys are ignored. */
export type FeatureRow = Readonly<Record<string, number | string | null>>;

export type Prediction =
  | {
      readonly label: string /** Of the positive label. */;
      readonly probability: number;
      readonly probabilities: readonly [number, number];
    }
  | { readonly prediction: number };

export interface OnnxFeature {
  readonly name: string;
  readonly kind: 'number' | 'category';
}

/** A model that has passed every check. */
export interface OnnxModel {
  readonly task: Task;
  readonly inputs: readonly OnnxFeature[];
  readonly outputs: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Throws OnnxInputInvalid for a row that lacks a feature or has the wrong type, OnnxTooLarge for too many rows. */
  readonly predict: (rows: readonly FeatureRow[]) => Prediction[];
  /** Probability of the positive label, or the predicted number, of `rows` (default: all). Throws ColumnInvalid. */
  readonly predictTable: (table: Table, rows?: Int32Array) => Float32Array;
}

/** Values kept at once while a batch runs: some 16 MB of floats. */
const CHUNK_VALUES = 2 ** 22;

const portText = ({ name, element, dims }: GraphPort) => `${name} ${element} [${['N', ...dims].join(',')}]`;

const CLASSIFIER = 'label string [N], probabilities float [N,2]';
const REGRESSOR = 'prediction float [N,1]';

const taskOf = (graph: CompiledGraph): Task => {
  const ports = graph.outputs.map(portText).join(', ');
  if (ports === CLASSIFIER) return 'binary-classification';
  if (ports === REGRESSOR) return 'regression';
  throw new OnnxShapeMismatch('graph.output', `${ports || 'no outputs'}; a model gives ${CLASSIFIER} or ${REGRESSOR}`);
};

const numberCell = (row: FeatureRow, name: string, where: string): number => {
  const value = row[name];
  if (value === null) return Number.NaN;
  if (typeof value !== 'number') throw new OnnxInputInvalid(where, `must be a number or null, it is ${typeof value}`);
  if (!Number.isFinite(Math.fround(value)))
    throw new OnnxInputInvalid(where, `${value} is not a finite 32-bit float; null means missing`);
  return value;
};

const categoryCell = (row: FeatureRow, name: string, where: string): string => {
  const value = row[name];
  if (value === null) return '';
  if (typeof value !== 'string') throw new OnnxInputInvalid(where, `must be a text or null, it is ${typeof value}`);
  return value;
};

const rowBuffer = ({ name, element }: GraphPort, rows: readonly FeatureRow[], first: number, count: number): Buffer => {
  const read = <T>(cell: (row: FeatureRow, name: string, where: string) => T, set: (i: number, value: T) => void) => {
    for (let i = 0; i < count; i++) {
      const row = rows[first + i]!;
      const where = `row ${first + i}, feature ${JSON.stringify(name)}`;
      if (!Object.hasOwn(row, name)) throw new OnnxInputInvalid(where, 'is absent; give null for a missing value');
      set(i, cell(row, name, where));
    }
  };
  if (element === 'float') {
    const floats = new Float32Array(count);
    read(numberCell, (i, value) => {
      floats[i] = value;
    });
    return floats;
  }
  const texts: string[] = new Array(count);
  read(categoryCell, (i, value) => {
    texts[i] = value;
  });
  return texts;
};

const tableBuffer = ({ name, element }: GraphPort, table: Table, rows: Int32Array): Buffer => {
  if (element === 'float') return readNumbers(table, name, rows);
  const column = columnOf(table, name);
  if (column.kind !== 'category') throw new ColumnInvalid(name, 'the model needs a category, this column has numbers');
  return Array.from(rows, (row) => column.levels[column.codes[row]!] ?? '');
};

const predictionAt = (task: Task, buffers: readonly Buffer[], row: number): Prediction => {
  if (task === 'regression') return { prediction: (buffers[0] as Float32Array)[row]! };
  const [labels, probabilities] = buffers as [string[], Float32Array];
  const probability = probabilities[row * 2 + 1]!;
  return { label: labels[row]!, probability, probabilities: [probabilities[row * 2]!, probability] };
};

const modelOf = (proto: OnnxModelProto, graph: CompiledGraph, limits: OnnxLimits): OnnxModel => {
  const task = taskOf(graph);
  const chunk = Math.max(1, Math.min(4096, Math.floor(CHUNK_VALUES / graph.rowValues)));
  const inChunks = (total: number, run: (first: number, count: number) => void) => {
    if (total > limits.maximumRows) throw new OnnxTooLarge('rows', `${total} rows, the limit is ${limits.maximumRows}`);
    for (let first = 0; first < total; first += chunk) run(first, Math.min(chunk, total - first));
  };

  const predict = (rows: readonly FeatureRow[]): Prediction[] => {
    const predictions: Prediction[] = [];
    inChunks(rows.length, (first, count) => {
      const buffers = graph.run(
        graph.inputs.map((port) => rowBuffer(port, rows, first, count)),
        count,
      );
      for (let i = 0; i < count; i++) predictions.push(predictionAt(task, buffers, i));
    });
    return predictions;
  };

  const predictTable = (table: Table, rows: Int32Array = allRows(table)): Float32Array => {
    const scores = new Float32Array(rows.length);
    inChunks(rows.length, (first, count) => {
      const part = rows.subarray(first, first + count);
      const buffers = graph.run(
        graph.inputs.map((port) => tableBuffer(port, table, part)),
        count,
      );
      const [width, column] = task === 'regression' ? [1, 0] : [2, 1];
      const values = buffers[column] as Float32Array;
      for (let i = 0; i < count; i++) scores[first + i] = values[i * width + width - 1]!;
    });
    return scores;
  };

  return {
    task,
    inputs: graph.inputs.map(({ name, element }) => ({ name, kind: element === 'float' ? 'number' : 'category' })),
    outputs: graph.outputs.map(({ name }) => name),
    metadata: Object.fromEntries(proto.metadata.map(({ key, value }) => [key, value])),
    predict,
    predictTable,
  };
};

/**
 * Reads an untrusted ONNX model for prediction: allow-listed operators only, no external data, functions, subgraphs or other domains, and
 * bounded sizes. Everything is checked here, before any row is predicted. Throws the named errors of `errors.ts`, each saying where.
 */
export const loadOnnx = (bytes: Uint8Array, limits: Partial<OnnxLimits> = {}): OnnxModel => {
  const all = { ...DEFAULT_ONNX_LIMITS, ...limits };
  const proto = readModelProto(bytes, all);
  return modelOf(proto, compileGraph(proto, all), all);
};
