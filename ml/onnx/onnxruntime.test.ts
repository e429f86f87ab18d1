import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadRealTable, REAL_TABLES, realTablesMissing } from '../../test/support/real-tables.ts';
import { LOAN_FEATURES, loanTable } from '../../test/support/synthetic-tables.ts';
import { goldenRequests } from '../golden.ts';
import { type Model, predictTable } from '../model.ts';
import type { Table } from '../table.ts';
import { train } from '../train.ts';
import { buildOnnx } from './build-onnx.ts';
import { type FeatureRow, loadOnnx } from './load-onnx.ts';

/** What Microsoft's runtime answers: the positive probability or the number, and the label. */
const runtimeAnswers = async (model: Model, cells: (feature: string) => (number | string | null)[], rows: number) => {
  const session = await ort.InferenceSession.create(buildOnnx(model));
  const feeds = Object.fromEntries(
    model.features.map(({ name, kind }) => {
      const values = cells(name);
      const tensor =
        kind === 'number'
          ? new ort.Tensor(
              'float32',
              Float32Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
              [rows, 1],
            )
          : new ort.Tensor(
              'string',
              values.map((value) => (value === null ? '' : String(value))),
              [rows, 1],
            );
      return [name, tensor];
    }),
  );
  const outputs = await session.run(feeds);
  await session.release();
  if (model.task === 'regression') return { values: outputs.prediction!.data as Float32Array, labels: null, outputs };
  const probabilities = outputs.probabilities!.data as Float32Array;
  expect(outputs.probabilities!.dims).toEqual([rows, 2]);
  expect(outputs.label!.dims).toEqual([rows]);
  return {
    values: probabilities.filter((_, i) => i % 2 === 1),
    labels: outputs.label!.data as unknown as string[],
    outputs,
  };
};

const cellsOf = (table: Table) => (name: string) => {
  const column = table.columns.find((candidate) => candidate.name === name)!;
  return column.kind === 'number'
    ? Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
    : Array.from(column.codes, (code) => column.levels[code] ?? null);
};

/** Largest difference: absolute for probabilities, relative to the largest expected number for regression. */
const worstDifference = (model: Model, expected: Float32Array, found: Float32Array) => {
  const size = model.task === 'regression' ? expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 1;
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!) / size), 0);
};

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

const ALGORITHMS = {
  'binary-classification': ['logistic-regression', 'gradient-boosting'],
  regression: ['linear-regression', 'gradient-boosting'],
} as const;

describe('onnxruntime', () => {
  const table = loanTable(800);
  const cases = (['binary-classification', 'regression'] as const).flatMap((task) =>
    ALGORITHMS[task].map((algorithm) => ({ task, algorithm })),
  );

  it.each(cases)(
    'answers missing values and unknown levels as we do: $algorithm for $task',
    async ({ task, algorithm }) => {
      const target = task === 'regression' ? 'score' : 'status';
      const request = {
        table,
        target,
        task,
        positive: 'bad',
        features: LOAN_FEATURES,
        seed: 3,
        algorithms: [algorithm],
      };
      const { model } = train(request);
      const golden = goldenRequests({ model, seed: 4, count: 200 });
      const rows: FeatureRow[] = golden.map(({ row }) => row);
      expect(rows.some(({ home }) => home === 'sluice: a level never seen')).toBe(true);
      expect(rows.some(({ income }) => income === null)).toBe(true);

      const answers = await runtimeAnswers(model, (name) => rows.map((row) => row[name]!), rows.length);
      const ours = loadOnnx(buildOnnx(model)).predict(rows);
      expect(ours).toEqual(golden.map(({ expected }) => expected));
      const values = Float32Array.from(ours, (p) => ('prediction' in p ? p.prediction : p.probability));
      expect(worstDifference(model, values, answers.values)).toBeLessThan(1e-5);
      if (answers.labels !== null) expect(answers.labels).toEqual(ours.map((p) => ('label' in p ? p.label : '')));
    },
  );

  it('reads a forest of one leaf', async () => {
    const { model } = train({
      table,
      target: 'score',
      task: 'regression',
      features: ['age'],
      seed: 1,
      algorithms: ['gradient-boosting'],
    });
    const leaf = { feature: [-1], threshold: [0], left: [0], right: [0], missingLeft: [0 as const], value: [2.5] };
    if (model.predictor.kind !== 'trees') throw new Error('a forest was asked for');
    const single: Model = { ...model, predictor: { ...model.predictor, baseValue: 1, trees: [leaf] } };
    const answers = await runtimeAnswers(single, () => [30, null], 2);
    expect([...answers.values]).toEqual([3.5, 3.5]);
    expect([...loadOnnx(buildOnnx(single)).predictTable(table, Int32Array.of(0))]).toEqual([3.5]);
  });
});

describe.skipIf(realTablesMissing !== null)(
  `onnxruntime on real tables${realTablesMissing === null ? '' : `: ${realTablesMissing}`}`,
  () => {
    const cases = REAL_TABLES.flatMap((real) => ALGORITHMS[real.task].map((algorithm) => ({ ...real, algorithm })));

    it.each(cases)(
      'gives the scores of $algorithm on $file to 1e-5',
      async ({ file, algorithm, reference: _, ...request }) => {
        const table = loadRealTable(file);
        const { model } = train({ ...request, table, seed: 1, algorithms: [algorithm] });
        const native = predictTable(model, table);
        expect(loadOnnx(buildOnnx(model)).predictTable(table)).toEqual(native);
        const answers = await runtimeAnswers(model, cellsOf(table), table.rows);
        expect(worstDifference(model, native, answers.values)).toBeLessThan(1e-5);
      },
    );
  },
);
