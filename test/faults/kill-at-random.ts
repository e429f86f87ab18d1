import { seededRandom } from '../../ml/seeded-random.ts';
import type { KilledRuntime } from './killed-runtime.ts';

/** Milliseconds that the runtime has between its being ready and its end. */
const LONGEST_LIFE_MS = 1200;
const LONGEST_START_MS = 700;
/** How often a kill hits a runtime that is coming up. */
const WHILE_STARTING = 0.2;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Kills a runtime so many times, at instants that follow from the seed, and starts it again after each. `hear` is told each kill in words.
 * Rejects when the runtime ends by itself, or with what `load` rejects with: after that there is nothing to kill for.
 */
export async function killAtRandom(
  runtime: Pick<KilledRuntime, 'start' | 'kill'>,
  { seed, kills, hear }: { seed: number; kills: number; hear: (kill: string) => void },
  load: Promise<unknown> = new Promise(() => {}),
): Promise<void> {
  const random = seededRandom(seed);
  const broken = load.then(() => new Promise<never>(() => {}));
  broken.catch(() => {});
  for (let done = 0; done < kills; ) {
    const life = random.below(LONGEST_LIFE_MS);
    await Promise.race([pause(life), broken]);
    await runtime.kill();
    done++;
    hear(`${life} ms after it was ready`);
    while (done < kills && random.next() < WHILE_STARTING) {
      const start = random.below(LONGEST_START_MS);
      const starting = runtime.start();
      await pause(start);
      await runtime.kill();
      done++;
      hear(`${start} ms into the start${(await starting) ? ', which was over' : ''}`);
    }
    await runtime.start();
  }
}
