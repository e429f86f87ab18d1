import { IntrinsicSyntaxError } from '../language/intrinsic-syntax.ts';
import { JsonPathSyntaxError } from '../language/jsonpath-syntax.ts';
import { Problem, runtimeProblem } from '../language/problem.ts';
import { startMap, startParallel, tendChildren } from './branching-states.ts';
import type { Draft, Entry } from './entry.ts';
import { NOTES } from './entry.ts';
import { handleFailure } from './error-handling.ts';
import { Evaluation, type InterpreterEnvironment } from './evaluation.ts';
import { type Execution, type Frame, hidesChildren } from './execution.ts';
import { failureDetails } from './failure.ts';
import { fold } from './fold.ts';
import { payloadText, problemDraft } from './outcome.ts';
import { parseResource } from './resource.ts';
import { leaveWithInput, leaveWithResult, runChoice, runFail, runPass, runWait } from './simple-states.ts';
import { scheduleTask } from './task-state.ts';

/** The most events a history may have. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const HISTORY_LIMIT = 25_000;

/** Gives a draft its place in the log and takes it into the state. */
export function record(execution: Execution, draft: Draft, atMs: number): Entry {
  const note = NOTES.has(draft.type);
  const frame = execution.frames.get(draft.frame);
  const parent = execution.frames.get(String(draft.memo?.parent));
  const hidden = frame ? frame.hidden : parent !== undefined && hidesChildren(parent);
  const entry: Entry = {
    seq: execution.lastSeq + 1,
    frame: draft.frame,
    type: draft.type,
    at: atMs,
    id: note || hidden ? 0 : execution.lastEventId + 1,
    previousEventId: note || hidden ? 0 : (draft.previousEventId ?? frame?.lastEventId ?? 0),
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
  const queue: Frame[] = framesOf(execution.root);
  for (let frame = queue.shift(); frame && execution.status === 'RUNNING'; frame = queue.shift()) {
    // A frame that a retry replaced is not the one the log speaks of any more.
    if (execution.frames.get(frame.id) !== frame) continue;
    for (;;) {
      const draft = await decide(execution, frame, environment);
      if (!draft) break;
      const entry = record(execution, limited(execution, draft), environment.clock.now());
      const go = onEntry(entry);
      const touched = execution.frames.get(draft.frame);
      if (draft.type === 'ParallelStateStarted') queue.push(...frame.state!.children!);
      else if (touched && touched !== frame && !queue.includes(touched)) queue.push(touched);
      if (execution.status !== 'RUNNING' || !go) return;
    }
    if (frame.parent && (frame.phase === 'ended' || frame.phase === 'broken') && !queue.includes(frame.parent)) {
      queue.push(frame.parent);
    }
  }
}

function framesOf(frame: Frame): Frame[] {
  return [...(frame.state?.children ?? []).flatMap(framesOf), frame];
}

/** The 25,000th event is the end of the execution, whatever it would have been. */
function limited(execution: Execution, draft: Draft): Draft {
  const counted = !NOTES.has(draft.type) && !execution.frames.get(draft.frame)?.hidden;
  if (!counted || execution.lastEventId < HISTORY_LIMIT - 1 || draft.type.startsWith('Execution')) return draft;
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
async function decide(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
): Promise<Draft | undefined> {
  try {
    return await decideOrThrow(execution, frame, environment);
  } catch (error) {
    const syntax = error instanceof JsonPathSyntaxError || error instanceof IntrinsicSyntaxError;
    const problem = syntax ? runtimeProblem(error.message) : error;
    if (!(problem instanceof Problem)) throw error;
    if (frame.phase === 'ended')
      return { frame: frame.id, type: 'ExecutionFailed', details: { error: problem.error, cause: problem.message } };
    const draft = problemDraft(frame, problem);
    return frame.phase === 'failed' ? { ...draft, memo: { final: true } } : draft;
  }
}

async function decideOrThrow(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
): Promise<Draft | undefined> {
  const nowMs = environment.clock.now();
  const root = frame === execution.root;
  if (root && execution.timeoutAtMs !== undefined && nowMs >= execution.timeoutAtMs) {
    return { frame: frame.id, type: 'ExecutionTimedOut', details: { error: 'States.Timeout' } };
  }
  const evaluation = () => new Evaluation(execution, frame, environment);
  switch (frame.phase) {
    case 'next': {
      const name = frame.nextState;
      const input = JSON.stringify(frame.value);
      const text = root && frame.value === execution.input ? execution.inputText : input;
      return {
        frame: frame.id,
        type: `${frame.program.States[name]!.Type}StateEntered`,
        details: { name, input: text, inputDetails: { truncated: false } },
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
      return tendChildren(frame, evaluation(), () => mapRunArn(execution, frame, environment));
    case 'result':
      return leaveWithResult(frame, evaluation(), frame.value);
    case 'failed':
      return handleFailure(execution, frame, environment);
    case 'ended':
      return root
        ? {
            frame: frame.id,
            type: 'ExecutionSucceeded',
            details: { output: payloadText(frame.value, 'execution'), outputDetails: { truncated: false } },
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

function begin(execution: Execution, frame: Frame, environment: InterpreterEnvironment): Promise<Draft> {
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
export function nextDue(execution: Execution): number | undefined {
  let due = execution.timeoutAtMs ?? Number.POSITIVE_INFINITY;
  for (const frame of execution.frames.values()) {
    const state = frame.state;
    if (frame.phase === 'waiting' || frame.phase === 'retrying') due = Math.min(due, state!.untilMs!);
    if (frame.phase === 'pending') {
      due = Math.min(due, state!.task!.timeoutAtMs ?? due, state!.task!.heartbeatAtMs ?? due);
    }
  }
  return Number.isFinite(due) ? due : undefined;
}

/** `arn:…:mapRun:MACHINE/LABEL:UUID` */
function mapRunArn(execution: Execution, frame: Frame, { ids }: InterpreterEnvironment): string {
  const label = frame.state!.definition.Label ?? ids.uuid();
  return `${execution.header.stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${ids.uuid()}`;
}
