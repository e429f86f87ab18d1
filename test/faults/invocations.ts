import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { RunReport } from './pipeline-invariants.ts';

/**
 * When each function was invoked, by its log group's lines in the store of a runtime that has stopped. Lines of the last
 * moments before a kill may be missing: there are never too many.
 */
export function invocationTimes(home: string, accountId: string): ReadonlyMap<string, readonly number[]> {
  const db = new DatabaseSync(join(home, accountId, 'store.db'));
  try {
    const times = new Map<string, number[]>();
    const rows = db.prepare(
      `SELECT log_group, at_ms FROM logs_entries WHERE message LIKE 'START RequestId%' OR message LIKE '%"platform.start"%'`,
    );
    for (const { log_group: group, at_ms: atMs } of rows.all()) {
      const name = (group as string).slice((group as string).lastIndexOf('/') + 1);
      times.set(name, [...(times.get(name) ?? []), atMs as number]);
    }
    if (times.size === 0) throw new Error(`the logs in ${home} tell of no invocation: nothing can be said about them`);
    return times;
  } finally {
    db.close();
  }
}

/** The states of both machines in which the same function does other runs' work as well. */
const SHARED = new Set(['ReconcileAudit']);

/** Functions that ran again for a task whose success was already in the history. */
export function ranAfterSuccess(
  { run, history }: RunReport,
  invoked: ReadonlyMap<string, readonly number[]>,
): string[] {
  return succeededTasks(history).flatMap(({ state, atMs }) => {
    if (SHARED.has(state)) return [];
    const name = `sluice-${run.environment}-${kebab(state)}`;
    const late = (invoked.get(name) ?? []).filter((startedMs) => startedMs > atMs);
    return late.map(
      (startedMs) => `${name} ran again ${startedMs - atMs} ms after ${state} of ${run.runId} had succeeded`,
    );
  });
}

function succeededTasks(history: readonly HistoryEvent[]): { state: string; atMs: number }[] {
  return history.flatMap((event) => {
    if (event.type !== 'TaskSucceeded' || event.taskSucceededEventDetails?.resourceType !== 'lambda') return [];
    let at: HistoryEvent | undefined = event;
    while (at && at.type !== 'TaskStateEntered') at = history[(at.previousEventId ?? 0) - 1];
    const state = at?.stateEnteredEventDetails?.name;
    return state === undefined ? [] : [{ state, atMs: event.timestamp?.getTime() ?? 0 }];
  });
}

const kebab = (state: string): string => state.replaceAll(/(?!^)([A-Z])/g, '-$1').toLowerCase();
