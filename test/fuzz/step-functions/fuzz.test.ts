import { expect, test } from 'vitest';
import { CARRIERS } from './carriers.ts';
import { type FuzzReport, fuzz } from './fuzz.ts';

/** Another one with SLUICE_FUZZ_SEED; many with `npm run fuzz`. */
const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20260101);
const CASES = 300;

const told = ({ failed }: FuzzReport): string[] =>
  failed.map(
    ({ number, findings }) => `npm run fuzz -- --seed ${SEED} --from ${number} --cases 1: ${findings.join('\n')}`,
  );

test('whatever value stands in a definition, it is answered as AWS answers, and every execution ends', async () => {
  expect(told(await fuzz(SEED, CARRIERS.length))).toEqual([]);
}, 120_000);

test('whatever is wrong with a definition or an input, it is answered as AWS answers, and every execution ends', async () => {
  const report = await fuzz(SEED, CASES, () => {}, CARRIERS.length);
  expect(told(report)).toEqual([]);
  // Cases that are all refused at the door would show nothing.
  expect(report.ends.InvalidDefinition).toBeGreaterThan(CASES / 10);
  expect((report.ends.SUCCEEDED ?? 0) + (report.ends.FAILED ?? 0)).toBeGreaterThan(CASES / 10);
}, 120_000);
