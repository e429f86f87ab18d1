import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadRealTable, REAL_TABLES, realTablesMissing } from '../test/support/real-tables.ts';
import { LOAN_FEATURES, loanTable } from '../test/support/synthetic-tables.ts';
import { describeModel } from './describe-model.ts';
import {
  ColumnInvalid,
  HyperparameterInvalid,
  ModelInvalid,
  TargetInvalid,
  TrainingDataInsufficient,
} from './errors.ts';
import { evaluateModel } from './evaluate-model.ts';
import { allRows } from './feature-reader.ts';
import type { RegressionMetrics } from './metrics.ts';
import { parseModel, predictTable, serializeModel } from './model.ts';
import { buildOnnx } from './onnx/build-onnx.ts';
import { splitRows } from './split.ts';
import { type CategoryColumn, columnOf, type Table } from './table.ts';
import { type TrainingProgress, type TrainRequest, train } from './train.ts';

const table = loanTable(1200);
const loans: TrainRequest = {
  table,
  target: 'status',
  task: 'binary-classification',
  positive: 'bad',
  features: LOAN_FEATURES,
  seed: 5,
};
const scores: TrainRequest = { table, target: 'score', task: 'regression', features: LOAN_FEATURES, seed: 5 };

describe('train', () => {
  it.each([
    ['classification', loans],
    ['regression', scores],
  ])('gives the same bytes twice for %s, as JSON and as ONNX', (_, request) => {
    const [first, second] = [train(request), train({ ...request, table: loanTable(1200) })];
    expect(serializeModel(second.model)).toBe(serializeModel(first.model));
    expect(buildOnnx(second.model)).toEqual(buildOnnx(first.model));
    expect(second.tried).toEqual(first.tried);
  });

  it('gives these very bytes on every machine', () => {
    const digest = (request: TrainRequest) =>
      createHash('sha256')
        .update(buildOnnx(train(request).model))
        .digest('hex');
    const boosted = digest({ ...loans, algorithms: ['gradient-boosting'] });
    const logistic = digest({ ...loans, algorithms: ['logistic-regression'] });
    const linear = digest({ ...scores, algorithms: ['linear-regression'] });
    // A new digest means every model changes: right when a trainer or default changes, wrong when only the machine did.
    expect({ boosted, logistic, linear }).toMatchInlineSnapshot(`
      {
        "boosted": "cfbbcabb2d4487566249b8be5bdd8a9db89e69d5b490fe99a85926036329207f",
        "linear": "2a97d577b6e8fd1580826354ddeef52dbe14d3dd24293b7df0c5dac97fe3f949",
        "logistic": "37abc83325b66092f3f3388cdca527fd6442eb68297d8965f962dc6600baaefe",
      }
    `);
  });

  it('tries every algorithm and keeps the one that is best on the validation rows', () => {
    const { tried, model, rows } = train(scores);
    expect(tried.map(({ algorithm }) => algorithm)).toEqual(['linear-regression', 'gradient-boosting']);
    const rmse = tried.map(({ metrics }) => (metrics as RegressionMetrics).rmse);
    const chosen = tried.find((trial) => trial.chosen)!;
    expect((chosen.metrics as RegressionMetrics).rmse).toBe(Math.min(...rmse));
    expect(model.algorithm).toBe(chosen.algorithm);
    expect(rows).toEqual({ train: 960, validation: 240, withoutTarget: 0 });
  });

  it('tells its progress stage by stage', () => {
    const seen: TrainingProgress[] = [];
    train(loans, (progress) => seen.push(progress));
    const stages = seen.filter(({ share }) => share === 0).map(({ stage, algorithm }) => `${stage} ${algorithm}`);
    expect(stages.slice(0, 2)).toEqual(['trying logistic-regression', 'trying gradient-boosting']);
    expect(stages[2]).toMatch(/^refitting /);
    expect(seen.some(({ validationLoss }) => validationLoss !== null)).toBe(true);
  });

  it('takes nothing from rows outside its split', () => {
    const split = splitRows({
      table,
      target: 'status',
      fractions: { train: 0.5, validation: 0.2, test: 0.3 },
      seed: 2,
    });
    const held = new Set(split.test);
    const altered: Table = {
      rows: table.rows,
      columns: table.columns.map((column) =>
        column.kind === 'number'
          ? { ...column, values: column.values.map((v, row) => (held.has(row) ? 1e6 : v)) }
          : column,
      ),
    };
    const bytes = (of: Table) => serializeModel(train({ ...loans, table: of, split }).model);
    expect(bytes(altered)).toBe(bytes(table));
  });

  it('predicts the same after the model was saved and read again', () => {
    const { model } = train(loans);
    expect(predictTable(parseModel(serializeModel(model)), table)).toEqual(predictTable(model, table));
  });

  it('leaves constant, empty and identifier columns out and says why', () => {
    const id: CategoryColumn = {
      name: 'id',
      kind: 'category',
      codes: allRows(table),
      levels: Array.from(allRows(table), (row) => `loan ${String(row).padStart(5, '0')}`),
    };
    const constant = { name: 'constant', kind: 'number' as const, values: new Float64Array(1200).fill(3) };
    const empty = { name: 'empty', kind: 'number' as const, values: new Float64Array(1200).fill(Number.NaN) };
    const wide: Table = { rows: 1200, columns: [...table.columns, id, constant, empty] };
    const { model } = train({ ...loans, table: wide, features: [...LOAN_FEATURES, 'id', 'constant', 'empty'] });
    expect(model.dropped.map(({ name }) => name)).toEqual(['id', 'constant', 'empty']);
    expect(serializeModel(model)).not.toContain('loan 000');
  });

  it('describes the model with its most important feature first', () => {
    const { features, size, importanceMeans } = describeModel(
      train({ ...scores, algorithms: ['gradient-boosting'] }).model,
    );
    expect(features.map(({ name }) => name).sort()).toEqual([...LOAN_FEATURES].sort());
    expect(features[0]!.importance).toBe(Math.max(...features.map(({ importance }) => importance)));
    expect(features.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
    expect(size.trees).toBeGreaterThan(10);
    expect(importanceMeans).toContain('loss');
  });

  it.each([
    ['a misspelled hyperparameter', { hyperparameters: { 'gradient-boosting': { round: 3 } } }, HyperparameterInvalid],
    ['one out of bounds', { hyperparameters: { 'gradient-boosting': { learningRate: 0 } } }, HyperparameterInvalid],
    ['an unknown algorithm', { algorithms: ['k-nearest-neighbours'] }, HyperparameterInvalid],
    ['an algorithm of the other task', { algorithms: ['linear-regression'] }, HyperparameterInvalid],
    ['a positive label that is not there', { positive: 'ugly' }, TargetInvalid],
    ['a target of four classes', { target: 'home' }, TargetInvalid],
    ['a category as regression target', { task: 'regression' }, TargetInvalid],
    ['too few rows', { table: loanTable(40) }, TrainingDataInsufficient],
    ['a feature given twice', { features: ['age', 'age'] }, ColumnInvalid],
    ['a feature that is not in the table', { features: ['height'] }, ColumnInvalid],
    ['no features', { features: [] }, TrainingDataInsufficient],
  ])('refuses %s', (_, change, error) => {
    expect(() => train({ ...loans, ...change } as TrainRequest)).toThrow(error);
  });

  it('reads labels written as numbers', () => {
    const status = columnOf(table, 'status') as CategoryColumn;
    const values = Float64Array.from(status.codes, (code) => (status.levels[code] === 'bad' ? 1 : 0));
    const numeric: Table = { rows: 1200, columns: [...table.columns, { name: 'defaulted', kind: 'number', values }] };
    const { model } = train({ ...loans, table: numeric, target: 'defaulted', positive: '1' });
    expect(model.labels).toEqual(['0', '1']);
    expect(predictTable(model, table)).toEqual(predictTable(train(loans).model, table));
  });
});

describe('parseModel', () => {
  it.each([['{'], ['null'], ['{"format":"sluice-model/9"}']])('refuses %s', (json) => {
    expect(() => parseModel(json)).toThrow(ModelInvalid);
  });
});

describe.skipIf(realTablesMissing !== null)(
  `on real tables${realTablesMissing === null ? '' : `: ${realTablesMissing}`}`,
  () => {
    it.each(REAL_TABLES)('is within 0.01 of scikit-learn on $file, as the mean of three splits', (real) => {
      const { file, reference, ...request } = real;
      const whole = loadRealTable(file);
      const found = [1, 2, 3].map((seed) => {
        const fractions = { train: 0.6, validation: 0.15, test: 0.25 };
        const split = splitRows({ table: whole, target: request.target, fractions, seed });
        const { model } = train({ ...request, table: whole, seed, split });
        const evaluation = evaluateModel(model, whole, split.test);
        return evaluation.task === 'regression' ? evaluation.metrics.r2! : evaluation.metrics.auc!;
      });
      expect(found.reduce((sum, value) => sum + value, 0) / found.length).toBeGreaterThan(reference - 0.01);
    });
  },
);
