import { evaluationProblem, runtimeProblem } from '../language/problem.ts';
import type { Draft } from './entry.ts';
import type { Evaluation } from './evaluation.ts';
import type { Frame } from './execution.ts';
import { iterationId } from './fold.ts';
import { mapRunSettings, numberIn } from './map-run.ts';
import { unexpectedType } from './simple-states.ts';

export async function startParallel(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  const argument =
    language === 'JSONata'
      ? definition.Arguments === undefined
        ? input
        : await evaluation.jsonata(definition.Arguments, 'Arguments', evaluation.jsonataScope(input))
      : template(evaluation, definition.Parameters, evaluation.path(definition.InputPath, input));
  return { frame: frame.id, type: 'ParallelStateStarted', memo: { input: argument } };
}

const template = (evaluation: Evaluation, parameters: unknown, input: unknown): unknown =>
  parameters === undefined ? input : evaluation.template(parameters, input);

export async function startMap(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  // What an ItemReader reads are not the state's own items: they are counted when the run has read them.
  const items =
    definition.ItemReader !== undefined
      ? []
      : language === 'JSONata'
        ? await jsonataItems(frame, evaluation)
        : jsonpathItems(frame, evaluation);
  const maxConcurrency =
    language === 'JSONata'
      ? await jsonataConcurrency(frame, evaluation)
      : jsonpathConcurrency(
          definition.MaxConcurrency,
          definition.MaxConcurrencyPath,
          evaluation,
          evaluation.path(definition.InputPath, input),
        );
  return {
    frame: frame.id,
    type: 'MapStateStarted',
    details: { length: items.length },
    memo: { items, maxConcurrency },
  };
}

async function jsonataItems(frame: Frame, evaluation: Evaluation): Promise<readonly unknown[]> {
  const { definition, input } = frame.state!;
  if (definition.Items === undefined) {
    if (Array.isArray(input)) return input;
    throw evaluationProblem(`Map state input must be an array but was: ${JSON.stringify(input)}`);
  }
  const items = await evaluation.jsonata(definition.Items, 'Items', evaluation.jsonataScope(input));
  if (!Array.isArray(items)) throw unexpectedType(definition.Items, 'Items', 'array', items);
  return items;
}

function jsonpathItems(frame: Frame, evaluation: Evaluation): readonly unknown[] {
  const { definition, input } = frame.state!;
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
  const items = evaluation.path(definition.ItemsPath, effective);
  if (!Array.isArray(items)) {
    // AWS names a path into the context object as one into the input.
    const path = (definition.ItemsPath ?? '$').replace(/^\$\$/, '$');
    throw runtimeProblem(`Reference path "${path}" must point to array.`);
  }
  return evaluation.at('afterItemsPath', items);
}

async function jsonataConcurrency(frame: Frame, evaluation: Evaluation): Promise<number> {
  const { definition, input } = frame.state!;
  if (definition.MaxConcurrency === undefined) return 0;
  const value = await evaluation.jsonataField(
    definition.MaxConcurrency,
    'MaxConcurrency',
    evaluation.jsonataScope(input),
  );
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw unexpectedType(definition.MaxConcurrency, 'MaxConcurrency', 'integer', value);
  if (value < 0) throw evaluationProblem('MaxConcurrency cannot be negative.', 'MaxConcurrency');
  return value;
}

function jsonpathConcurrency(
  literal: unknown,
  path: string | undefined,
  evaluation: Evaluation,
  input: unknown,
): number {
  if (path === undefined) return (literal as number | undefined) ?? 0;
  const value = evaluation.path(path, input);
  const number = numberIn(value);
  if (typeof number !== 'number' || !Number.isInteger(number)) {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeProblem(
      `The MaxConcurrencyPath field refers to value "${shown}" which is not a valid integer: ${path}`,
    );
  }
  if (number < 0) throw runtimeProblem('MaxConcurrency cannot be negative.');
  return number;
}

/** A distributed Map leaves its items to a map run, which has rows and executions of its own. */
export async function startMapRun(frame: Frame, evaluation: Evaluation, mapRunArn: string): Promise<Draft> {
  const settings = await mapRunSettings(frame, evaluation);
  const { maxConcurrency } = frame.state!;
  return { frame: frame.id, type: 'MapRunStarted', details: { mapRunArn }, memo: { maxConcurrency, settings } };
}

/** The next thing to tell of a Parallel or Map that is under way; undefined while its branches are at work. */
export function tendChildren(frame: Frame, evaluation: Evaluation): Draft | undefined | Promise<Draft> {
  const state = frame.state!;
  const children = state.children!;
  const map = state.definition.Type === 'Map';
  const ended = map ? state.unreported![0] : undefined;
  if (ended) {
    return { frame: ended.id, type: 'MapIterationSucceeded', details: { index: ended.index, name: state.name } };
  }
  const broken = state.broken![0];
  if (broken) return endAfter(frame, broken);
  if (map && children.length < state.items!.length) {
    const free = state.maxConcurrency === 0 || state.running! < state.maxConcurrency!;
    if (free) return startIteration(frame, children.length, evaluation);
  }
  if (state.running! > 0) return undefined;
  return { frame: frame.id, type: `${state.definition.Type}StateSucceeded` };
}

function startIteration(frame: Frame, index: number, evaluation: Evaluation): Draft | Promise<Draft> {
  const state = frame.state!;
  const input = iterationInput(frame, index, state.items![index], evaluation);
  const begin = (value: unknown): Draft => ({
    frame: iterationId(frame, index),
    type: 'MapIterationStarted',
    details: { index, name: state.name },
    memo: { parent: frame.id, input: value },
    previousEventId: state.freedByEventId ?? state.startedEventId!,
  });
  return input instanceof Promise ? input.then(begin) : begin(input);
}

/** What ItemSelector makes of an item, at once where that can be; the item itself where there is none. Throws Problem. */
export function iterationInput(
  frame: Frame,
  index: number,
  item: unknown,
  evaluation: Evaluation,
  source?: string,
): unknown {
  const { definition, language, input } = frame.state!;
  const selector = definition.ItemSelector ?? definition.Parameters;
  if (selector === undefined) return item;
  const context = {
    ...evaluation.context,
    Map: { Item: { Index: index, Value: item, ...(source !== undefined && { Source: source }) } },
  };
  return language === 'JSONata'
    ? evaluation.jsonata(selector, 'ItemSelector', evaluation.jsonataScope(input, {}, context))
    : evaluation.template(selector, evaluation.path(definition.InputPath, input), context);
}

/** The states whose end by force AWS tells (`TaskStateAborted` …). */
const TOLD_WHEN_ABORTED = new Set(['Task', 'Wait', 'Parallel', 'Map']);

function* withFirst(first: Frame, all: readonly Frame[]): Generator<Frame> {
  yield first;
  for (const one of all) if (one !== first) yield one;
}

/** One branch failed: each that did not end is told of and stopped, the failed one first, and then the state has failed as it did. */
function endAfter(frame: Frame, broken: Frame): Draft {
  const state = frame.state!;
  const previousEventId = broken.lastEventId;
  for (const child of withFirst(broken, state.children!)) {
    if (child.phase === 'ended') continue;
    if (state.definition.Type === 'Map' && !child.reported) {
      const type = child === broken ? 'MapIterationFailed' : 'MapIterationAborted';
      return { frame: child.id, type, details: { index: child.index, name: state.name }, previousEventId };
    }
    if (child.stopped) continue;
    const type = child.state?.definition.Type;
    if (type && TOLD_WHEN_ABORTED.has(type)) return { frame: child.id, type: `${type}StateAborted`, previousEventId };
    if (child !== broken) return { frame: child.id, type: 'FrameAborted' };
  }
  return {
    frame: frame.id,
    type: 'StateFailed',
    // What was final for a state of the branch is put to the Retry and Catch around it.
    details: { ...broken.failure, final: undefined },
    memo: { within: true, previousEventId },
  };
}
