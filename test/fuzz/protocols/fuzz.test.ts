import { describe, expect, test } from 'vitest';
import { again, fuzzProtocol, PROTOCOLS } from './fuzz.ts';

/** Another one with SLUICE_FUZZ_SEED; many with `npm run fuzz -- protocols`. */
const SEED = Number(process.env.SLUICE_FUZZ_SEED ?? 20260101);
const CASES = 150;

describe('whatever is wrong with a request, it is answered as AWS answers, and the runtime goes on', () => {
  test.each(Object.keys(PROTOCOLS))('%s', { timeout: 240_000 }, async (protocol) => {
    const report = await fuzzProtocol({ protocol, seed: SEED, cases: CASES });

    expect(report.failed.map((finding) => `${again(finding, SEED)}: ${finding.findings.join('\n')}`)).toEqual([]);
  });
});
