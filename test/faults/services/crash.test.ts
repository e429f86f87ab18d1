import { expect, test } from 'vitest';
import { servicesCrashRun } from './crash-run.ts';

/** Another one with SLUICE_FAULT_SEED; many kills with `npm run faults -- services`. */
const SEED = Number(process.env.SLUICE_FAULT_SEED ?? 7);
const KILLS = 4;

test('under kill -9 nothing that a service acknowledged is lost, undone, mixed or made twice', async () => {
  const report = await servicesCrashRun(SEED, KILLS);
  expect(report.problems, `seed ${SEED}: ${JSON.stringify(report, null, 2)}`).toEqual([]);
  expect(report.kills, `seed ${SEED}`).toHaveLength(KILLS);
  expect(report.acknowledged, `seed ${SEED}`).toBeGreaterThan(0);
}, 240_000);
