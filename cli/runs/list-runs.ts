import { type ExecutionListItem, type ExecutionStatus, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { Machine } from '../../domain/ports/workflows.ts';
import type { Connection } from '../target/connection.ts';
import { machines } from '../target/resource-names.ts';
import { describeRun } from './describe-run.ts';
import type { Run, RunStatus } from './run.ts';

export interface RunFilter {
  readonly status?: RunStatus | undefined;
  readonly model?: string | undefined;
  readonly limit: number;
}

const STATUS_FILTER: Readonly<Record<RunStatus, ExecutionStatus>> = {
  running: 'RUNNING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  'timed-out': 'TIMED_OUT',
  aborted: 'ABORTED',
};

/** Pages that are looked through for the runs of one model before giving up on older ones. */
const MOST_PAGES = 20;

/** Runs of both machines of an environment, newest first. */
export async function listRuns(connection: Connection, filter: RunFilter, nowMs: number): Promise<Run[]> {
  const perMachine = await Promise.all(machines.map((machine) => listOfMachine(connection, machine, filter, nowMs)));
  return newestFirst(perMachine.flat()).slice(0, filter.limit);
}

export const newestFirst = <T extends { readonly startedAt: string }>(runs: readonly T[]): T[] =>
  [...runs].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));

async function listOfMachine(
  connection: Connection,
  machine: Machine,
  { status, model, limit }: RunFilter,
  nowMs: number,
): Promise<Run[]> {
  const runs: Run[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES && runs.length < limit; page++) {
    const answer = await connection.stepFunctions.send(
      new ListExecutionsCommand({
        stateMachineArn: connection.names.machineArn[machine],
        maxResults: Math.min(100, model === undefined ? limit : 100),
        ...(status && { statusFilter: STATUS_FILTER[status] }),
        ...(nextToken && { nextToken }),
      }),
    );
    runs.push(
      ...(await described(connection, answer.executions ?? [], nowMs)).filter(
        (run) => model === undefined || run.model === model,
      ),
    );
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return runs;
}

/** The list does not tell inputs, and with them the model; each run is asked for its own. */
async function described(connection: Connection, items: readonly ExecutionListItem[], nowMs: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let start = 0; start < items.length; start += 10) {
    const some = items.slice(start, start + 10);
    const answers = await Promise.all(some.map((item) => describeRun(connection, item.name ?? '', nowMs)));
    runs.push(...answers.filter((run) => run !== undefined));
  }
  return runs;
}
