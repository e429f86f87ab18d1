import { isDeepStrictEqual } from 'node:util';
import { type HistoryEvent, ListExecutionsCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { patiently } from '../patiently.ts';
import { ARN, CHILDREN_OF_EACH, expectedOutput } from './load.ts';
import { type LoadClients, readHistory, type Started } from './load-clients.ts';
import type { LoadWorld } from './load-world.ts';

const TERMINAL = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/;

/** What is wrong after everything has ended, in words. */
export async function problemsOfLoad(world: LoadWorld, clients: LoadClients): Promise<string[]> {
  const problems: string[] = [];
  const histories = new Map<string, readonly HistoryEvent[]>();
  for (const started of clients.started) {
    const history = await readHistory(world.client, started.arn);
    histories.set(started.arn, history);
    problems.push(...problemsOfExecution(started, history, clients));
  }
  for (const arn of await childrenOf(world, clients, problems)) {
    const history = await readHistory(world.client, arn);
    histories.set(arn, history);
    problems.push(...problemsOfHistory(arn, history));
    if (history.at(-1)?.type !== 'ExecutionSucceeded') problems.push(`${arn} ended with ${history.at(-1)?.type}`);
  }
  problems.push(...ranAfterSuccess(world, histories), ...(await unheard(world, clients)));
  return problems;
}

function problemsOfExecution({ arn, n }: Started, history: readonly HistoryEvent[], clients: LoadClients): string[] {
  const problems = problemsOfHistory(arn, history);
  const end = clients.ends.get(arn);
  if (end?.status !== 'SUCCEEDED') problems.push(`${arn} is ${end?.status}: ${end?.error} ${end?.cause}`);
  else if (!isDeepStrictEqual(JSON.parse(end.output ?? 'null'), expectedOutput(n)))
    problems.push(`${arn} ended with ${end.output}, not with ${JSON.stringify(expectedOutput(n))}`);
  const changed = (clients.seen.get(arn) ?? []).findIndex((event, at) => !isDeepStrictEqual(history[at], event));
  if (changed >= 0) problems.push(`${arn}: event ${changed + 1} is not what it was`);
  return problems;
}

function problemsOfHistory(arn: string, history: readonly HistoryEvent[]): string[] {
  const problems: string[] = [];
  const gap = history.findIndex(({ id }, at) => id !== at + 1);
  if (gap >= 0) problems.push(`${arn}: event ${gap + 1} has the id ${history[gap]?.id}`);
  const odd = history.find(({ id, previousEventId }) => (previousEventId ?? 0) >= (id ?? 0));
  if (odd) problems.push(`${arn}: event ${odd.id} comes after event ${odd.previousEventId}`);
  const ends = history.filter(({ type }) => TERMINAL.test(type ?? ''));
  if (ends.length !== 1 || history.at(-1) !== ends[0])
    problems.push(`${arn} ended ${ends.length} times: ${ends.map(({ id, type }) => `${id} ${type}`).join(', ')}`);
  return problems;
}

/** The nested executions and those of the map runs: as many as there must be, however often the runtime was killed. */
async function childrenOf(world: LoadWorld, clients: LoadClients, problems: string[]): Promise<string[]> {
  const { client } = world;
  const list = async (of: { stateMachineArn: string } | { mapRunArn: string }) => {
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(new ListExecutionsCommand({ ...of, maxResults: 1000, nextToken }));
      arns.push(...(page.executions ?? []).map(({ executionArn }) => executionArn as string));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    return arns;
  };
  const nested = await list({ stateMachineArn: ARN.child });
  const expected = clients.started.length * CHILDREN_OF_EACH.nested;
  if (nested.length !== expected) problems.push(`there are ${nested.length} nested executions, not ${expected}`);
  const spread: string[] = [];
  for (const { arn } of clients.started) {
    const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn: arn }));
    if (mapRuns.length !== 1) problems.push(`${arn} has ${mapRuns.length} map runs`);
    for (const { mapRunArn } of mapRuns) {
      const children = await list({ mapRunArn: mapRunArn as string });
      if (children.length !== CHILDREN_OF_EACH.spread) problems.push(`${mapRunArn} has ${children.length} executions`);
      spread.push(...children);
    }
  }
  return [...nested, ...spread];
}

/**
 * Functions that were invoked for a task whose success was in a history by then. A task that is called back may be answered (by who has its
 * token from before a kill) while the runtime, which asked for it again, still loads the function: only a later process must know.
 */
function ranAfterSuccess(world: LoadWorld, histories: ReadonlyMap<string, readonly HistoryEvent[]>): string[] {
  const invoked = new Map<string, number[]>();
  for (const { key, atMs } of world.records<{ key: string; atMs: number }>('invocations'))
    invoked.set(key, [...(invoked.get(key) ?? []), atMs]);
  const problems: string[] = [];
  let tasks = 0;
  for (const [arn, history] of histories) {
    for (const { key, atMs, callsBack } of successes(history)) {
      tasks++;
      const times = invoked.get(key);
      if (!times) problems.push(`${arn}: no invocation was written down for ${key}`);
      const isLate = (time: number) =>
        time > atMs && (!callsBack || world.startsMs.some((startMs) => startMs > atMs && startMs <= time));
      for (const late of times?.filter(isLate) ?? [])
        problems.push(`${arn}: ${key} ran again ${late - atMs} ms after its success`);
    }
  }
  if (tasks === 0 && histories.size > 0) problems.push('the histories tell of no task: nothing can be said about them');
  return problems;
}

function* successes(history: readonly HistoryEvent[]): Generator<{ key: string; atMs: number; callsBack: boolean }> {
  for (const event of history) {
    if (event.type !== 'TaskSucceeded' && event.type !== 'LambdaFunctionSucceeded') continue;
    let at: HistoryEvent | undefined = event;
    while (at && !/Scheduled$/.test(at.type ?? '')) at = history[(at.previousEventId ?? 0) - 1];
    const text = at?.taskScheduledEventDetails?.parameters ?? at?.lambdaFunctionScheduledEventDetails?.input ?? '{}';
    const { Payload, key = Payload?.key } = JSON.parse(text) as { Payload?: { key?: string }; key?: string };
    const callsBack = at?.taskScheduledEventDetails?.resource?.endsWith('.waitForTaskToken') ?? false;
    if (key !== undefined) yield { key, atMs: event.timestamp?.getTime() ?? 0, callsBack };
  }
}

/** AWS promises its status events with best effort; here each is delivered at least once. */
async function unheard(world: LoadWorld, clients: LoadClients): Promise<string[]> {
  const missing = () => {
    const heard = new Set(
      world.records<{ arn: string; status: string }>('status-events').map((one) => `${one.arn} ${one.status}`),
    );
    return clients.started.flatMap(({ arn }) =>
      ['RUNNING', 'SUCCEEDED'].map((status) => `${arn} ${status}`).filter((event) => !heard.has(event)),
    );
  };
  return patiently('every status event', async () => (missing().length === 0 ? [] : undefined), 20_000).catch(() =>
    missing().map((event) => `nobody heard of ${event}`),
  );
}
