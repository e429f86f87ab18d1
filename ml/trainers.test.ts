import { describe, expect, it } from 'vitest';
import { LOAN_FEATURES, loanTable } from '../test/support/synthetic-tables.ts';
import { sigmoid } from './exact-math.ts';
import { allRows } from './feature-reader.ts';
import { learnFeatures } from './feature-schema.ts';
import { fitGradientBoosting, GRADIENT_BOOSTING_DEFAULTS } from './gradient-boosting.ts';
import { binColumn, binThresholds } from './histogram-bins.ts';
import { scoreLinear } from './linear-predictor.ts';
import { fitLinearRegression } from './linear-regression.ts';
import { fitLogisticRegression, LOGISTIC_REGRESSION_DEFAULTS } from './logistic-regression.ts';
import { type Cell, TableBuilder } from './table.ts';
import { targetValues } from './target.ts';
import { scoreTrees } from './tree-predictor.ts';

const numbersTable = (rows: Cell[][], names: string[]) => {
  const builder = new TableBuilder(names.map((name) => ({ name, kind: 'number' })));
  builder.append(rows);
  return builder.build();
};

const finish = <T>(steps: Generator<unknown, T>): T => {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
};

describe('logistic regression', () => {
  const table = loanTable(1500);
  const rows = allRows(table);
  const { features } = learnFeatures(table, LOAN_FEATURES, rows);
  const y = targetValues(table, 'status', 'binary-classification', ['good', 'bad']).values;
  const fitted = fitLogisticRegression(table, features, rows, y, LOGISTIC_REGRESSION_DEFAULTS);

  it('converges in a few Newton steps', () => {
    expect(fitted.converged).toBe(true);
    expect(fitted.iterations).toBeLessThan(12);
  });

  it('stands where the penalised gradient is zero', () => {
    const residuals = Array.from(scoreLinear(fitted.predictor, table, rows), (score, i) => y[i]! - sigmoid(score));
    const sum = residuals.reduce((total, residual) => total + residual, 0);
    expect(sum).toBeCloseTo(0, 2);
    const { numbers, categories } = fitted.predictor;
    const amount = numbers.find(({ name }) => name === 'amount')!;
    const column = table.columns.find(({ name }) => name === 'amount')!;
    const moment = residuals.reduce((total, residual, i) => {
      const value = column.kind === 'number' ? column.values[i]! : 0;
      return total + residual * (value - amount.offset) * amount.scale;
    }, 0);
    expect(moment).toBeCloseTo(LOGISTIC_REGRESSION_DEFAULTS.l2 * amount.coefficient, 2);
    expect(categories[0]!.levels).toEqual(['', 'other', 'owner', 'parents', 'rent']);
  });

  it('stays finite on classes that a line separates', () => {
    const separable = numbersTable(
      Array.from({ length: 100 }, (_, i) => [i]),
      ['x'],
    );
    const truth = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 1));
    const all = allRows(separable);
    const schema = learnFeatures(separable, ['x'], all).features;
    const { predictor } = fitLogisticRegression(separable, schema, all, truth, LOGISTIC_REGRESSION_DEFAULTS);
    const scores = scoreLinear(predictor, separable, all);
    expect(scores[0]).toBeLessThan(-3);
    expect(scores[99]).toBeGreaterThan(3);
    expect(Number.isFinite(predictor.numbers[0]!.coefficient)).toBe(true);
  });
});

describe('linear regression', () => {
  it('recovers a plane from rows without noise', () => {
    const table = numbersTable(
      Array.from({ length: 200 }, (_, i) => [i % 17, (i * 7) % 23]),
      ['a', 'b'],
    );
    const rows = allRows(table);
    const y = Float64Array.from(rows, (i) => 3 * (i % 17) - 2 * ((i * 7) % 23) + 100);
    const { features } = learnFeatures(table, ['a', 'b'], rows);
    const { predictor } = fitLinearRegression(table, features, rows, y, { l2: 0 });
    expect(predictor.numbers[0]!.coefficient * predictor.numbers[0]!.scale).toBeCloseTo(3, 4);
    expect(predictor.numbers[1]!.coefficient * predictor.numbers[1]!.scale).toBeCloseTo(-2, 4);
    scoreLinear(predictor, table, rows).forEach((score, i) => {
      expect(score).toBeCloseTo(y[i]!, 3);
    });
  });

  it('gives a missing value its own effect', () => {
    const table = numbersTable(
      Array.from({ length: 100 }, (_, i) => [i % 4 === 0 ? null : i % 10]),
      ['a'],
    );
    const rows = allRows(table);
    const y = Float64Array.from(rows, (i) => (i % 4 === 0 ? 50 : i % 10));
    const { features } = learnFeatures(table, ['a'], rows);
    const { predictor } = fitLinearRegression(table, features, rows, y, { l2: 0 });
    expect(scoreLinear(predictor, table, Int32Array.of(0))[0]).toBeCloseTo(50, 3);
  });
});

describe('gradient boosting', () => {
  const boost = (table: ReturnType<typeof numbersTable>, names: string[], y: Float64Array) => {
    const rows = allRows(table);
    const { features } = learnFeatures(table, names, rows);
    return finish(
      fitGradientBoosting({
        table,
        features,
        task: 'regression',
        rows,
        y,
        validation: null,
        parameters: { ...GRADIENT_BOOSTING_DEFAULTS, rounds: 200, learningRate: 0.1, l2: 0 },
      }),
    );
  };

  it('fits a product, which no sum of single features is', () => {
    const table = numbersTable(
      Array.from({ length: 900 }, (_, i) => [(i % 30) - 15, Math.floor(i / 30) - 15]),
      ['a', 'b'],
    );
    const rows = allRows(table);
    const y = Float64Array.from(rows, (i) => Math.sign((i % 30) - 9.5) * Math.sign(Math.floor(i / 30) - 9.5));
    const { predictor, importance } = boost(table, ['a', 'b'], y);
    const scores = scoreTrees(predictor, table, rows);
    expect(Math.max(...Array.from(scores, (score, i) => Math.abs(score - y[i]!)))).toBeLessThan(0.2);
    expect(importance.a! + importance.b!).toBeCloseTo(1, 12);
  });

  it('sends missing values to the side that fits them', () => {
    const table = numbersTable(
      Array.from({ length: 400 }, (_, i) => [i % 5 === 0 ? null : i % 100]),
      ['a'],
    );
    const rows = allRows(table);
    const y = Float64Array.from(rows, (i) => (i % 5 === 0 || i % 100 >= 50 ? 10 : 0));
    const scores = scoreTrees(boost(table, ['a'], y).predictor, table, rows);
    expect(scores[0]).toBeCloseTo(10, 1);
    expect(scores[1]).toBeCloseTo(0, 1);
    expect(scores[99]).toBeCloseTo(10, 1);
  });

  it('tells missing from known even where every known value is the same', () => {
    const table = numbersTable(
      Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? null : 3]),
      ['a'],
    );
    const y = Float64Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const scores = scoreTrees(boost(table, ['a'], y).predictor, table, Int32Array.of(0, 1));
    expect(scores[0]).toBeCloseTo(1, 1);
    expect(scores[1]).toBeCloseTo(-1, 1);
  });

  it('gives rows the same side by bin as by value', () => {
    const column = Float32Array.from({ length: 5000 }, (_, i) => (i % 97 === 0 ? Number.NaN : Math.sin(i) * 1000));
    const thresholds = binThresholds(column, 255);
    const { bins, count } = binColumn(column, thresholds);
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThanOrEqual(255);
    column.forEach((value, row) => {
      if (Number.isNaN(value)) expect(bins[row]).toBe(count);
      else
        expect(value <= (thresholds[bins[row]!] ?? Infinity) && value > (thresholds[bins[row]! - 1] ?? -Infinity)).toBe(
          true,
        );
    });
  });

  it('keeps a threshold between neighbours that no 32-bit float separates', () => {
    const low = Math.fround(16777216);
    expect([...binThresholds(Float32Array.of(low, low + 2), 255)]).toEqual([low]);
  });
});
