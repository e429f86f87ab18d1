import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interruptionShows } from './interruption.ts';
import { type Law, tryLaw } from './laws.ts';
import { generatedMachine } from './machines.ts';

/** Another one with SLUICE_LAWS_SEED; many with `npm run laws`. */
const SEED = Number(process.env.SLUICE_LAWS_SEED ?? 20260101);

test.each<{ law: Law; machines: number }>([
  { law: 'its definition is valid', machines: 300 },
  {
    law: 'a naive interpreter agrees with the engine on status, output, error, cause and the tasks that are called',
    machines: 300,
  },
  {
    law: 'interrupted after any event and resumed, it has the history and the output of an uninterrupted run',
    machines: 4,
  },
])('of $machines generated machines it holds that $law', async ({ law, machines }) => {
  const broken = await tryLaw(law, SEED, machines);
  expect(broken, broken && `seed ${broken.seed}: ${broken.how}\n${JSON.stringify(broken.machine)}`).toBeUndefined();
});

test('an execution that is interrupted several times goes on as one that never was', async () => {
  const drops = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(generatedMachine, drops, async (machine, where) => {
      expect(await interruptionShows(machine, where)).toBeUndefined();
    }),
    { seed: SEED, numRuns: 100 },
  );
});
