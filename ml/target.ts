import { TargetInvalid } from './errors.ts';
import { columnOf, type Table } from './table.ts';

export type Task = 'binary-classification' | 'regression';

export interface TargetValues {
  /** 1 = positive and 0 = negative for classification, the number itself for regression, NaN where it is missing. */
  readonly values: Float64Array;
  /** [negative, positive], for classification. */
  readonly labels: readonly [string, string] | null;
}

const distinct = (values: Iterable<string | null>): string[] => {
  const seen = new Set<string>();
  for (const value of values) if (value !== null) seen.add(value);
  return [...seen].sort();
};

/** Each row's target as text, null = missing: class labels may be written as numbers (0 / 1). */
const labelTexts = (table: Table, target: string): (string | null)[] => {
  const column = columnOf(table, target);
  return column.kind === 'category'
    ? Array.from(column.codes, (code) => (code < 0 ? null : column.levels[code]!))
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value)));
};

const classTarget = (table: Table, target: string, labels: readonly [string, string]): TargetValues => {
  const texts = labelTexts(table, target);
  const values = Float64Array.from(texts, (text, row) => {
    if (text === null) return Number.NaN;
    const index = labels.indexOf(text);
    if (index < 0) {
      throw new TargetInvalid(
        target,
        `row ${row} has ${JSON.stringify(text)}; the model knows ${labels.join(' and ')}`,
      );
    }
    return index;
  });
  return { values, labels };
};

/** The two labels [negative, positive] of a table. Throws {@link TargetInvalid} unless there are exactly two, one of them `positive`. */
export const classLabels = (table: Table, target: string, positive: string | undefined): readonly [string, string] => {
  const labels = distinct(labelTexts(table, target));
  if (labels.length !== 2) {
    const found = labels.slice(0, 5).join(', ');
    throw new TargetInvalid(target, `binary classification needs two values, found ${labels.length} (${found})`);
  }
  if (positive === undefined || !labels.includes(positive)) {
    throw new TargetInvalid(target, `positive must be one of ${labels.join(', ')}, it is ${JSON.stringify(positive)}`);
  }
  return [labels.find((label) => label !== positive)!, positive];
};

/** Target values of a table, for labels that are known (a trained model's) or read off the table with {@link classLabels}. */
export const targetValues = (
  table: Table,
  target: string,
  task: Task,
  labels: readonly [string, string] | null,
): TargetValues => {
  if (task === 'binary-classification') {
    if (labels === null) throw new TargetInvalid(target, 'classification needs its two labels');
    return classTarget(table, target, labels);
  }
  const column = columnOf(table, target);
  if (column.kind !== 'number') throw new TargetInvalid(target, 'regression needs a number column, this is a category');
  return { values: column.values, labels: null };
};
