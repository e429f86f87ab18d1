import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { modelDefinitionJsonSchema } from './json-schema.ts';
import { type DefinitionProblem, parseModelDefinition } from './parse.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const creditRisk = read('../../examples/credit-risk/model.yaml');
const example = read('model-definition.example.yaml');

const problemsOf = (text: string): readonly DefinitionProblem[] => {
  const parsed = parseModelDefinition(text, 'model.yaml');
  return parsed.ok ? [] : parsed.problems;
};

/** The credit-risk definition with one text replaced; fails when there is nothing to replace. */
const changed = (from: string | RegExp, to: string): string => {
  const text = creditRisk.replace(from, to);
  if (text === creditRisk) throw new Error(`${from} is not in model.yaml`);
  return text;
};

/** Line and column where `part` stands in `text`, as editors count; the first place after `from` has been read. */
const placeOf = (text: string, part: string, from = '') => {
  const before = text.slice(0, text.indexOf(part, text.indexOf(from))).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
};

describe('a valid definition', () => {
  it('is read with its defaults filled in', () => {
    const parsed = parseModelDefinition(creditRisk, 'model.yaml');
    if (!parsed.ok) throw new Error(parsed.message);
    const { data, gates, model } = parsed.definition;
    expect(model).toBe('credit-risk');
    expect(data.columns.Age).toEqual({ type: 'integer', min: 18, max: 100, missing: 0 });
    expect(data.columns.Records).toEqual({ type: 'category', values: ['no', 'yes'], missing: 0 });
    expect(data.unique).toEqual([]);
    expect(data.excludeFromTraining).toEqual([]);
    expect(gates.prd.approvals).toBe(1);
  });

  it('means the same written as JSON, defaults included', () => {
    const parsed = parseModelDefinition(example, 'model.yaml');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parseModelDefinition(JSON.stringify(parsed.definition), 'model.json')).toEqual(parsed);
    expect(parsed.definition.gates.acc).toEqual(parsed.definition.gates.dev);
  });

  it('keeps No, off and 0 as the texts they are in the data', () => {
    const text = changed("values: ['no', 'yes']", 'values: [No, off, 0, 1]');
    const parsed = parseModelDefinition(text, 'model.yaml');
    expect(parsed.ok && parsed.definition.data.columns.Records).toMatchObject({ values: ['No', 'off', '0', '1'] });
  });
});

describe('an unknown field', () => {
  it.each([
    { case: 'at the top', from: 'training:', to: 'trainig:', path: 'trainig', hint: 'did you mean `training`?' },
    {
      case: 'in data',
      from: 'classification: conf',
      to: 'clasification: conf',
      path: 'data.clasification',
      hint: 'did you mean `classification`?',
    },
    { case: 'in a column', from: 'min: 18', to: 'mni: 18', path: 'data.columns.Age.mni', hint: 'did you mean `min`?' },
    {
      case: 'of another column type',
      from: '{ type: integer, min: 18',
      to: '{ type: integer, values: [1], min: 18',
      path: 'data.columns.Age.values',
      hint: 'possible: type, min, max, missing',
    },
    {
      case: 'in a gate',
      from: 'p99Ms: 250',
      to: 'p99ms: 250',
      path: 'gates.dev.performance.p99ms',
      hint: 'did you mean `p99Ms`?',
    },
    {
      case: 'in another spelling',
      from: 'maxRows: 1000',
      to: 'max_rows: 1000',
      path: 'serving.max_rows',
      hint: 'did you mean `maxRows`?',
    },
    {
      case: 'that is a metric nobody knows',
      from: 'logLoss: { max: 0.6 }',
      to: 'loglos: { max: 0.6 }',
      path: 'gates.dev.metrics.loglos',
      hint: 'did you mean `logLoss`?',
    },
  ])('$case is named with its place and the field that was meant', ({ from, to, path, hint }) => {
    const text = changed(from, to);
    const field = path.split('.').at(-1)!;
    const problem = problemsOf(text).find((candidate) => candidate.path === path);
    expect(problem).toMatchObject({ message: `unknown field \`${field}\``, hint, ...placeOf(text, `${field}:`, to) });
  });

  it('does not hide a second one in the same object, nor other problems', () => {
    const text = changed('seed: 7', 'sed: 7\n  tset: 0.2\n  trainers: x').replace('approvals: 1', 'approvals: -1');
    expect(problemsOf(text).map(({ path }) => path)).toEqual([
      'training.seed',
      'training.sed',
      'training.tset',
      'training.trainers',
      'gates.prd.approvals',
    ]);
  });
});

describe('a wrong value is refused by name', () => {
  it.each([
    {
      case: 'name not in kebab-case',
      from: 'model: credit-risk',
      to: 'model: Credit_Risk',
      path: 'model',
      message: /kebab-case.*it is "Credit_Risk"/,
    },
    { case: 'name of two characters', from: 'model: credit-risk', to: 'model: cr', path: 'model', message: /3 to 40/ },
    {
      case: 'task',
      from: 'task: binary-classification',
      to: 'task: binary-clasification',
      path: 'task',
      message: /none of `binary-classification`, `regression`/,
    },
    {
      case: 'classification',
      from: ': confidential',
      to: ': secret',
      path: 'data.classification',
      message: /`public`, `internal`, `confidential`, `restricted`/,
    },
    {
      case: 'column type float',
      from: '{ type: integer, min: 18',
      to: '{ type: float, min: 18',
      path: 'data.columns.Age.type',
      message: /none of/,
      hint: /`number`/,
    },
    {
      case: 'column type date',
      from: '{ type: integer, min: 18, max: 100',
      to: '{ type: date',
      path: 'data.columns.Age.type',
      message: /none of/,
      hint: /dates are not supported/,
    },
    {
      case: 'missing share above 1',
      from: 'missing: 0.15',
      to: 'missing: 15',
      path: 'data.columns.Income.missing',
      message: /share from 0 to 1, it is 15/,
    },
    { case: 'infinite bound', from: 'min: 18', to: 'min: -.inf', path: 'data.columns.Age.min', message: /finite/ },
    {
      case: 'boolean as a category value',
      from: "['no', 'yes']",
      to: '[true, false]',
      path: 'data.columns.Records.values.0',
      message: /must be text/,
      hint: /'true'/,
    },
    {
      case: 'NA as a category value',
      from: "['no', 'yes']",
      to: "['no', NA]",
      path: 'data.columns.Records.values.1',
      message: /missing value/,
    },
    {
      case: 'category value twice',
      from: "['no', 'yes']",
      to: "['no', 'no']",
      path: 'data.columns.Records.values.1',
      message: /twice/,
    },
    {
      case: 'half an approval',
      from: 'approvals: 1',
      to: 'approvals: 0.5',
      path: 'gates.prd.approvals',
      message: /whole number from 0 to 10/,
    },
    {
      case: 'negative approvals',
      from: 'approvals: 1',
      to: 'approvals: -1',
      path: 'gates.prd.approvals',
      message: /whole number from 0 to 10/,
    },
    {
      case: 'trainer',
      from: 'trainer: embedded',
      to: 'trainer: sagemaker',
      path: 'training.trainer',
      message: /none of `embedded`/,
    },
    { case: 'no held-out share', from: 'test: 0.25', to: 'test: 0', path: 'training.test', message: /0\.05 to 0\.5/ },
    {
      case: 'maxRows too large',
      from: 'maxRows: 1000',
      to: 'maxRows: 1000000',
      path: 'serving.maxRows',
      message: /1 to 10000/,
    },
    {
      case: 'list in place of a map',
      from: 'serving: { maxRows: 1000 }',
      to: 'serving: [1000]',
      path: 'serving',
      message: /must be a map of fields, it is a list/,
    },
    {
      case: 'column named __proto__',
      from: 'Age:',
      to: '__proto__:',
      path: 'data.columns.__proto__',
      message: /cannot be named/,
    },
  ])('$case', ({ from, to, path, message, hint }) => {
    const problem = problemsOf(changed(from, to)).find((candidate) => candidate.path === path);
    expect(problem?.message).toMatch(message);
    if (hint) expect(problem?.hint).toMatch(hint);
  });

  it('a missing field is named where its map stands', () => {
    const text = changed(/ {2}rows: .*\n/, '');
    expect(problemsOf(text)).toEqual([{ path: 'data.rows', message: '`rows` is missing', ...placeOf(text, 'data:') }]);
  });
});

describe('fields that do not fit each other are refused', () => {
  it.each([
    {
      case: 'target not among the columns',
      from: 'column: Status',
      to: 'column: Statsu',
      path: 'data.target.column',
      message: /none of the columns/,
      hint: /`Status`/,
    },
    {
      case: 'positive not among the values',
      from: 'positive: bad',
      to: 'positive: bda',
      path: 'data.target.positive',
      message: /`good`, `bad`/,
      hint: /`bad`/,
    },
    {
      case: 'no positive class',
      from: ', positive: bad',
      to: '',
      path: 'data.target',
      message: /`positive` is missing/,
    },
    {
      case: 'target of three classes',
      from: '[good, bad]',
      to: '[good, bad, ugly]',
      path: 'data.columns.Status',
      message: /exactly two/,
    },
    {
      case: 'target that may be missing',
      from: '[good, bad] }',
      to: '[good, bad], missing: 0.1 }',
      path: 'data.columns.Status.missing',
      message: /may not be missing/,
    },
    {
      case: 'positive class of a regression',
      from: 'task: binary-classification',
      to: 'task: regression',
      path: 'data.target.positive',
      message: /no positive class/,
    },
    {
      case: 'category as the target of a regression',
      from: 'task: binary-classification',
      to: 'task: regression',
      path: 'data.columns.Status.type',
      message: /must be a `number`/,
    },
    {
      case: 'algorithm of another task',
      from: '[logistic-regression,',
      to: '[linear-regression,',
      path: 'training.algorithms.0',
      message: /cannot do binary-classification/,
    },
    {
      case: 'algorithm twice',
      from: '[logistic-regression, gradient-boosting]',
      to: '[gradient-boosting, gradient-boosting]',
      path: 'training.algorithms.1',
      message: /twice/,
    },
    {
      case: 'min above max in a column',
      from: 'min: 18',
      to: 'min: 180',
      path: 'data.columns.Age.min',
      message: /min 180 is more than max 100/,
    },
    {
      case: 'min above max in rows',
      from: 'min: 500',
      to: 'min: 9000000',
      path: 'data.rows.min',
      message: /is more than max/,
    },
    {
      case: 'min above max in a metric',
      from: 'auc: { min: 0.75 }',
      to: 'auc: { min: 0.75, max: 0.5 }',
      path: 'gates.dev.metrics.auc.min',
      message: /is more than max/,
    },
    {
      case: 'metric without a bound',
      from: 'auc: { min: 0.75 }',
      to: 'auc: {}',
      path: 'gates.dev.metrics.auc',
      message: /needs a `min`/,
    },
    {
      case: 'gate without a metric',
      from: 'metrics: { auc: { min: 0.75 }, logLoss: { max: 0.6 } }',
      to: 'metrics: {}',
      path: 'gates.dev.metrics',
      message: /any model at all would pass/,
    },
    {
      case: 'metric of another task',
      from: 'auc: { min: 0.75 }',
      to: 'rmse: { max: 1 }',
      path: 'gates.dev.metrics.rmse',
      message: /no metric of binary-classification/,
    },
    {
      case: 'champion metric of another task',
      from: 'metric: auc',
      to: 'metric: mae',
      path: 'gates.dev.champion.metric',
      message: /no metric of/,
    },
    {
      case: 'gates of two environments',
      from: /\n {2}prd:\n(.*\n){4}/,
      to: '\n',
      path: 'gates.prd',
      message: /`prd` is missing/,
    },
    {
      case: 'unique over a column that is not there',
      from: 'training:',
      to: '  unique: [[customer_id]]\n\ntraining:',
      path: 'data.unique.0.0',
      message: /none of the columns/,
    },
    {
      case: 'unique over more keys than fit',
      from: 'training:',
      to: '  unique: [[Age], [Time], [Debt]]\n\ntraining:',
      path: 'data.unique',
      message: /3 × 5000000 rows/,
    },
    {
      case: 'excluded column that is not there',
      from: 'training:',
      to: '  excludeFromTraining: [Aeg]\n\ntraining:',
      path: 'data.excludeFromTraining.0',
      message: /none of/,
      hint: /`Age`/,
    },
    {
      case: 'excluded target',
      from: 'training:',
      to: '  excludeFromTraining: [Status]\n\ntraining:',
      path: 'data.excludeFromTraining',
      message: /target `Status` cannot/,
    },
    {
      case: 'text that is trained on',
      from: '{ type: integer, min: 18, max: 100 }',
      to: '{ type: text }',
      path: 'data.columns.Age',
      message: /free text/,
    },
    {
      case: 'copy of a confidential model',
      from: 'strategy: retrain',
      to: 'strategy: copy',
      path: 'promotion.strategy',
      message: /trained on confidential data.*refused/,
    },
  ])('$case', ({ from, to, path, message, hint }) => {
    const problem = problemsOf(changed(from, to)).find((candidate) => candidate.path === path);
    expect(problem?.message).toMatch(message);
    if (hint) expect(problem?.hint).toMatch(hint);
  });
});

describe('a text that is no definition is refused', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x]',
    'b: &b [*a,*a,*a,*a,*a,*a,*a,*a]',
    'c: &c [*b,*b,*b,*b,*b,*b,*b,*b]',
    'd: [*c,*c,*c,*c]',
  ];
  it.each([
    { case: 'empty', text: '', message: /is empty/ },
    { case: 'only a comment', text: '# model', message: /must be a map of fields/ },
    { case: 'a scalar', text: 'hello', message: /must be a map of fields, it is the text "hello"/ },
    { case: 'an open bracket', text: 'a: [1', message: /not valid YAML/ },
    { case: 'a key twice', text: `${creditRisk}\nmodel: other`, message: /must be unique/ },
    { case: 'two documents', text: `${creditRisk}\n---\n${creditRisk}`, message: /not valid YAML/ },
    {
      case: 'an unknown tag',
      text: creditRisk.replace('seed: 7', 'seed: !!js/function 7'),
      message: /Unresolved tag/,
    },
    { case: 'aliases of aliases of aliases', text: bomb.join('\n'), message: /aliases that expand/ },
    { case: 'nested 100000 deep', text: '['.repeat(100_000), message: /nested too deeply/ },
    { case: 'larger than 256 KiB', text: `# ${'x'.repeat(300_000)}`, message: /at most 262144/ },
  ])('$case', ({ text, message }) => {
    const [problem] = problemsOf(text);
    expect(problem?.message).toMatch(message);
    expect(problem?.line).toBeGreaterThan(0);
  });

  it('says all problems in one message, a line each, in the order of the file', () => {
    const parsed = parseModelDefinition(changed('seed: 7', 'sede: 7'), 'models/credit.yaml');
    expect(parsed.ok ? '' : parsed.message).toBe(
      [
        `models/credit.yaml:${placeOf(creditRisk, 'training:').line}:1 training.seed: \`seed\` is missing`,
        `models/credit.yaml:${placeOf(creditRisk, 'seed: 7').line}:3 training.sede: unknown field \`sede\` — did you mean \`seed\`?`,
      ].join('\n'),
    );
  });
});

describe('model-definition.schema.json', () => {
  const stored = JSON.parse(read('model-definition.schema.json'));

  it('is what the schema makes: node contracts/model-definition/write-json-schema.ts', () => {
    expect(stored).toEqual(JSON.parse(JSON.stringify(modelDefinitionJsonSchema())));
  });

  it('accepts the examples and refuses a misspelled field', () => {
    const validator = String(stored.$schema).includes('2020')
      ? new Ajv2020({ strict: false })
      : new Ajv({ strict: false });
    const accepts = validator.compile(stored);
    expect(accepts(parseYaml(creditRisk)), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts(parseYaml(example)), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts(parseYaml(changed('maxRows: 1000', 'maxRow: 1000')))).toBe(false);
  });
});
