import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  auc,
  brierScore,
  calibration,
  classificationMetrics,
  confusionAt,
  logLoss,
  regressionMetrics,
  thresholdOfBestF1,
} from './metrics.ts';

const y = Float64Array.of(0, 0, 1, 1);
const p = Float64Array.of(0.1, 0.4, 0.35, 0.8);

describe('auc', () => {
  it('is 3/4 where three of four pairs are in order (the example of scikit-learn)', () => {
    expect(auc(y, p)).toBe(0.75);
  });

  it('counts a tie as half', () => {
    expect(auc(Float64Array.of(0, 1), Float64Array.of(0.5, 0.5))).toBe(0.5);
  });

  it('is null without one of the classes', () => {
    expect(auc(Float64Array.of(1, 1), Float64Array.of(0.2, 0.5))).toBeNull();
  });

  it('equals its definition over all pairs, ties included', () => {
    const row = fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
        const positives = rows.filter(({ label }) => label === 1);
        const negatives = rows.filter(({ label }) => label === 0);
        const wins = positives.flatMap((a) =>
          negatives.map((b) => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)),
        );
        const pairs = wins.length === 0 ? null : wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
        const found = auc(
          Float64Array.from(rows, ({ label }) => label),
          Float64Array.from(rows, ({ score }) => score / 7),
        );
        if (pairs === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(pairs, 12);
      }),
    );
  });
});

describe('probabilities', () => {
  it('have the log-loss of the formula', () => {
    const expected = -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8)) / 4;
    expect(logLoss(y, p)).toBeCloseTo(expected, 14);
  });

  it('have a finite log-loss when a certainty is wrong', () => {
    expect(logLoss(Float64Array.of(1), Float64Array.of(0))).toBeCloseTo(25 * Math.LN2, 10);
  });

  it('have the Brier score of the formula', () => {
    expect(brierScore(y, p)).toBeCloseTo((0.01 + 0.16 + 0.4225 + 0.04) / 4, 14);
  });

  it('are compared with what happened in ten bins', () => {
    const truth = Float64Array.of(1, 0, 1, 1, 0);
    const { ece, reliability } = calibration(truth, Float64Array.of(0.05, 0.05, 0.95, 1, 0.5));
    expect(reliability).toHaveLength(10);
    expect(reliability[0]).toEqual({ from: 0, to: 0.1, rows: 2, predicted: 0.05, observed: 0.5 });
    expect(reliability[9]).toEqual({ from: 0.9, to: 1, rows: 2, predicted: 0.975, observed: 1 });
    expect(reliability[3]).toEqual({ from: 0.3, to: 0.4, rows: 0, predicted: null, observed: null });
    expect(ece).toBeCloseTo((2 * 0.45 + 2 * 0.025 + 0.5) / 5, 12);
  });
});

describe('threshold', () => {
  it('is the probability of the best F1, found by trying each', () => {
    const row = fc.record({ label: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const truth = Float64Array.from(rows, ({ label }) => label);
        const scores = Float64Array.from(rows, ({ score }) => score / 10);
        const f1At = (threshold: number) => classificationMetrics(truth, scores, threshold).f1;
        const best = Math.max(...Array.from(scores, f1At));
        expect(f1At(thresholdOfBestF1(truth, scores))).toBeCloseTo(best, 12);
      }),
    );
  });

  it('decides the confusion, the equal one being positive', () => {
    expect(confusionAt(y, p, 0.4)).toEqual({
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
    });
    expect(classificationMetrics(y, p, 0.35)).toMatchObject({
      precision: 2 / 3,
      recall: 1,
      f1: 0.8,
      accuracy: 0.75,
      positives: 2,
    });
  });
});

describe('regressionMetrics', () => {
  it('follows the formulas', () => {
    const metrics = regressionMetrics(Float64Array.of(3, -0.5, 2, 7), Float64Array.of(2.5, 0, 2, 8));
    expect(metrics).toMatchObject({ rows: 4, mae: 0.5, rmse: Math.sqrt(1.5 / 4) });
    expect(metrics.r2).toBeCloseTo(0.9486081370449679, 14);
  });

  it('has no R² for a constant target', () => {
    expect(regressionMetrics(Float64Array.of(2, 2), Float64Array.of(1, 3)).r2).toBeNull();
  });
});
