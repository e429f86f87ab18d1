import type { Entry } from '../interpreter/entry.ts';
import { type Execution, newExecution, ROOT } from '../interpreter/execution.ts';
import type { ExecutionLog, ExecutionRow } from './execution-log.ts';

/**
 * How an execution ends that the engine itself cannot go on with: the entry that says so, and its state as far as its row tells it.
 * Its log is not folded, since that may be what cannot be done.
 */
export function failedExecution(
  log: ExecutionLog,
  row: ExecutionRow,
  error: unknown,
  nowMs: number,
): { readonly execution: Execution; readonly entry: Entry } {
  const { lastSeq, lastEventId } = log.segments.end(row.key);
  const failure = {
    error: 'States.Runtime',
    cause: `An internal error of the local runtime: ${error instanceof Error ? error.message : String(error)}`,
  };
  const entry: Entry = {
    seq: lastSeq + 1,
    frame: ROOT,
    type: 'ExecutionFailed',
    at: nowMs,
    id: lastEventId + 1,
    previousEventId: lastEventId,
    details: failure,
    memo: undefined,
  };
  const execution: Execution = {
    ...newExecution(log.header(row)),
    status: 'FAILED',
    failure,
    startedAtMs: row.startedAtMs,
    stoppedAtMs: nowMs,
    input: JSON.parse(row.input),
    inputText: row.input,
    redriveCount: row.redriveCount,
    ...(row.redrivenAtMs !== null && { redrivenAtMs: row.redrivenAtMs }),
    // Whatever it waited for is over with it.
    hasMapRuns: true,
  };
  return { execution, entry };
}
