import { seededRandom } from '../../../ml/seeded-random.ts';
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

/** Milliseconds that the runtime has between its being ready and its end. */
const LONGEST_LIFE_MS = 1200;
const LONGEST_START_MS = 700;
/** How often a kill hits a runtime that is coming up. */
const WHILE_STARTING = 0.2;
/** A bound for something that went wrong, not a wait. */
const LONGEST_FINISH_MS = 120_000;

/** A mixed load of executions over a runtime that is killed so many times, at instants that follow from the seed. */
export async function loadCrashRun(
  seed: number,
  kills: number,
  onKill: (text: string) => void = () => {},
): Promise<LoadCrashReport> {
  const startedMs = performance.now();
  const random = seededRandom(seed);
  const world = await openLoadWorld();
  const done: string[] = [];
  const problems: string[] = [];
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  let clients: LoadClients | undefined;
  try {
    await world.start();
    clients = new LoadClients(world, `s${seed}`);
    while (done.length < kills) {
      const life = random.below(LONGEST_LIFE_MS);
      await pause(life);
      await world.kill();
      done.push(`${life} ms after it was ready`);
      onKill(done.at(-1)!);
      while (done.length < kills && random.next() < WHILE_STARTING) {
        const start = random.below(LONGEST_START_MS);
        const starting = world.start();
        await pause(start);
        await world.kill();
        done.push(`${start} ms into the start${(await starting) ? ', which was over' : ''}`);
        onKill(done.at(-1)!);
      }
      await world.start();
    }
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
  if (problems.length === 0) await world.remove();
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
