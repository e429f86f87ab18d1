import { isDeepStrictEqual } from 'node:util';
import { type EngineRun, EngineWorld } from './engine-world.ts';
import type { GeneratedMachine } from './machines.ts';

/** Where to drop the engine: after so many thousandths of the entries that an uninterrupted run has, one engine after the other. */
export type Drops = readonly number[];

/**
 * Runs a machine without and with interruptions; answers in what they differ, undefined when in nothing. `everywhere` drops the engine once
 * after each entry of the log, one run an entry, instead of at `drops`.
 */
export async function interruptionShows(
  machine: GeneratedMachine,
  drops: Drops | 'everywhere',
): Promise<string | undefined> {
  const undisturbed = await run(machine, []);
  const plans =
    drops === 'everywhere'
      ? Array.from({ length: undisturbed.entries - 1 }, (_, at) => [at + 1])
      : [drops.map((thousandth) => 1 + Math.floor((thousandth * (undisturbed.entries - 1)) / 1000))];
  for (const plan of plans) {
    const difference = differenceOf(undisturbed, await run(machine, plan));
    if (difference !== undefined) return `dropped after entries ${plan.join(', ')}: ${difference}`;
  }
  return undefined;
}

async function run(machine: GeneratedMachine, plan: readonly number[]): Promise<EngineRun> {
  const world = new EngineWorld(machine);
  const [first, ...more] = [...plan].sort((left, right) => left - right);
  await world.begin(first);
  for (const entries of more) await world.resume(entries);
  if (first !== undefined) await world.resume();
  return world.outcome();
}

function differenceOf(undisturbed: EngineRun, interrupted: EngineRun): string | undefined {
  if (interrupted.ranAgain.length > 0) return `run again after their success: ${interrupted.ranAgain.join(', ')}`;
  const length = Math.max(undisturbed.history.length, interrupted.history.length);
  for (let at = 0; at < length; at++) {
    const [expected, actual] = [undisturbed.history[at], interrupted.history[at]];
    if (!isDeepStrictEqual(expected, actual))
      return `event ${at + 1} is ${JSON.stringify(actual)}, without interruption ${JSON.stringify(expected)}`;
  }
  for (const what of ['status', 'output', 'error', 'cause'] as const) {
    if (!isDeepStrictEqual(undisturbed[what], interrupted[what]))
      return `${what} is ${JSON.stringify(interrupted[what])}, without interruption ${JSON.stringify(undisturbed[what])}`;
  }
  return isDeepStrictEqual(sorted(undisturbed), sorted(interrupted)) ? undefined : 'other tasks were called';
}

const sorted = ({ calls }: EngineRun): string[] => calls.map((call) => JSON.stringify(call)).sort();
