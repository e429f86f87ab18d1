import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOAN_FEATURES, loanTable } from '../../test/support/synthetic-tables.ts';
import { type Algorithm, type Model, predictTable } from '../model.ts';
import type { Task } from '../target.ts';
import { train } from '../train.ts';
import { buildOnnx } from './build-onnx.ts';
import {
  OnnxDomainRefused,
  OnnxInputInvalid,
  OnnxMalformed,
  OnnxOperatorRefused,
  OnnxShapeMismatch,
  OnnxTooLarge,
} from './errors.ts';
import { type FeatureRow, loadOnnx } from './load-onnx.ts';
import type { OnnxGraph, OnnxModelProto, OnnxNode } from './model-proto.ts';
import { readModelProto } from './read-model-proto.ts';
import { writeModelProto } from './write-model-proto.ts';

const table = loanTable(600);
const trained = (task: Task, algorithm: Algorithm): Model =>
  train({
    table,
    target: task === 'regression' ? 'score' : 'status',
    task,
    positive: 'bad',
    features: LOAN_FEATURES,
    seed: 1,
    algorithms: [algorithm],
    hyperparameters: { 'gradient-boosting': { rounds: 20 } },
  }).model;

const models: [string, Model][] = [
  ['trees that classify', trained('binary-classification', 'gradient-boosting')],
  ['a line that classifies', trained('binary-classification', 'logistic-regression')],
  ['trees that predict numbers', trained('regression', 'gradient-boosting')],
  ['a line that predicts numbers', trained('regression', 'linear-regression')],
];
const trees = models[0]![1];
const line = models[1]![1];
const row: FeatureRow = { age: 30, amount: 1200.5, income: null, home: 'rent' };

describe('an exported model', () => {
  it.each(models)('answers exactly as the native predictor: %s', (_, model) => {
    expect(loadOnnx(buildOnnx(model)).predictTable(table)).toEqual(predictTable(model, table));
  });

  it('answers request by request as for the table', () => {
    const onnx = loadOnnx(buildOnnx(trees));
    const rows = Array.from({ length: 600 }, (_, i): FeatureRow => {
      const cells = table.columns.map((column): [string, number | string | null] => {
        if (column.kind === 'category') return [column.name, column.levels[column.codes[i]!] ?? null];
        return [column.name, Number.isNaN(column.values[i]!) ? null : column.values[i]!];
      });
      return Object.fromEntries(cells);
    });
    const expected = predictTable(trees, table);
    onnx.predict(rows).forEach((prediction, i) => {
      const label = expected[i]! >= trees.threshold! ? 'bad' : 'good';
      expect(prediction).toMatchObject({ label, probability: expected[i] });
    });
  });

  it('says what it needs and gives', () => {
    const onnx = loadOnnx(buildOnnx(line));
    expect(onnx.task).toBe('binary-classification');
    expect(onnx.inputs).toEqual([
      { name: 'age', kind: 'number' },
      { name: 'amount', kind: 'number' },
      { name: 'income', kind: 'number' },
      { name: 'home', kind: 'category' },
    ]);
    expect(onnx.metadata).toEqual({
      'sluice.algorithm': 'logistic-regression',
      'sluice.labels': '["good","bad"]',
      'sluice.target': 'status',
      'sluice.task': 'binary-classification',
    });
  });

  it.each(models)('takes a level it never saw: %s', (_, model) => {
    const [prediction] = loadOnnx(buildOnnx(model)).predict([{ ...row, home: 'a castle' }]);
    const values = Object.values(prediction!).filter((value) => typeof value === 'number');
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('takes a level named like a property of every object', () => {
    const onnx = loadOnnx(buildOnnx(trees));
    const unknown = onnx.predict([{ ...row, home: 'a castle' }]);
    expect(onnx.predict([{ ...row, home: '__proto__' }])).toEqual(unknown);
    expect(onnx.predict([{ ...row, home: 'constructor' }])).toEqual(unknown);
  });

  it.each([
    ['lacks a feature', { age: 30, amount: 1, income: 2 }, /row 1, feature "home": is absent/],
    ['has a text for a number', { ...row, age: '30' }, /row 1, feature "age": must be a number/],
    ['has a number for a category', { ...row, home: 3 }, /row 1, feature "home": must be a text/],
    ['has NaN, which JSON cannot say', { ...row, age: Number.NaN }, /not a finite/],
    ['has a number beyond 32-bit floats', { ...row, age: 1e300 }, /not a finite/],
  ])('refuses a row that %s', (_, bad, message) => {
    const onnx = loadOnnx(buildOnnx(trees));
    expect(() => onnx.predict([row, bad])).toThrow(OnnxInputInvalid);
    expect(() => onnx.predict([row, bad])).toThrow(message);
  });

  it('refuses more rows than the limit', () => {
    expect(() => loadOnnx(buildOnnx(trees), { maximumRows: 2 }).predict([row, row, row])).toThrow(OnnxTooLarge);
  });
});

/** The exported model with a changed graph. */
const changed = (
  model: Model,
  change: (graph: OnnxGraph) => Partial<OnnxGraph>,
  proto: Partial<OnnxModelProto> = {},
) => {
  const original = readModelProto(buildOnnx(model));
  return writeModelProto({ ...original, graph: { ...original.graph, ...change(original.graph) }, ...proto });
};

const withNode = (model: Model, operator: string, change: (node: OnnxNode) => Partial<OnnxNode>) =>
  changed(model, ({ nodes }) => ({
    nodes: nodes.map((node) => (node.operator === operator ? { ...node, ...change(node) } : node)),
  }));

const withInts = (operator: string, name: string, edit: (values: number[]) => void) =>
  withNode(trees, operator, ({ attributes }) => ({
    attributes: attributes.map((attribute) => {
      if (attribute.name !== name || attribute.type !== 'ints') return attribute;
      const value = [...attribute.value];
      edit(value);
      return { ...attribute, value };
    }),
  }));

describe('loadOnnx refuses', () => {
  it.each([
    [
      'an operator off the list',
      withNode(trees, 'Sigmoid', () => ({ operator: 'Loop' })),
      OnnxOperatorRefused,
      /graph\.node\[\d+\] \(Loop\)/,
    ],
    ['a domain of its own', withNode(trees, 'Sigmoid', () => ({ domain: 'com.evil' })), OnnxDomainRefused, /com\.evil/],
    [
      'a custom operator set',
      changed(trees, () => ({}), { opsets: [{ domain: 'com.evil', version: 1 }] }),
      OnnxDomainRefused,
      /com\.evil/,
    ],
    [
      'another version',
      changed(trees, () => ({}), { opsets: [{ domain: '', version: 99 }] }),
      OnnxDomainRefused,
      /version 99/,
    ],
    [
      'an attribute it does not know',
      withNode(trees, 'Sigmoid', () => ({ attributes: [{ name: 'x', type: 'int', value: 1 }] })),
      OnnxOperatorRefused,
      /"x"/,
    ],
    [
      'a name used before it is defined',
      withNode(trees, 'Sigmoid', () => ({ inputs: ['later'] })),
      OnnxMalformed,
      /"later"/,
    ],
    ['a name defined twice', changed(trees, ({ nodes }) => ({ nodes: [...nodes, nodes[0]!] })), OnnxMalformed, /taken/],
    [
      'outputs that are not those of a model',
      changed(trees, ({ outputs }) => ({ outputs: outputs.slice(0, 1) })),
      OnnxShapeMismatch,
      /graph\.output/,
    ],
    [
      'an input of another shape',
      changed(trees, ({ inputs }) => ({ inputs: inputs.map((i) => ({ ...i, dims: ['N', 2] })) })),
      OnnxShapeMismatch,
      /\[N,2\]/,
    ],
    [
      'fewer coefficients than columns',
      withNode(line, 'LinearRegressor', (n) => ({
        attributes: n.attributes.map((a) => (a.type === 'floats' ? { ...a, value: a.value.slice(1) } : a)),
      })),
      OnnxShapeMismatch,
      /LinearRegressor/,
    ],
    [
      'a tree that loops',
      withInts('TreeEnsembleRegressor', 'nodes_truenodeids', (ids) => {
        ids[0] = 0;
      }),
      OnnxMalformed,
      /roots|parents|cycle/,
    ],
    [
      'a tree whose node is missing',
      withInts('TreeEnsembleRegressor', 'nodes_truenodeids', (ids) => {
        ids[0] = 999999;
      }),
      OnnxMalformed,
      /no node 999999/,
    ],
    [
      'a tree that looks at no column',
      withInts('TreeEnsembleRegressor', 'nodes_featureids', (ids) => {
        ids[0] = 99;
      }),
      OnnxShapeMismatch,
      /feature 99/,
    ],
    [
      'a forest of lists that differ',
      withInts('TreeEnsembleRegressor', 'nodes_nodeids', (ids) => {
        ids.pop();
      }),
      OnnxShapeMismatch,
      /nodes/,
    ],
  ])('%s', (_, bytes, error, message) => {
    expect(() => loadOnnx(bytes)).toThrow(error);
    expect(() => loadOnnx(bytes)).toThrow(message);
  });

  it('two nodes that are each other’s children, which no root reaches', () => {
    const list = (values: number[]) => ({ type: 'ints' as const, value: values });
    const bytes = withNode(trees, 'TreeEnsembleRegressor', ({ attributes }) => ({
      attributes: [
        ...attributes.filter(({ name }) => !/^(nodes|target)_/.test(name)),
        { name: 'nodes_treeids', ...list([0, 0, 0, 0, 0]) },
        { name: 'nodes_nodeids', ...list([0, 1, 2, 3, 4]) },
        { name: 'nodes_featureids', ...list([0, 0, 0, 0, 0]) },
        { name: 'nodes_truenodeids', ...list([0, 2, 1, 0, 0]) },
        { name: 'nodes_falsenodeids', ...list([0, 3, 4, 0, 0]) },
        { name: 'nodes_values', type: 'floats' as const, value: new Float32Array(5) },
        { name: 'nodes_modes', type: 'strings' as const, value: ['LEAF', 'BRANCH_LEQ', 'BRANCH_LEQ', 'LEAF', 'LEAF'] },
        { name: 'target_treeids', ...list([0]) },
        { name: 'target_nodeids', ...list([0]) },
        { name: 'target_ids', ...list([0]) },
        { name: 'target_weights', type: 'floats' as const, value: new Float32Array(1) },
      ],
    }));
    expect(() => loadOnnx(bytes)).toThrow(/TreeEnsembleRegressor\): nodes that no root reaches/);
  });

  it('a chain of concatenations that doubles a row at every node', () => {
    const doubling = Array.from(
      { length: 40 },
      (_, i): OnnxNode => ({
        name: '',
        operator: 'Concat',
        domain: '',
        inputs: i === 0 ? ['age', 'age'] : [`d${i - 1}`, `d${i - 1}`],
        outputs: [`d${i}`],
        attributes: [{ name: 'axis', type: 'int', value: 1 }],
      }),
    );
    const bytes = changed(trees, ({ nodes }) => ({ nodes: [...nodes, ...doubling] }));
    expect(() => loadOnnx(bytes)).toThrow(OnnxTooLarge);
  });

  it('any damaged model with a named error, or reads a model that still answers with its own shapes', () => {
    const names = [
      'OnnxMalformed',
      'OnnxTooLarge',
      'OnnxOperatorRefused',
      'OnnxDomainRefused',
      'OnnxFeatureRefused',
      'OnnxShapeMismatch',
    ];
    const originals = models.map(([, model]) => buildOnnx(model));
    const outcomes = { refused: 0, read: 0 };
    const edit = fc.record({
      at: fc.noBias(fc.nat(1_000_000)),
      kind: fc.constantFrom('set', 'set', 'set', 'insert', 'remove', 'cut', 'repeat'),
      byte: fc.noBias(fc.nat(255)),
    });
    fc.assert(
      fc.property(fc.nat(3), fc.array(edit, { minLength: 1, maxLength: 4 }), (which, edits) => {
        let bytes = [...originals[which]!];
        for (const { at, kind, byte } of edits) {
          const place = at % Math.max(1, bytes.length);
          if (kind === 'set') bytes[place] = byte;
          else if (kind === 'insert') bytes.splice(place, 0, byte);
          else if (kind === 'remove') bytes.splice(place, 1);
          else if (kind === 'cut') bytes = bytes.slice(0, place);
          else bytes.splice(place, 0, ...bytes.slice(place, place + byte));
        }
        try {
          const onnx = loadOnnx(Uint8Array.from(bytes));
          const made = Object.fromEntries(onnx.inputs.map(({ name, kind }) => [name, kind === 'number' ? 1 : 'rent']));
          expect(onnx.predict([made, made])).toHaveLength(2);
          outcomes.read += 1;
        } catch (error) {
          expect(names).toContain((error as Error).name);
          outcomes.refused += 1;
        }
      }),
      { numRuns: 2000, seed: 42 },
    );
    // Most damage breaks the structure; a changed weight is a model like any other, which only a digest can tell.
    expect(outcomes.refused).toBeGreaterThan(500);
    expect(outcomes.read).toBeGreaterThan(50);
  });

  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => loadOnnx(bytes)).toThrow(expect.objectContaining({ name: expect.stringMatching(/^Onnx/) }));
      }),
    );
  });
});
