import type { JsonObject } from '../../service.ts';
import { isDistributed } from '../asl.ts';
import { type Entry, OFF_CHAIN } from './entry.ts';
import {
  childLanguage,
  childProgram,
  type Execution,
  type Frame,
  languageOf,
  newFrame,
  type PendingTask,
  type Phase,
} from './execution.ts';
import type { Failure } from './failure.ts';
import type { MapRunSettings } from './map-run.ts';
import { parseResource } from './resource.ts';

type Apply = (execution: Execution, frame: Frame, entry: Entry, details: JsonObject, memo: JsonObject) => void;

/** Takes one entry into the state. Folding an execution's entries in order gives its state; there is no other way to it. */
export function fold(execution: Execution, entry: Entry): void {
  execution.lastSeq = entry.seq;
  if (entry.id > 0) execution.lastEventId = entry.id;
  const created = entry.type === 'MapIterationStarted' ? newIteration(execution, entry) : undefined;
  const frame = created ?? execution.frames.get(entry.frame);
  if (!frame)
    throw new Error(
      `Execution ${execution.header.arn}: entry ${entry.seq} (${entry.type}) is about frame ${entry.frame}, which there is not.`,
    );
  const apply = APPLY[entry.type] ?? stateEvent(entry.type);
  if (!apply)
    throw new Error(`Execution ${execution.header.arn}: entry ${entry.seq} has the unknown type ${entry.type}.`);
  apply(execution, frame, entry, entry.details ?? {}, entry.memo ?? {});
  if (entry.id > 0 && !OFF_CHAIN.has(entry.type)) frame.lastEventId = entry.id;
  // The execution's own time limit is the root's, whatever the root is in.
  if (WAITING.has(frame.phase) || frame === execution.root) execution.due.watch(execution, frame);
}

const WAITING: ReadonlySet<Phase> = new Set(['waiting', 'retrying', 'pending']);

const parse = (text: unknown): unknown => (text === undefined ? undefined : JSON.parse(text as string));

const entered: Apply = (execution, frame, entry, details) => {
  const name = details.name as string;
  const definition = frame.program.States[name]!;
  const text = details.input as string;
  frame.state = {
    name,
    definition,
    language: languageOf(frame, definition),
    // Values are never changed in place, so one that is handed on as it is needs no copy.
    input: text === frame.valueText ? frame.value : parse(text),
    inputText: text === frame.valueText || text !== execution.inputText ? text : undefined,
    enteredAtMs: entry.at,
    enteredEventId: entry.id,
    enteredAfterEventId: entry.previousEventId,
    attempts: (definition.Retry ?? []).map(() => 0),
    retryCount: 0,
  };
  frame.phase = 'entered';
};

const exited: Apply = (execution, frame, entry, details, memo) => {
  for (const [name, text] of Object.entries((details.assignedVariables as Record<string, string>) ?? {})) {
    frame.variables[name] = parse(text);
  }
  const { state } = frame;
  frame.value = details.output === state?.inputText ? state?.input : parse(details.output);
  frame.valueText = details.output as string;
  leaveTask(execution, frame);
  dropChildren(execution, frame);
  delete frame.state;
  delete frame.failure;
  if (typeof memo.next === 'string') {
    frame.phase = 'next';
    frame.nextState = memo.next;
  } else end(execution, frame, entry.id);
};

/** What comes after the state in its parent refers to the branch that was the last to end. */
function end(execution: Execution, frame: Frame, eventId: number): void {
  frame.phase = 'ended';
  if (frame.parent) leaveParent(execution, frame, frame.parent, 'unreported');
  if (frame.parent?.state?.definition.Type === 'Parallel') frame.parent.lastEventId = eventId;
}

/** The parent has one child less at work, and something to look at. */
function leaveParent(execution: Execution, frame: Frame, parent: Frame, as: 'unreported' | 'broken'): void {
  const state = parent.state!;
  state.running! -= 1;
  state[as]!.push(frame);
  execution.ready.add(parent);
}

function beginTask(execution: Execution, frame: Frame, seq: number): void {
  execution.tasks.set(seq, frame);
  execution.attended.add(seq);
  execution.begunTasks.push(seq);
}

function endTask(execution: Execution, seq: number): void {
  if (!execution.tasks.delete(seq)) return;
  execution.attended.delete(seq);
  execution.endedTasks.push(seq);
}

/** Nobody has to do the frame's task, or its map run, any more. */
function leaveTask(execution: Execution, frame: Frame): void {
  const { state } = frame;
  if (state?.mapRun) endTask(execution, state.mapRun.seq);
  if (!state?.task) return;
  endTask(execution, state.task.scheduledSeq);
  delete state.task;
}

const failed: Apply = (execution, frame, _entry, details, memo) =>
  fail(execution, frame, {
    ...(details as Failure),
    ...(memo.heartbeat === true && { heartbeat: true }),
    ...(memo.final === true && { final: true }),
  });

function fail(execution: Execution, frame: Frame, { error, cause, heartbeat, final }: Failure): void {
  if (frame.phase === 'pending' || frame.phase === 'map-run') execution.ready.add(frame);
  frame.phase = 'failed';
  frame.failure = {
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(heartbeat && { heartbeat }),
    ...(final && { final }),
  };
  leaveTask(execution, frame);
  for (const child of frame.state?.children ?? []) stop(execution, child);
}

/** Nothing in the frame goes on. What it was in is kept, for a redrive. */
function stop(execution: Execution, frame: Frame): void {
  if (frame.phase === 'ended') return;
  frame.stopped = true;
  if (frame.phase !== 'broken') frame.phase = 'aborted';
  leaveTask(execution, frame);
  for (const child of frame.state?.children ?? []) stop(execution, child);
}

const succeeded: Apply = (execution, frame, _entry, details) => {
  frame.phase = 'result';
  frame.value = parse(details.output ?? 'null');
  leaveTask(execution, frame);
  execution.ready.add(frame);
};

const scheduled: Apply = (execution, frame, entry, details, memo) => {
  const state = frame.state!;
  const heartbeatMs = memo.heartbeatMs as number | undefined;
  state.task = {
    scheduledSeq: entry.seq,
    kind: entry.type.replace('Scheduled', '') as PendingTask['kind'],
    resource: state.definition.Resource as string,
    input: parse(details.parameters ?? details.input),
    ...(typeof memo.credentials === 'string' && { credentials: memo.credentials }),
    ...(typeof memo.token === 'string' && { token: memo.token }),
    ...(typeof memo.timeoutAtMs === 'number' && { timeoutAtMs: memo.timeoutAtMs }),
    ...(heartbeatMs !== undefined && { heartbeatMs, heartbeatAtMs: entry.at + heartbeatMs }),
    started: false,
  };
  beginTask(execution, frame, entry.seq);
  delete state.untilMs;
  frame.phase = 'pending';
};

const started: Apply = (_execution, frame, entry) => {
  const task = frame.state!.task!;
  task.started = true;
  if (task.heartbeatMs !== undefined) task.heartbeatAtMs = entry.at + task.heartbeatMs;
};

const finished =
  (status: Execution['status']): Apply =>
  (execution, _frame, entry, details) => {
    execution.status = status;
    execution.stoppedAtMs = entry.at;
    if (status === 'SUCCEEDED') execution.output = parse(details.output);
    else execution.failure = details as Failure;
  };

function dropChildren(execution: Execution, frame: Frame): void {
  for (const child of frame.state?.children ?? []) {
    dropChildren(execution, child);
    leaveTask(execution, child);
    execution.frames.delete(child.id);
  }
  delete frame.state?.children;
}

const childId = (parent: string, startedEventId: number, index: number): string =>
  `${parent}.${startedEventId}.${index}`;

function newIteration(execution: Execution, entry: Entry): Frame {
  const parent = execution.frames.get((entry.memo as { parent: string }).parent)!;
  const state = parent.state!;
  const index = (entry.details as { index: number }).index;
  const program = childProgram(state.definition, index);
  const item = { Index: index, Value: state.items?.[index] };
  const child = newFrame(
    entry.frame,
    parent,
    index,
    program,
    childLanguage(program, parent),
    entry.memo?.input,
    entry.id,
    item,
  );
  state.children!.push(child);
  state.running! += 1;
  execution.frames.set(child.id, child);
  execution.ready.add(child);
  return child;
}

export const iterationId = (parent: Frame, index: number): string =>
  childId(parent.id, parent.state!.startedEventId!, index);

/** Runs the failed state again; of a Parallel or Map the branches that did not end, the others keep their results. */
function redrive(execution: Execution, frame: Frame): void {
  const state = frame.state;
  execution.ready.add(frame);
  if (!state) return;
  delete frame.failure;
  state.attempts.fill(0);
  state.retryCount = 0;
  delete state.failedWithin;
  leaveTask(execution, frame);
  delete state.untilMs;
  if (state.mapRun) {
    frame.phase = state.mapRun.succeeded ? 'run-ended' : 'run-redriven';
    return;
  }
  if (!state.children) {
    frame.phase = 'entered';
    return;
  }
  frame.phase = 'children';
  state.broken = [];
  state.unreported = state.children.filter((child) => child.phase === 'ended' && !child.reported);
  const again = state.children.filter((child) => child.phase !== 'ended');
  state.running = again.length;
  for (const child of again) {
    delete child.reported;
    delete child.stopped;
    if (!child.state) child.phase = 'next';
    redrive(execution, child);
  }
}

const APPLY: Readonly<Record<string, Apply>> = {
  ExecutionStarted: (execution, frame, entry, details, memo) => {
    execution.startedAtMs = entry.at;
    execution.inputText = details.input as string;
    execution.input = parse(details.input);
    if (typeof memo.timeoutAtMs === 'number') execution.timeoutAtMs = memo.timeoutAtMs;
    frame.value = execution.input;
    if (JSON.stringify(frame.value) === execution.inputText) frame.valueText = execution.inputText;
    execution.ready.add(frame);
    execution.due.watch(execution, frame);
  },
  ExecutionSucceeded: finished('SUCCEEDED'),
  ExecutionFailed: finished('FAILED'),
  ExecutionTimedOut: finished('TIMED_OUT'),
  ExecutionAborted: finished('ABORTED'),
  ExecutionRedriven: (execution, frame, entry, _details, memo) => {
    execution.status = 'RUNNING';
    execution.redriveCount += 1;
    execution.redrivenAtMs = entry.at;
    delete execution.stoppedAtMs;
    delete execution.failure;
    if (typeof memo.timeoutAtMs === 'number') execution.timeoutAtMs = memo.timeoutAtMs;
    redrive(execution, frame);
    execution.due.watch(execution, frame);
  },
  TaskScheduled: scheduled,
  LambdaFunctionScheduled: scheduled,
  ActivityScheduled: scheduled,
  TaskStarted: started,
  LambdaFunctionStarted: started,
  ActivityStarted: started,
  TaskSubmitted: (execution, frame, entry, details) => {
    const task = frame.state!.task!;
    task.submitted = parse(details.output);
    const resource = parseResource(task.resource);
    if (resource?.kind === 'Task' && resource.pattern === 'waitForTaskToken')
      execution.attended.delete(task.scheduledSeq);
    if (task.heartbeatMs !== undefined) task.heartbeatAtMs = entry.at + task.heartbeatMs;
  },
  HeartbeatReceived: (_execution, frame, entry) => {
    const task = frame.state?.task;
    if (task?.heartbeatMs !== undefined) task.heartbeatAtMs = entry.at + task.heartbeatMs;
  },
  TaskSucceeded: succeeded,
  LambdaFunctionSucceeded: succeeded,
  ActivitySucceeded: succeeded,
  TaskFailed: failed,
  TaskTimedOut: failed,
  TaskStartFailed: failed,
  TaskSubmitFailed: failed,
  LambdaFunctionFailed: failed,
  LambdaFunctionTimedOut: failed,
  ActivityFailed: failed,
  ActivityTimedOut: failed,
  EvaluationFailed: (execution, frame, entry, details, memo) => {
    // Of a Map whose items could not be evaluated AWS tells MapStateFailed too.
    const unstarted = frame.phase === 'entered' && frame.state!.definition.Type === 'Map';
    failed(execution, frame, entry, details, memo);
    if (unstarted) frame.state!.failedWithin = true;
  },
  StateFailed: (execution, frame, entry, details, memo) => {
    failed(execution, frame, entry, details, memo);
    if (memo.within === true) {
      frame.state!.failedWithin = true;
      frame.lastEventId = memo.previousEventId as number;
    }
  },
  WaitBegun: (_execution, frame, _entry, _details, memo) => {
    frame.phase = 'waiting';
    frame.state!.untilMs = memo.untilMs as number;
  },
  RetryBegun: (_execution, frame, _entry, _details, memo) => {
    const state = frame.state!;
    state.attempts[memo.retrier as number]! += 1;
    state.retryCount += 1;
    state.untilMs = memo.untilMs as number;
    delete state.failedWithin;
    delete frame.failure;
    frame.phase = 'retrying';
  },
  FrameFailed: (execution, frame) => {
    frame.phase = 'broken';
    if (frame.parent) leaveParent(execution, frame, frame.parent, 'broken');
    if (frame.parent) frame.parent.lastEventId = frame.lastEventId;
  },
  FrameAborted: (execution, frame) => stop(execution, frame),
  ParallelStateStarted: (execution, frame, entry, _details, memo) => {
    const state = frame.state!;
    dropChildren(execution, frame);
    state.startedEventId = entry.id;
    state.children = (state.definition.Branches ?? []).map((program, index) =>
      newFrame(
        childId(frame.id, entry.id, index),
        frame,
        index,
        program,
        childLanguage(program, frame),
        memo.input,
        entry.id,
        frame.mapItem,
      ),
    );
    for (const child of state.children) {
      execution.frames.set(child.id, child);
      execution.ready.add(child);
    }
    Object.assign(state, { running: state.children.length, unreported: [], broken: [] });
    delete state.untilMs;
    frame.phase = 'children';
  },
  MapStateStarted: (execution, frame, entry, _details, memo) => {
    const state = frame.state!;
    dropChildren(execution, frame);
    state.startedEventId = entry.id;
    Object.assign(state, { children: [], running: 0, unreported: [], broken: [] });
    state.items = memo.items as unknown[];
    state.maxConcurrency = memo.maxConcurrency as number;
    delete state.untilMs;
    delete state.freedByEventId;
    delete state.mapRun;
    frame.phase = isDistributed(state.definition) ? 'run-due' : 'children';
  },
  MapRunStarted: (execution, frame, entry, details, memo) => {
    execution.hasMapRuns = true;
    const settings = memo.settings as MapRunSettings;
    frame.state!.mapRun = { arn: details.mapRunArn as string, seq: entry.seq, settings, redriveCount: 0 };
    frame.phase = 'map-run';
    beginTask(execution, frame, entry.seq);
  },
  MapRunRedriven: (execution, frame, entry, details) => {
    const { arn, settings } = frame.state!.mapRun!;
    frame.state!.mapRun = { arn, settings, seq: entry.seq, redriveCount: details.redriveCount as number };
    frame.phase = 'map-run';
    beginTask(execution, frame, entry.seq);
  },
  MapRunSucceeded: (execution, frame, entry, _details, memo) => {
    leaveTask(execution, frame);
    execution.ready.add(frame);
    const run = frame.state!.mapRun!;
    run.endedEventId = entry.id;
    run.succeeded = true;
    frame.value = memo.result;
    frame.phase = 'run-ended';
  },
  MapRunFailed: (execution, frame, entry, details) => {
    execution.ready.add(frame);
    fail(execution, frame, details as Failure);
    frame.state!.failedWithin = true;
    frame.lastEventId = entry.id;
  },
  MapIterationStarted: () => {},
  MapIterationSucceeded: (_execution, frame, entry) => {
    frame.reported = true;
    const unreported = frame.parent!.state!.unreported!;
    if (unreported[0] === frame) unreported.shift();
    else unreported.splice(unreported.indexOf(frame), 1);
    frame.parent!.lastEventId = entry.id;
    frame.parent!.state!.freedByEventId = frame.lastEventId;
  },
  MapIterationFailed: (_execution, frame) => {
    frame.reported = true;
  },
  MapIterationAborted: (_execution, frame) => {
    frame.reported = true;
  },
  // TestState says what all branches or iterations come to, before the first of them.
  BranchesMocked: (execution, frame, _entry, _details, memo) => {
    dropChildren(execution, frame);
    frame.phase = 'result';
    frame.value = memo.result;
    execution.ready.add(frame);
  },
  ParallelStateSucceeded: (_execution, frame) => collect(frame),
  MapStateSucceeded: (_execution, frame) => {
    if (frame.phase === 'run-ended') frame.phase = 'result';
    else collect(frame);
  },
  ParallelStateFailed: (_execution, frame) => delete frame.state!.failedWithin,
  MapStateFailed: (_execution, frame) => delete frame.state!.failedWithin,
};

function collect(frame: Frame): void {
  const children = [...(frame.state?.children ?? [])].sort((left, right) => left.index - right.index);
  frame.value = children.filter((child) => child.phase === 'ended').map((child) => child.value);
  frame.phase = 'result';
}

const STATE_EVENTS: readonly (readonly [string, Apply])[] = [
  ['StateEntered', entered],
  ['StateExited', exited],
  ['StateAborted', (execution, frame) => stop(execution, frame)],
];

const stateEvent = (type: string): Apply | undefined => STATE_EVENTS.find(([suffix]) => type.endsWith(suffix))?.[1];
