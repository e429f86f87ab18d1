import { describe, expect, it } from 'vitest';
import { disagreements } from './golden-agreement.ts';
import type { GoldenRequests } from './package-manifest.ts';
import type { PredictResponse } from './ports/endpoint.ts';

const golden = (...scores: number[]): GoldenRequests => ({ rows: scores.map(() => ({})), scores });
const answered = (...scores: number[]): PredictResponse => ({
  model: 'm',
  environment: 'dev',
  version: 1,
  modelDigest: 'd',
  predictions: scores.map((score) => ({ score, label: null })),
});

describe('golden requests', () => {
  it.each([
    { case: 'the same', expected: 0.25, actual: 0.25 },
    { case: 'off by the rounding of 32-bit floats', expected: 0.1, actual: Math.fround(0.1) },
    { case: 'a large value off by the same share', expected: 250_000, actual: 250_000.5 },
    { case: 'a negative value', expected: -3, actual: -3.00001 },
  ])('agree with an answer that is $case', ({ expected, actual }) => {
    expect(disagreements(golden(expected), answered(actual))).toEqual([]);
  });

  it.each([
    { case: 'another probability', expected: 0.25, actual: 0.2501 },
    { case: 'no number', expected: 0.25, actual: Number.NaN },
    { case: 'the other sign', expected: 3, actual: -3 },
    { case: 'an infinity', expected: 3, actual: Number.POSITIVE_INFINITY },
  ])('disagree with $case, and the finding names the request', ({ expected, actual }) => {
    expect(disagreements(golden(0, expected), answered(0, actual))).toEqual([
      `golden request 2: expected ${expected}, the endpoint answered ${actual}`,
    ]);
  });

  it('disagree with an answer of another length', () => {
    const finding = ['the endpoint answered 1 of 2 golden requests'];
    expect(disagreements(golden(0.1, 0.2), answered(0.1))).toEqual(finding);
    expect(disagreements(golden(0.1, 0.2), answered(0.1, 0.2, 0.3))).toEqual([
      'the endpoint answered 3 of 2 golden requests',
    ]);
  });
});
