import { mayCross } from '../../domain/classification.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import {
  ALGORITHMS,
  type GateDefinition,
  MAX_CATEGORY_LEVELS,
  MAX_UNIQUE_KEYS,
  METRICS,
  type ModelDefinition,
} from '../../domain/model-definition.ts';
import { nearest } from './nearest.ts';

export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** What must fit together in a definition whose fields are each valid. */
export function crossCheck(definition: ModelDefinition): Finding[] {
  return [
    ...checkRows(definition),
    ...checkColumns(definition),
    ...checkTarget(definition),
    ...checkUnique(definition),
    ...checkExcluded(definition),
    ...checkTraining(definition),
    ...environments.flatMap((environment) => checkGate(definition, environment)),
    ...checkPromotion(definition),
  ];
}

const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

function checkRows({ data: { rows } }: ModelDefinition): Finding[] {
  return rows.min <= rows.max
    ? []
    : [{ path: ['data', 'rows', 'min'], message: `min ${rows.min} is more than max ${rows.max}` }];
}

/** Names that JavaScript objects treat specially, in this runtime or in another one's JSON library. */
const RESERVED_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

function checkColumns({ data: { columns } }: ModelDefinition): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(columns).length < 2)
    findings.push({ path: ['data', 'columns'], message: 'must have at least two columns: a target and a feature' });
  if (Object.keys(columns).length > 1000)
    findings.push({ path: ['data', 'columns'], message: 'must have at most 1000 columns' });

  for (const [name, column] of Object.entries(columns)) {
    const path = ['data', 'columns', name];
    if ((column.type === 'integer' || column.type === 'number') && (column.min ?? -Infinity) > (column.max ?? Infinity))
      findings.push({ path: [...path, 'min'], message: `min ${column.min} is more than max ${column.max}` });
    if (column.type === 'category') findings.push(...checkValues(path, column.values ?? []));
  }
  return findings;
}

function checkValues(path: readonly string[], values: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  if (values.length > MAX_CATEGORY_LEVELS)
    findings.push({
      path: [...path, 'values'],
      message: `${values.length} values, at most ${MAX_CATEGORY_LEVELS} are possible`,
      hint: 'declare the column as `text` and exclude it from training',
    });
  values.forEach((value, index) => {
    if (values.indexOf(value) !== index)
      findings.push({ path: [...path, 'values', index], message: `\`${value}\` stands twice` });
    if (value === 'NA')
      findings.push({
        path: [...path, 'values', index],
        message: '`NA` is read as a missing value and can never be one of the values',
        hint: 'remove it and set `missing` to the largest share that is acceptable',
      });
  });
  return findings;
}

function checkTarget(definition: ModelDefinition): Finding[] {
  const { target, columns, excludeFromTraining } = definition.data;
  const path = ['data', 'target', 'column'];
  const column = columnOf(definition, target.column);
  if (column === undefined) return [unknownColumn(path, target.column, Object.keys(columns))];

  const findings: Finding[] = [];
  if (column.missing !== 0)
    findings.push({
      path: ['data', 'columns', target.column, 'missing'],
      message: 'the target may not be missing: a row without it teaches nothing and cannot be measured',
      hint: 'leave `missing` out and leave such rows out of the data',
    });
  if (excludeFromTraining.includes(target.column))
    findings.push({
      path: ['data', 'excludeFromTraining'],
      message: `the target \`${target.column}\` cannot be excluded`,
    });
  return [...findings, ...(definition.task === 'regression' ? checkNumberTarget : checkClassTarget)(definition)];
}

function checkNumberTarget(definition: ModelDefinition): Finding[] {
  const { target } = definition.data;
  const type = columnOf(definition, target.column)?.type;
  const findings: Finding[] = [];
  if (target.positive !== undefined)
    findings.push({
      path: ['data', 'target', 'positive'],
      message: 'a regression has no positive class',
      hint: 'remove it',
    });
  if (type !== 'integer' && type !== 'number')
    findings.push({
      path: ['data', 'columns', target.column, 'type'],
      message: `the target of a regression must be a \`number\` or an \`integer\`, it is \`${type}\``,
    });
  return findings;
}

function checkClassTarget(definition: ModelDefinition): Finding[] {
  const { target } = definition.data;
  const column = columnOf(definition, target.column);
  const values =
    column?.type === 'boolean' ? ['true', 'false'] : column?.type === 'category' ? column.values : undefined;
  if (values?.length !== 2)
    return [
      {
        path: ['data', 'columns', target.column],
        message: 'the target of a binary-classification must be a `boolean` or a `category` with exactly two `values`',
        hint: 'for a target of 0 and 1 write `type: category` and `values: [0, 1]`',
      },
    ];
  if (target.positive === undefined)
    return [
      {
        path: ['data', 'target'],
        message: `\`positive\` is missing: which of ${list(values)} is the class that the model predicts the chance of?`,
      },
    ];
  if (values.includes(target.positive)) return [];
  return [
    {
      path: ['data', 'target', 'positive'],
      message: `\`${target.positive}\` is none of the values of \`${target.column}\`: ${list(values)}`,
      ...suggestion(target.positive, values),
    },
  ];
}

function checkUnique({ data: { unique, columns, rows } }: ModelDefinition): Finding[] {
  const findings: Finding[] = [];
  unique.forEach((combination, index) => {
    combination.forEach((name, position) => {
      const path = ['data', 'unique', index, position];
      if (!Object.hasOwn(columns, name)) findings.push(unknownColumn(path, name, Object.keys(columns)));
      if (combination.indexOf(name) !== position) findings.push({ path, message: `\`${name}\` stands twice` });
    });
  });
  if (rows.max * unique.length > MAX_UNIQUE_KEYS)
    findings.push({
      path: ['data', 'unique'],
      message: `${unique.length} × ${rows.max} rows to compare, at most ${MAX_UNIQUE_KEYS} fit into the memory of a check`,
      hint: 'lower `rows.max` or name fewer combinations',
    });
  return findings;
}

function checkExcluded(definition: ModelDefinition): Finding[] {
  const { excludeFromTraining, columns, target } = definition.data;
  const findings: Finding[] = [];
  excludeFromTraining.forEach((name, index) => {
    const path = ['data', 'excludeFromTraining', index];
    if (!Object.hasOwn(columns, name)) findings.push(unknownColumn(path, name, Object.keys(columns)));
  });
  for (const [name, column] of Object.entries(columns)) {
    if (column.type === 'text' && !excludeFromTraining.includes(name))
      findings.push({
        path: ['data', 'columns', name],
        message: `\`${name}\` is free text, which the embedded trainer cannot train on`,
        hint: `add it to \`excludeFromTraining\`, or make it a \`category\``,
      });
  }
  const features = Object.keys(columns).filter((name) => name !== target.column && !excludeFromTraining.includes(name));
  if (features.length === 0)
    findings.push({ path: ['data', 'excludeFromTraining'], message: 'no column is left to train on' });
  return findings;
}

function checkTraining({ task, training: { algorithms } }: ModelDefinition): Finding[] {
  const possible: readonly string[] = ALGORITHMS[task];
  return algorithms.flatMap((algorithm, index) => {
    const path = ['training', 'algorithms', index];
    if (!possible.includes(algorithm))
      return [{ path, message: `\`${algorithm}\` cannot do ${task}; possible: ${list(possible)}` }];
    return algorithms.indexOf(algorithm) === index ? [] : [{ path, message: `\`${algorithm}\` stands twice` }];
  });
}

function checkGate({ task, gates }: ModelDefinition, environment: Environment): Finding[] {
  const path = ['gates', environment];
  const gate: GateDefinition = gates[environment];
  const known: Readonly<Record<string, 'higher' | 'lower'>> = METRICS[task];
  const misfit = (at: string[], metric: string): Finding => ({
    path: at,
    message: `\`${metric}\` is no metric of ${task}; it has ${list(Object.keys(known))}`,
  });
  const findings: Finding[] = [];

  for (const [metric, { min, max }] of Object.entries(gate.metrics)) {
    const at = [...path, 'metrics', metric];
    if (!Object.hasOwn(known, metric)) findings.push(misfit(at, metric));
    else if (min === undefined && max === undefined)
      findings.push({
        path: at,
        message: `needs ${known[metric] === 'higher' ? 'a `min`' : 'a `max`'}: without a bound nothing is checked`,
      });
    else if ((min ?? -Infinity) > (max ?? Infinity))
      findings.push({ path: [...at, 'min'], message: `min ${min} is more than max ${max}` });
  }
  if (Object.keys(gate.metrics).length === 0)
    findings.push({
      path: [...path, 'metrics'],
      message: 'names no metric, so any model at all would pass',
      hint: task === 'regression' ? 'for example `rmse: { max: 1000 }`' : 'for example `auc: { min: 0.75 }`',
    });
  if (gate.champion !== undefined && !Object.hasOwn(known, gate.champion.metric))
    findings.push(misfit([...path, 'champion', 'metric'], gate.champion.metric));
  return findings;
}

function checkPromotion({ promotion, data }: ModelDefinition): Finding[] {
  return promotion.strategy === 'copy' && !mayCross(data.classification)
    ? [
        {
          path: ['promotion', 'strategy'],
          message: `\`copy\` would carry a model trained on ${data.classification} data into the next environment, which is refused`,
          hint: 'use `retrain`: only the recipe crosses',
        },
      ]
    : [];
}

/** Names that no JSON object can be trusted to keep. Checked on the text's own keys, before the schema drops them. */
export const reservedColumnNames = (names: readonly string[]): string[] =>
  names.filter((name) => RESERVED_NAMES.has(name));

const columnOf = ({ data: { columns } }: ModelDefinition, name: string) =>
  Object.hasOwn(columns, name) ? columns[name] : undefined;

const unknownColumn = (path: readonly (string | number)[], name: string, names: readonly string[]): Finding => ({
  path,
  message: `\`${name}\` is none of the columns`,
  ...suggestion(name, names),
});

export const suggestion = (name: string, names: readonly string[]): { hint?: string } => {
  const found = nearest(name, names);
  return found === undefined ? {} : { hint: `did you mean \`${found}\`?` };
};
