import { describe, expect, it } from 'vitest';
import { LOAN_FEATURES, loanTable } from '../test/support/synthetic-tables.ts';
import { goldenRequests } from './golden.ts';
import { buildOnnx } from './onnx/build-onnx.ts';
import { loadOnnx } from './onnx/load-onnx.ts';
import { type Table, TableBuilder } from './table.ts';
import { train } from './train.ts';

const table = loanTable(500);
const { model } = train({
  table,
  target: 'status',
  task: 'binary-classification',
  positive: 'bad',
  features: LOAN_FEATURES,
  seed: 1,
});

describe('goldenRequests', () => {
  const golden = goldenRequests({ model, seed: 9, count: 100, avoid: table });

  it('are the same for the same model and seed, and others for another seed', () => {
    expect(goldenRequests({ model, seed: 9, count: 100, avoid: table })).toEqual(golden);
    expect(goldenRequests({ model, seed: 10, count: 100, avoid: table })).not.toEqual(golden);
  });

  it('begin with everything missing and stay within the schema', () => {
    expect(golden).toHaveLength(100);
    expect(golden[0]!.row).toEqual({ age: null, amount: null, income: null, home: null });
    const [age] = model.features;
    for (const { row } of golden) {
      expect(Object.keys(row)).toEqual([...LOAN_FEATURES]);
      if (row.age === null || age?.kind !== 'number') continue;
      expect(row.age).toBeGreaterThanOrEqual(age.range[0]);
      expect(row.age).toBeLessThanOrEqual(age.range[1]);
      expect(Number.isInteger(row.age)).toBe(true);
    }
  });

  it('expect what the packaged model answers', () => {
    const answers = loadOnnx(buildOnnx(model)).predict(golden.map(({ row }) => row));
    expect(answers).toEqual(golden.map(({ expected }) => expected));
  });

  it('survive JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(golden))).toEqual(golden);
  });

  it('are never a training row, even where chance would make one', () => {
    const builder = new TableBuilder([
      { name: 'a', kind: 'number' },
      { name: 'b', kind: 'category' },
      { name: 'y', kind: 'number' },
    ]);
    // Every whole number of the range with each level but one pair.
    for (let i = 0; i < 600; i++) if (i % 20 !== 7) builder.append([[i % 10, i % 20 < 10 ? 'u' : 'v', i % 10]]);
    const dense: Table = builder.build();
    const small = train({ table: dense, target: 'y', task: 'regression', seed: 1 }).model;
    const requests = goldenRequests({ model: small, seed: 1, count: 50, avoid: dense });
    const possible = requests.filter(({ row }) => row.a !== null && (row.b === 'u' || row.b === 'v'));
    expect(possible.length).toBeGreaterThan(0);
    for (const { row } of possible) expect(row).toEqual({ a: 7, b: 'u' });
  });
});
