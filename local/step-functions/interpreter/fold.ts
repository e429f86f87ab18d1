import type { JsonObject } from '../../service.ts';
import { type Entry, OFF_CHAIN } from './entry.ts';
import {
  childLanguage,
  childProgram,
  type Execution,
  type Frame,
  languageOf,
  type MapRun,
  newFrame,
  type PendingTask,
} from './execution.ts';
import type { Failure } from './failure.ts';

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
  const apply = APPLY[entry.type] ?? STATE_EVENTS.find(([suffix]) => entry.type.endsWith(suffix))?.[1];
  if (!apply)
    throw new Error(`Execution ${execution.header.arn}: entry ${entry.seq} has the unknown type ${entry.type}.`);
  apply(execution, frame, entry, entry.details ?? {}, entry.memo ?? {});
  if (entry.id > 0 && !OFF_CHAIN.has(entry.type)) frame.lastEventId = entry.id;
}

const parse = (text: unknown): unknown => (text === undefined ? undefined : JSON.parse(text as string));

const entered: Apply = (_execution, frame, entry, details) => {
  const name = details.name as string;
  const definition = frame.program.States[name]!;
  frame.state = {
    name,
    definition,
    language: languageOf(frame, definition),
    input: parse(details.input),
    enteredAtMs: entry.at,
    enteredEventId: entry.id,
    enteredAfterEventId: entry.previousEventId,
    attempts: (definition.Retry ?? []).map(() => 0),
    retryCount: 0,
  };
  frame.phase = 'entered';
};

const exited: Apply = (_execution, frame, _entry, details, memo) => {
  for (const [name, text] of Object.entries((details.assignedVariables as Record<string, string>) ?? {})) {
    frame.variables[name] = parse(text);
  }
  frame.value = parse(details.output);
  dropChildren(_execution, frame);
  delete frame.state;
  delete frame.failure;
  if (typeof memo.next === 'string') {
    frame.phase = 'next';
    frame.nextState = memo.next;
  } else end(frame, _entry.id);
};

/** What comes after the state in its parent refers to the branch that was the last to end. */
function end(frame: Frame, eventId: number): void {
  frame.phase = 'ended';
  if (!frame.hidden && frame.parent?.state?.definition.Type === 'Parallel') frame.parent.lastEventId = eventId;
}

const failed: Apply = (_execution, frame, _entry, details, memo) =>
  fail(frame, {
    ...(details as Failure),
    ...(memo.heartbeat === true && { heartbeat: true }),
    ...(memo.final === true && { final: true }),
  });

function fail(frame: Frame, { error, cause, heartbeat, final }: Failure): void {
  frame.phase = 'failed';
  frame.failure = {
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(heartbeat && { heartbeat }),
    ...(final && { final }),
  };
  delete frame.state?.task;
  for (const child of frame.state?.children ?? []) stop(child);
}

/** Nothing in the frame goes on. What it was in is kept, for a redrive. */
function stop(frame: Frame): void {
  if (frame.phase === 'ended') return;
  frame.stopped = true;
  if (frame.phase !== 'broken') frame.phase = 'aborted';
  delete frame.state?.task;
  for (const child of frame.state?.children ?? []) stop(child);
}

const succeeded: Apply = (_execution, frame, _entry, details) => {
  frame.phase = 'result';
  frame.value = parse(details.output ?? 'null');
  delete frame.state?.task;
};

const scheduled: Apply = (_execution, frame, entry, details, memo) => {
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
  execution.frames.set(child.id, child);
  return child;
}

export const iterationId = (parent: Frame, index: number): string =>
  childId(parent.id, parent.state!.startedEventId!, index);

/** Runs the failed state again; of a Parallel or Map the branches that did not end, the others keep their results. */
function redrive(frame: Frame): void {
  const state = frame.state;
  if (!state) return;
  delete frame.failure;
  state.attempts.fill(0);
  state.retryCount = 0;
  delete state.failedWithin;
  delete state.task;
  delete state.untilMs;
  if (!state.children) {
    frame.phase = 'entered';
    return;
  }
  frame.phase = 'children';
  for (const child of state.children) {
    if (child.phase === 'ended') continue;
    delete child.reported;
    delete child.stopped;
    if (child.state) redrive(child);
    else child.phase = 'next';
  }
}

const APPLY: Readonly<Record<string, Apply>> = {
  ExecutionStarted: (execution, frame, entry, details, memo) => {
    execution.startedAtMs = entry.at;
    execution.inputText = details.input as string;
    execution.input = parse(details.input);
    if (typeof memo.timeoutAtMs === 'number') execution.timeoutAtMs = memo.timeoutAtMs;
    frame.value = execution.input;
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
    redrive(frame);
  },
  TaskScheduled: scheduled,
  LambdaFunctionScheduled: scheduled,
  ActivityScheduled: scheduled,
  TaskStarted: started,
  LambdaFunctionStarted: started,
  ActivityStarted: started,
  TaskSubmitted: (_execution, frame, entry, details) => {
    const task = frame.state!.task!;
    task.submitted = parse(details.output);
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
  FrameFailed: (_execution, frame) => {
    frame.phase = 'broken';
    if (frame.parent && !frame.hidden) frame.parent.lastEventId = frame.lastEventId;
  },
  FrameAborted: (_execution, frame) => stop(frame),
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
    for (const child of state.children) execution.frames.set(child.id, child);
    delete state.untilMs;
    frame.phase = 'children';
  },
  MapStateStarted: (execution, frame, entry, _details, memo) => {
    const state = frame.state!;
    dropChildren(execution, frame);
    state.startedEventId = entry.id;
    state.children = [];
    state.items = memo.items as unknown[];
    state.maxConcurrency = memo.maxConcurrency as number;
    delete state.untilMs;
    delete state.freedByEventId;
    delete state.mapRun;
    delete state.mapRunEnded;
    frame.phase = 'children';
  },
  MapRunStarted: (_execution, frame, _entry, _details, memo) => {
    frame.state!.mapRun = memo as MapRun;
  },
  MapRunSucceeded: (_execution, frame) => {
    delete frame.state!.mapRun;
    frame.state!.mapRunEnded = true;
  },
  MapRunFailed: (_execution, frame, entry, details) => {
    fail(frame, details as Failure);
    frame.state!.failedWithin = true;
    frame.lastEventId = entry.id;
  },
  MapIterationStarted: () => {},
  MapIterationSucceeded: (_execution, frame, entry) => {
    frame.reported = true;
    if (!frame.hidden) frame.parent!.lastEventId = entry.id;
    frame.parent!.state!.freedByEventId = frame.lastEventId;
  },
  MapIterationFailed: (_execution, frame) => {
    frame.reported = true;
  },
  MapIterationAborted: (_execution, frame) => {
    frame.reported = true;
  },
  ParallelStateSucceeded: (_execution, frame) => collect(frame),
  MapStateSucceeded: (_execution, frame) => collect(frame),
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
  ['StateAborted', (_execution, frame) => stop(frame)],
];
