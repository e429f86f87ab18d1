import type { ExecutionStatus } from '../interpreter/execution.ts';

const DAY_MS = 24 * 3_600_000;
/** https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html */
const REDRIVABLE_MS = 14 * DAY_MS;
const LONGEST_EXECUTION_MS = 365 * DAY_MS;
const MOST_EVENTS = 24_999;

/** What decides whether an execution can go on from where it failed. */
export interface RedriveFacts {
  readonly status: ExecutionStatus;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null | undefined;
  readonly lastEventId: number;
  readonly machineIsDeleting: boolean;
}

/** Why not, in AWS's words; undefined when it can. */
export function whyNotRedrivable(facts: RedriveFacts, nowMs: number): string | undefined {
  const { status, startedAtMs, stoppedAtMs } = facts;
  if (facts.machineIsDeleting) return 'State machine is in DELETING status';
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (facts.lastEventId >= MOST_EVENTS) return 'Execution history event limit exceeded';
  if (startedAtMs + LONGEST_EXECUTION_MS < nowMs) return 'Execution has exceeded the max execution time';
  if ((stoppedAtMs ?? nowMs) + REDRIVABLE_MS < nowMs) return 'Execution redrivable period exceeded';
  return undefined;
}

export const redriveMembers = (reason: string | undefined) =>
  reason === undefined
    ? ({ redriveStatus: 'REDRIVABLE' } as const)
    : ({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason } as const);
