import type { JsonObject } from '../../service.ts';

/**
 * One entry of an execution's log. Most are history events as AWS shows them; notes (`id` 0) record what AWS keeps to itself,
 * such as when a retry is due. The execution's state is the fold of its entries, at every prefix.
 */
export interface Entry {
  /** 1, 2, 3 … within the execution, notes included. */
  readonly seq: number;
  /** The frame (branch, iteration) it is about; the root's is `0`. */
  readonly frame: string;
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The history's event id; 0 for a note. */
  readonly id: number;
  readonly previousEventId: number;
  /** The event's details object in AWS's shape, without what says that nothing of it was truncated. */
  readonly details: JsonObject | undefined;
  /** What the fold needs beside the details, which AWS does not show. */
  readonly memo: JsonObject | undefined;
}

/** An entry before the log gives it its place. */
export interface Draft {
  readonly frame: string;
  readonly type: string;
  readonly details?: JsonObject;
  readonly memo?: JsonObject;
  /** Defaults to the frame's last event. */
  readonly previousEventId?: number;
}

/** The notes: entries that are no history events. */
export const NOTES = new Set([
  'WaitBegun',
  'RetryBegun',
  'StateFailed',
  'FrameFailed',
  'FrameAborted',
  'HeartbeatReceived',
  'BranchesMocked',
]);

/** Events that stand beside the chain of previousEventIds: the next event of the frame refers to what was before them. */
export const OFF_CHAIN = new Set([
  'MapStateSucceeded',
  'ParallelStateSucceeded',
  'MapIterationFailed',
  'MapIterationSucceeded',
  'MapRunSucceeded',
  'ExecutionStarted',
  'TaskStateAborted',
  'WaitStateAborted',
  'ParallelStateAborted',
  'MapStateAborted',
  'MapIterationAborted',
]);

/** `TaskScheduled` → `taskScheduledEventDetails`, the member of a HistoryEvent that holds its details. */
export function detailsMember(type: string): string {
  const state = /^[A-Z][a-z]+State(Entered|Exited)$/.exec(type);
  const name = state ? `State${state[1]}` : type;
  return `${name[0]!.toLowerCase()}${name.slice(1)}EventDetails`;
}
