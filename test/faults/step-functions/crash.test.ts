import { expect, test } from 'vitest';
import { loadCrashRun } from './crash-run.ts';

/** Another one with SLUICE_FAULT_SEED; many with `npm run faults -- step-functions`. */
const SEED = Number(process.env.SLUICE_FAULT_SEED ?? 7);
const KILLS = 10;

test('under kill -9 no execution is lost, stuck or ended twice, and no task that had succeeded is run again', async () => {
  const report = await loadCrashRun(SEED, KILLS);
  expect(report.problems, `seed ${SEED}: ${JSON.stringify(report, null, 2)}`).toEqual([]);
  expect(report.kills, `seed ${SEED}`).toHaveLength(KILLS);
  expect(report.executions, `seed ${SEED}`).toBeGreaterThan(0);
}, 240_000);
