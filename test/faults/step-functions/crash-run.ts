import { killAtRandom } from '../kill-at-random.ts';
import { LoadClients } from './load-clients.ts';
import { problemsOfLoad } from './load-invariants.ts';
import { openLoadWorld } from './load-world.ts';

export interface LoadCrashReport {
  readonly seed: number;
  readonly kills: readonly string[];
  /** Empty when every invariant holds. */
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly executions: number;
  /** Of the functions, over all executions, and those among them that were made again for an attempt that a kill cut off. */
  readonly invocations: number;
  readonly repeated: number;
  /** The folder of the runtime, kept where something is wrong. */
  readonly home: string | null;
  readonly log: string | null;
}

/** A bound for something that went wrong, not a wait. */
const LONGEST_FINISH_MS = 120_000;

/** A mixed load of executions over a runtime that is killed so many times, at instants that follow from the seed. */
export async function loadCrashRun(
  seed: number,
  kills: number,
  onKill: (text: string) => void = () => {},
): Promise<LoadCrashReport> {
  const startedMs = performance.now();
  const world = await openLoadWorld();
  const done: string[] = [];
  const problems: string[] = [];
  let clients: LoadClients | undefined;
  try {
    await world.start();
    clients = new LoadClients(world, `s${seed}`);
    const hear = (kill: string) => {
      done.push(kill);
      onKill(kill);
    };
    await killAtRandom(world, { seed, kills, hear });
    await clients.finish(LONGEST_FINISH_MS);
    problems.push(...(await problemsOfLoad(world, clients)));
  } catch (error) {
    problems.push(`the run did not come to its end: ${error instanceof Error ? error.stack : error}`);
    for (const { arn } of clients?.open ?? [])
      problems.push(`${arn} is still at ${JSON.stringify(clients?.seen.get(arn)?.at(-1))}`);
  }
  clients?.stop();
  await world.end();
  const invocations = world.records<{ key: string }>('invocations').map(({ key }) => key);
  const log = problems.length > 0 ? world.log() : null;
  if (problems.length === 0) world.remove();
  return {
    seed,
    kills: done,
    problems,
    seconds: (performance.now() - startedMs) / 1000,
    executions: clients?.started.length ?? 0,
    invocations: invocations.length,
    repeated: invocations.length - new Set(invocations).size,
    home: problems.length > 0 ? world.folder : null,
    log,
  };
}
