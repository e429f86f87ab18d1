import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grounds, judge } from './gates.ts';
import type { GateDefinition } from './model-definition.ts';
import { type Evidence, tests } from './promotion.ts';

const signature = { keyArn: 'arn:key', algorithm: 'ECDSA_SHA_256', value: 'AAAA' } as const;
const evidenceOf = (test: Evidence['test'], more: Partial<Evidence> = {}): Evidence => ({
  promotionId: 'p',
  candidateId: 'c',
  modelDigest: 'm',
  test,
  verdict: 'passed',
  measurements: test === 'performance' ? { p99Ms: 20, rowsPerSecond: 5_000 } : {},
  findings: [],
  at: '2026-01-15T09:30:00.000Z',
  signature,
  ...more,
});
const all = tests.map((test) => evidenceOf(test));
const definition: GateDefinition = {
  approvals: 1,
  metrics: { auc: { min: 0.75 }, logLoss: { max: 0.6 } },
  champion: { metric: 'auc', worseByAtMost: 0.01 },
  performance: { p99Ms: 100, rowsPerSecond: 1_000 },
};
const grounds: Grounds = {
  evaluation: { metrics: { auc: 0.8, logLoss: 0.5 }, testRows: 100 },
  comparison: { modelDigest: 'm', champion: { modelDigest: 'old', version: 2, metrics: { auc: 0.805 } } },
  evidence: all,
  approvals: 1,
};
const metrics = (auc: number, logLoss = 0.5): Partial<Grounds> => ({
  evaluation: { metrics: { auc, logLoss }, testRows: 100 },
});
const without = (test: Evidence['test']): Partial<Grounds> => ({ evidence: all.filter((one) => one.test !== test) });
const instead = (one: Evidence): Partial<Grounds> => ({
  evidence: all.map((other) => (other.test === one.test ? one : other)),
});
const against = (champion: Record<string, number>): Partial<Grounds> => ({
  comparison: { modelDigest: 'm', champion: { modelDigest: 'old', version: 2, metrics: champion } },
});

it('a version that meets every gate passes, without a reason', () => {
  const judgement = judge('prd', definition, grounds);
  expect(judgement).toMatchObject({ verdict: 'passed', reasons: [] });
  expect(judgement.gates.map(({ gate }) => gate)).toEqual([
    'auc',
    'logLoss',
    'champion auc',
    'integration test',
    'performance test',
    'security test',
    'p99 ms',
    'rows per second',
    'approvals',
  ]);
});

it.each([
  { case: 'bounds are inclusive', change: { ...metrics(0.75, 0.6), comparison: { modelDigest: 'm', champion: null } } },
  { case: 'there is no champion yet', change: { comparison: { modelDigest: 'm', champion: null } } },
  { case: 'the champion is beaten', change: against({ auc: 0.6 }) },
  { case: 'more people than needed approved', change: { approvals: 5 } },
])('it passes where $case', ({ change }) => {
  expect(judge('prd', definition, { ...grounds, ...change }).reasons).toEqual([]);
});

describe('a gate holds, and the reason names it', () => {
  it.each<{ case: string; change: Partial<Grounds>; gate: string; actual: string }>([
    {
      case: 'a metric is below its minimum',
      change: { ...metrics(0.74), comparison: { modelDigest: 'm', champion: null } },
      gate: 'auc',
      actual: '0.7400',
    },
    { case: 'a metric is above its maximum', change: metrics(0.8, 0.61), gate: 'logLoss', actual: '0.6100' },
    { case: 'a metric is NaN', change: metrics(0.8, Number.NaN), gate: 'logLoss', actual: 'NaN' },
    {
      case: 'a metric was not measured',
      change: { evaluation: { metrics: { auc: 0.8 }, testRows: 1 } },
      gate: 'logLoss',
      actual: 'not measured',
    },
    { case: 'it was not compared', change: { comparison: null }, gate: 'champion auc', actual: 'not compared' },
    { case: 'the champion was not measured', change: against({}), gate: 'champion auc', actual: 'not measured' },
    {
      case: 'the champion is NaN',
      change: against({ auc: Number.NaN }),
      gate: 'champion auc',
      actual: '0.8000 against NaN of version 2',
    },
    {
      case: 'it is worse than the champion',
      change: against({ auc: 0.82 }),
      gate: 'champion auc',
      actual: '0.8000 against 0.8200 of version 2',
    },
    {
      case: 'the integration test has no evidence',
      change: without('integration'),
      gate: 'integration test',
      actual: 'no evidence',
    },
    {
      case: 'the security test has no evidence',
      change: without('security'),
      gate: 'security test',
      actual: 'no evidence',
    },
    {
      case: 'a test failed',
      change: instead(evidenceOf('security', { verdict: 'failed', findings: ['a', 'b'] })),
      gate: 'security test',
      actual: 'a; b',
    },
    {
      case: 'the endpoint is too slow',
      change: instead(evidenceOf('performance', { measurements: { p99Ms: 101, rowsPerSecond: 5_000 } })),
      gate: 'p99 ms',
      actual: '101',
    },
    {
      case: 'a time was not measured',
      change: instead(evidenceOf('performance', { measurements: { rowsPerSecond: 5_000 } })),
      gate: 'p99 ms',
      actual: 'not measured',
    },
    {
      case: 'too few rows a second',
      change: instead(evidenceOf('performance', { measurements: { p99Ms: 1, rowsPerSecond: 999 } })),
      gate: 'rows per second',
      actual: '999',
    },
    { case: 'nobody approved', change: { approvals: 0 }, gate: 'approvals', actual: '0' },
    { case: 'the number of approvals is none', change: { approvals: Number.NaN }, gate: 'approvals', actual: 'NaN' },
  ])('where $case', ({ change, gate, actual }) => {
    const judgement = judge('prd', definition, { ...grounds, ...change });
    expect(judgement.verdict).toBe('held');
    expect(judgement.reasons).toEqual([expect.stringMatching(`^prd gate "${gate}" held: required .+, was ${actual}$`)]);
    expect(judgement.gates.filter(({ verdict }) => verdict === 'held')).toMatchObject([{ gate, actual }]);
  });

  it('where a lower figure is better, worse is higher', () => {
    const champion = { metric: 'logLoss', worseByAtMost: 0.05 } as const;
    const compared = { ...grounds, ...against({ logLoss: 0.44 }) };
    expect(judge('acc', { ...definition, champion }, compared).reasons).toEqual([
      'acc gate "champion logLoss" held: required at most 0.05000 worse than the champion, was 0.5000 against 0.4400 of version 2',
    ]);
    expect(judge('acc', { ...definition, champion }, { ...grounds, ...against({ logLoss: 0.9 }) }).verdict).toBe(
      'passed',
    );
  });
});

const figure = fc.oneof(fc.double({ min: 0, max: 1 }), fc.constant(Number.NaN));
const someGrounds = fc.record({
  evaluation: fc.record({
    metrics: fc.record({ auc: figure, logLoss: figure }, { requiredKeys: [] }) as fc.Arbitrary<Record<string, number>>,
    testRows: fc.nat(),
  }),
  comparison: fc.constantFrom(null, grounds.comparison, { modelDigest: 'm', champion: null }),
  evidence: fc.subarray(all),
  approvals: fc.nat({ max: 3 }),
});

describe('whatever is judged', () => {
  it('more approvals never turn passed into held', () => {
    fc.assert(
      fc.property(someGrounds, fc.nat({ max: 5 }), (some, more) => {
        const before = judge('acc', definition, some).verdict;
        const after = judge('acc', definition, { ...some, approvals: some.approvals + more }).verdict;
        expect(before === 'passed' && after === 'held').toBe(false);
      }),
    );
  });

  it('more evidence that passed never turns passed into held', () => {
    fc.assert(
      fc.property(someGrounds, fc.subarray(all), (some, more) => {
        const before = judge('acc', definition, some).verdict;
        const after = judge('acc', definition, { ...some, evidence: [...some.evidence, ...more] }).verdict;
        expect(before === 'passed' && after === 'held').toBe(false);
      }),
    );
  });

  it('it passes only with evidence of all three tests', () => {
    fc.assert(
      fc.property(someGrounds, (some) => {
        if (judge('acc', definition, some).verdict === 'passed') expect(some.evidence).toHaveLength(tests.length);
      }),
    );
  });

  it('there is one reason for each gate that held, and none without', () => {
    fc.assert(
      fc.property(someGrounds, (some) => {
        const { gates, reasons, verdict } = judge('acc', definition, some);
        const held = gates.filter((gate) => gate.verdict === 'held');
        expect(reasons).toHaveLength(held.length);
        for (const [index, { gate }] of held.entries()) expect(reasons[index]).toContain(`"${gate}"`);
        expect(verdict).toBe(held.length === 0 ? 'passed' : 'held');
      }),
    );
  });
});
