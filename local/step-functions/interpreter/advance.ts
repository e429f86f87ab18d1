import { IntrinsicSyntaxError } from '../language/intrinsic-syntax.ts';
import { JsonPathSyntaxError } from '../language/jsonpath-syntax.ts';
import { Problem, runtimeProblem } from '../language/problem.ts';
import { startMap, startMapRun, startParallel, tendChildren } from './branching-states.ts';
import type { Draft, Entry } from './entry.ts';
import { NOTES } from './entry.ts';
import { handleFailure } from './error-handling.ts';
import { Evaluation, type InterpreterEnvironment } from './evaluation.ts';
import type { Execution, Frame } from './execution.ts';
import { failureDetails } from './failure.ts';
import { fold } from './fold.ts';
import { payloadText, problemDraft } from './outcome.ts';
import { parseResource } from './resource.ts';
import { leaveWithInput, leaveWithResult, runChoice, runFail, runPass, runWait } from './simple-states.ts';
import { scheduleTask } from './task-state.ts';

/** The most events a history may have. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const HISTORY_LIMIT = 25_000;

/** Gives a draft its place in the log and takes it into the state. */
export function record(execution: Execution, wanted: Draft, atMs: number): Entry {
  const draft = limited(execution, wanted);
  const note = NOTES.has(draft.type);
  const frame = execution.frames.get(draft.frame);
  const entry: Entry = {
    seq: execution.lastSeq + 1,
    frame: draft.frame,
    type: draft.type,
    at: atMs,
    id: note ? 0 : execution.lastEventId + 1,
    previousEventId: note ? 0 : (draft.previousEventId ?? frame?.lastEventId ?? 0),
    details: draft.details,
    memo: draft.memo,
  };
  fold(execution, entry);
  return entry;
}

/**
 * Takes the execution as far as it goes without anybody else: until it has ended or every frame waits for a time, a task
 * or its branches. `onEntry` sees each entry as it is made. Stops early when `onEntry` says so (`false`).
 */
export async function advance(
  execution: Execution,
  environment: InterpreterEnvironment,
  onEntry: (entry: Entry) => boolean,
): Promise<void> {
  const due = execution.due.take(execution, environment.clock.now());
  if (due.length > 0) execution.ready.restore(due);
  while (execution.status === 'RUNNING') {
    const frame = execution.ready.first(execution);
    if (!frame) return;
    const nowMs = environment.clock.now();
    const decided = decide(execution, frame, environment, nowMs);
    const draft = decided instanceof Promise ? await decided : decided;
    if (!draft) execution.ready.dropFirst();
    else if (!onEntry(record(execution, draft, nowMs))) return;
  }
}

/** The 25,000th event is the end of the execution, whatever it would have been. */
function limited(execution: Execution, draft: Draft): Draft {
  const counted = !NOTES.has(draft.type);
  if (!counted || execution.lastEventId < HISTORY_LIMIT - 1 || draft.type.startsWith('Execution')) return draft;
  // Express executions have no history that could be full.
  if (execution.header.arn.split(':')[5] === 'express') return draft;
  return {
    frame: execution.root.id,
    type: 'ExecutionFailed',
    details: {
      error: 'States.Runtime',
      cause: `The execution reached the maximum number of history events (${HISTORY_LIMIT}).`,
    },
  };
}

/** What is next for a frame; undefined when it waits. Pure but for the clock, ids and randomness of the environment. */
function decide(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
  nowMs: number,
): Draft | undefined | Promise<Draft | undefined> {
  try {
    const decided = decideOrThrow(execution, frame, environment, nowMs);
    return decided instanceof Promise ? decided.catch((error: unknown) => draftOfError(frame, error)) : decided;
  } catch (error) {
    return draftOfError(frame, error);
  }
}

/** What the log says of an error of the state machine; other errors are thrown on. */
function draftOfError(frame: Frame, error: unknown): Draft {
  const syntax = error instanceof JsonPathSyntaxError || error instanceof IntrinsicSyntaxError;
  // Data that an expression nested deeper than anybody can write down: the state's fault, not the engine's.
  const tooDeep = error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
  const problem = syntax
    ? runtimeProblem(error.message)
    : tooDeep
      ? runtimeProblem('The data is nested too deep.')
      : error;
  if (!(problem instanceof Problem)) throw error;
  if (frame.phase === 'ended')
    return { frame: frame.id, type: 'ExecutionFailed', details: { error: problem.error, cause: problem.message } };
  const draft = problemDraft(frame, problem);
  return frame.phase === 'failed' ? { ...draft, memo: { final: true } } : draft;
}

function decideOrThrow(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
  nowMs: number,
): Draft | undefined | Promise<Draft | undefined> {
  const root = frame === execution.root;
  if (root && execution.timeoutAtMs !== undefined && nowMs >= execution.timeoutAtMs) {
    return { frame: frame.id, type: 'ExecutionTimedOut', details: { error: 'States.Timeout' } };
  }
  const evaluation = () => new Evaluation(execution, frame, environment);
  switch (frame.phase) {
    case 'next': {
      const name = frame.nextState;
      const given = root && frame.value === execution.input ? execution.inputText : frame.valueText;
      const text = given ?? JSON.stringify(frame.value);
      return {
        frame: frame.id,
        type: `${frame.program.States[name]!.Type}StateEntered`,
        details: { name, input: text },
      };
    }
    case 'entered':
      return begin(execution, frame, environment);
    case 'waiting':
      return nowMs >= frame.state!.untilMs! ? leaveWithInput(frame, evaluation()) : undefined;
    case 'retrying':
      return nowMs >= frame.state!.untilMs! ? begin(execution, frame, environment) : undefined;
    case 'pending':
      return timeoutOf(frame, nowMs);
    case 'children':
      return tendChildren(frame, evaluation());
    case 'run-due':
      return startMapRun(frame, evaluation(), mapRunArn(execution, frame, environment));
    case 'map-run':
      return undefined;
    case 'run-redriven': {
      const { arn, redriveCount } = frame.state!.mapRun!;
      return { frame: frame.id, type: 'MapRunRedriven', details: { mapRunArn: arn, redriveCount: redriveCount + 1 } };
    }
    case 'run-ended': {
      const previousEventId = frame.state!.mapRun!.endedEventId;
      return { frame: frame.id, type: 'MapStateSucceeded', ...(previousEventId !== undefined && { previousEventId }) };
    }
    case 'result':
      return leaveWithResult(frame, evaluation(), frame.value);
    case 'failed':
      return handleFailure(execution, frame, environment);
    case 'ended':
      return root
        ? {
            frame: frame.id,
            type: 'ExecutionSucceeded',
            details: { output: payloadText(frame.value, 'execution') },
          }
        : undefined;
    case 'broken':
      return root
        ? { frame: frame.id, type: 'ExecutionFailed', details: failureDetails(frame.failure ?? {}) }
        : undefined;
    case 'aborted':
      return undefined;
  }
}

function begin(execution: Execution, frame: Frame, environment: InterpreterEnvironment): Draft | Promise<Draft> {
  const evaluation = new Evaluation(execution, frame, environment);
  switch (frame.state!.definition.Type) {
    case 'Pass':
      return runPass(frame, evaluation);
    case 'Task':
      return scheduleTask(execution, frame, environment);
    case 'Choice':
      return runChoice(frame, evaluation);
    case 'Wait':
      return runWait(frame, evaluation);
    case 'Succeed':
      return leaveWithInput(frame, evaluation);
    case 'Fail':
      return runFail(frame, evaluation);
    case 'Parallel':
      return startParallel(frame, evaluation);
    case 'Map':
      return startMap(frame, evaluation);
  }
}

function timeoutOf(frame: Frame, nowMs: number): Draft | undefined {
  const { task, definition } = frame.state!;
  const late = task!.timeoutAtMs !== undefined && nowMs >= task!.timeoutAtMs;
  const silent = task!.heartbeatAtMs !== undefined && nowMs >= task!.heartbeatAtMs;
  if (!late && !silent) return undefined;
  const names = parseResource(definition.Resource!);
  return {
    frame: frame.id,
    type: `${task!.kind}TimedOut`,
    details: {
      error: 'States.Timeout',
      ...(names?.kind === 'Task' && { resource: names.resource, resourceType: names.resourceType }),
    },
    ...(silent && !late && { memo: { heartbeat: true } }),
  };
}

/** The earliest time at which something is due by itself; undefined when nothing is. */
export const nextDue = (execution: Execution): number | undefined =>
  execution.status === 'RUNNING' ? execution.due.next(execution) : undefined;

/** `arn:…:mapRun:MACHINE/LABEL:UUID` */
function mapRunArn(execution: Execution, frame: Frame, { ids }: InterpreterEnvironment): string {
  const label = frame.state!.definition.Label ?? ids.uuid();
  return `${execution.header.stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${ids.uuid()}`;
}
