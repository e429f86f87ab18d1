import { isDistributed } from '../asl.ts';
import { evaluationProblem, runtimeProblem } from '../language/problem.ts';
import type { Draft } from './entry.ts';
import type { Evaluation } from './evaluation.ts';
import type { Frame } from './execution.ts';
import { iterationId } from './fold.ts';
import { numberIn, toleratedFailures } from './map-run.ts';
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
  const items = language === 'JSONata' ? await jsonataItems(frame, evaluation) : jsonpathItems(frame, evaluation);
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
  const effective = evaluation.path(definition.InputPath, input);
  const items = evaluation.path(definition.ItemsPath, effective);
  if (!Array.isArray(items)) {
    throw runtimeProblem(`Reference path "${definition.ItemsPath ?? '$'}" must point to array.`);
  }
  return items;
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

/** The next thing to tell of a Parallel or Map that is under way; undefined while its branches are at work. */
export async function tendChildren(
  frame: Frame,
  evaluation: Evaluation,
  mapRunArn: () => string,
): Promise<Draft | undefined> {
  const state = frame.state!;
  const children = state.children!;
  const map = state.definition.Type === 'Map';
  const distributed = map && isDistributed(state.definition);
  if (distributed && !state.mapRun && !state.mapRunEnded) {
    const memo = await toleratedFailures(frame, evaluation);
    return { frame: frame.id, type: 'MapRunStarted', details: { mapRunArn: mapRunArn() }, memo: { ...memo } };
  }
  if (map) {
    const ended = children.find((child) => child.phase === 'ended' && !child.reported);
    if (ended) {
      return { frame: ended.id, type: 'MapIterationSucceeded', details: { index: ended.index, name: state.name } };
    }
  }
  const broken = children.filter((child) => child.phase === 'broken');
  if (broken.length > 0) {
    const ending = distributed ? endOfRun(frame, broken) : endAfter(frame, broken[0]!);
    if (ending) return ending;
  }
  if (map) {
    const running = children.filter((child) => child.phase !== 'ended' && child.phase !== 'broken').length;
    const items = state.items!;
    if (children.length < items.length && (state.maxConcurrency === 0 || running < state.maxConcurrency!)) {
      return startIteration(frame, children.length, evaluation);
    }
  }
  if (children.some((child) => child.phase !== 'ended' && child.phase !== 'broken')) return undefined;
  if (distributed && !state.mapRunEnded) return { frame: frame.id, type: 'MapRunSucceeded' };
  return { frame: frame.id, type: `${state.definition.Type}StateSucceeded` };
}

/** A distributed Map goes on while no more iterations failed than it tolerates. */
function endOfRun(frame: Frame, broken: readonly Frame[]): Draft | undefined {
  const state = frame.state!;
  const { toleratedCount, toleratedPercentage } = state.mapRun ?? {};
  const fresh = broken.find((child) => !child.reported);
  if (fresh) return { frame: fresh.id, type: 'MapIterationFailed', details: { index: fresh.index, name: state.name } };
  const percentage = (100 * broken.length) / state.items!.length;
  const tolerated =
    (toleratedCount !== undefined && broken.length <= toleratedCount) ||
    (toleratedPercentage !== undefined && percentage <= toleratedPercentage);
  if (tolerated) return undefined;
  const details = {
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  };
  return { frame: frame.id, type: 'MapRunFailed', details };
}

async function startIteration(frame: Frame, index: number, evaluation: Evaluation): Promise<Draft> {
  const state = frame.state!;
  const { definition, language, input } = state;
  const item = state.items![index];
  const context = { ...evaluation.context, Map: { Item: { Index: index, Value: item } } };
  const selector = definition.ItemSelector ?? definition.Parameters;
  let iterationInput = item;
  if (selector !== undefined) {
    iterationInput =
      language === 'JSONata'
        ? await evaluation.jsonata(selector, 'ItemSelector', evaluation.jsonataScope(input, {}, context))
        : evaluation.template(selector, evaluation.path(definition.InputPath, input), context);
  }
  return {
    frame: iterationId(frame, index),
    type: 'MapIterationStarted',
    details: { index, name: state.name },
    memo: { parent: frame.id, input: iterationInput },
    previousEventId: state.freedByEventId ?? state.startedEventId!,
  };
}

/** The states whose end by force AWS tells (`TaskStateAborted` …). */
const TOLD_WHEN_ABORTED = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** One branch failed: each that did not end is told of and stopped, the failed one first, and then the state has failed as it did. */
function endAfter(frame: Frame, broken: Frame): Draft {
  const state = frame.state!;
  const previousEventId = broken.lastEventId;
  const others = state.children!.filter((child) => child !== broken && child.phase !== 'ended');
  for (const child of [broken, ...others]) {
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
    details: { ...broken.failure },
    memo: { within: true, previousEventId },
  };
}
