import { describe, expect, it } from 'vitest';
import { loadRealTable, realTablesMissing } from '../test/support/real-tables.ts';
import { ColumnInvalid } from './errors.ts';
import { goldenRequests } from './golden.ts';
import { serializeModel } from './model.ts';
import { buildOnnx } from './onnx/build-onnx.ts';
import type { OnnxModelProto } from './onnx/model-proto.ts';
import { readModelProto } from './onnx/read-model-proto.ts';
import { writeModelProto } from './onnx/write-model-proto.ts';
import { type Cell, TableBuilder } from './table.ts';
import { train } from './train.ts';
import { byteRuns, findTrainingRows, jsonRuns, onnxRuns } from './training-rows.ts';

const people: Cell[][] = Array.from({ length: 300 }, (_, i) => [
  20 + (i % 50),
  'rent',
  1000 + i * 7.25,
  i % 9 === 0 ? null : 300 + ((i * 13) % 97),
  2,
  i * 31,
  100 + i,
]);
const builder = new TableBuilder([
  { name: 'age', kind: 'number' },
  { name: 'home', kind: 'category' },
  { name: 'amount', kind: 'number' },
  { name: 'price', kind: 'number' },
  { name: 'children', kind: 'number' },
  { name: 'income', kind: 'number' },
  { name: 'assets', kind: 'number' },
]);
builder.append(people);
const table = builder.build();
const target = 'price';
const { model } = train({ table, target, task: 'regression', seed: 1 });
const onnx = buildOnnx(model);
const search = (runs: ReturnType<typeof onnxRuns>) => findTrainingRows({ runs, table, target });
const numbersOf = (row: number) => people[row]!.filter((cell): cell is number => typeof cell === 'number');

const planted = (change: (proto: OnnxModelProto) => Partial<OnnxModelProto>) => {
  const proto = readModelProto(onnx);
  return writeModelProto({ ...proto, ...change(proto) });
};

describe('findTrainingRows', () => {
  it('finds none in an honest model, its JSON and its golden requests', () => {
    const golden = goldenRequests({ model, seed: 3, avoid: table });
    const runs = [
      ...onnxRuns(onnx),
      ...jsonRuns('model', JSON.parse(serializeModel(model))),
      ...jsonRuns('golden', golden),
    ];
    expect(search(runs)).toEqual({ found: [], rowsSearched: 300, rowsTooPlain: 0 });
  });

  it('finds a row in a tensor', () => {
    const data = Float32Array.of(9, 9, ...numbersOf(41), 9);
    const bytes = planted(({ graph }) => ({
      graph: {
        ...graph,
        initializers: [...graph.initializers, { name: 'x', dims: [data.length], values: { type: 'float', data } }],
      },
    }));
    expect(search(onnxRuns(bytes)).found).toEqual([{ row: 41, where: expect.stringContaining('graph.initializer') }]);
  });

  it('finds a row in whole numbers of an attribute, without the target', () => {
    const value = [20, 1000, 2, 0, 100];
    const bytes = planted(({ graph }) => {
      const [first, ...rest] = graph.nodes;
      const attributes = [...first!.attributes, { name: 'hidden', type: 'ints' as const, value }];
      return { graph: { ...graph, nodes: [{ ...first!, attributes }, ...rest] } };
    });
    expect(search(onnxRuns(bytes)).found).toEqual([{ row: 0, where: expect.stringContaining('.hidden at 0') }]);
  });

  it('finds a row as CSV in a metadata text', () => {
    const value = `note: ${people[100]!.join(',')}`;
    const bytes = planted(({ metadata }) => ({ metadata: [...metadata, { key: 'note', value }] }));
    expect(search(onnxRuns(bytes)).found).toEqual([{ row: 100, where: 'metadata note at 0' }]);
  });

  it('finds a row as 64-bit floats at an odd place of the bytes', () => {
    const bytes = new Uint8Array(200);
    numbersOf(7).forEach((value, i) => {
      new DataView(bytes.buffer).setFloat64(13 + i * 8, value, true);
    });
    expect(search(byteRuns('file', bytes)).found).toEqual([{ row: 7, where: 'file, bytes from 5 as float64 at 1' }]);
  });

  it('finds a row as an object of JSON', () => {
    const row = Object.fromEntries(table.columns.map(({ name }, c) => [name, people[5]![c]]));
    expect(search(jsonRuns('card', { examples: [{ row }] })).found).toEqual([{ row: 5, where: 'card at 0' }]);
  });

  it('finds a row with a missing value by the rest of it', () => {
    expect(people[9]![3]).toBeNull();
    const run = Float32Array.from([Number.NaN, ...people[9]!.slice(4).map(Number)]);
    const wide = { runs: [{ where: 'x', values: run }], table, target };
    // Three numbers after the gap are too few to tell; such a row is counted, not passed over in silence.
    expect(findTrainingRows(wide)).toMatchObject({ found: [], rowsSearched: 300 });
    const whole = Float32Array.from([...numbersOf(9)]);
    expect(search([{ where: 'x', values: whole }]).found).toEqual([{ row: 9, where: 'x at 0' }]);
  });

  it('counts rows that are too plain to tell from chance', () => {
    const plain = new TableBuilder(['a', 'b', 'c', 'd'].map((name) => ({ name, kind: 'number' })));
    plain.append([
      [0, 1, 0, 1],
      [1, 0, 2, 3],
      [4, 5, 6, 7],
    ]);
    const result = findTrainingRows({ runs: [], table: plain.build(), target: 'none' });
    expect(result).toEqual({ found: [], rowsSearched: 1, rowsTooPlain: 2 });
  });

  it('refuses to search for categories', () => {
    expect(() => findTrainingRows({ runs: [], table, target, orders: [['age', 'home']] })).toThrow(ColumnInvalid);
  });
});

describe.skipIf(realTablesMissing !== null)(
  `on a real table${realTablesMissing === null ? '' : `: ${realTablesMissing}`}`,
  () => {
    it('finds no applicant of credit_data in either kind of model', () => {
      const credit = loadRealTable('credit_data.csv');
      for (const algorithm of ['logistic-regression', 'gradient-boosting'] as const) {
        const trained = train({
          table: credit,
          target: 'Status',
          task: 'binary-classification',
          positive: 'bad',
          seed: 1,
          algorithms: [algorithm],
        }).model;
        const runs = [...onnxRuns(buildOnnx(trained)), ...jsonRuns('model', trained)];
        const result = findTrainingRows({ runs, table: credit, target: 'Status' });
        expect(result.found).toEqual([]);
        expect(result.rowsSearched).toBeGreaterThan(4400);
      }
    });
  },
);
