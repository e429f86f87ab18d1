import { ROOT } from '../interpreter/execution.ts';
import type { Command } from './actor.ts';

/** Goes on from the state that failed; the history is kept and gets longer. */
export const redriveExecution =
  (nowMs: number, clientToken?: string): Command =>
  (execution) => {
    if (execution.status === 'RUNNING' || execution.status === 'SUCCEEDED') return undefined;
    const { TimeoutSeconds: seconds } = execution.header.definition;
    return [
      {
        frame: ROOT,
        type: 'ExecutionRedriven',
        details: { redriveCount: execution.redriveCount + 1 },
        memo: {
          ...(seconds !== undefined && { timeoutAtMs: nowMs + seconds * 1000 }),
          ...(clientToken !== undefined && { clientToken }),
        },
        previousEventId: execution.lastEventId,
      },
    ];
  };

/** Ends it where it stands. One that has ended is left as it is. */
export const abortExecution =
  (details: { readonly error?: string; readonly cause?: string } = {}): Command =>
  (execution) =>
    execution.status === 'RUNNING'
      ? [{ frame: ROOT, type: 'ExecutionAborted', details, previousEventId: 0 }]
      : undefined;
