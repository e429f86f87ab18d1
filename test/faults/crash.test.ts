import { expect, test } from 'vitest';
import { crashRun } from './crash-run.ts';

/** Another one with SLUICE_FAULT_SEED; many with `npm run faults`. */
const SEED = Number(process.env.SLUICE_FAULT_SEED ?? 7);

test('killed twice on the way from upload to PRD, it ends as if it had not been', async () => {
  const report = await crashRun(SEED, 2);
  expect(report.problems, `seed ${SEED}: ${JSON.stringify(report, null, 2)}`).toEqual([]);
  expect(report.kills, `seed ${SEED}`).toHaveLength(2);
}, 240_000);
