import { readLevels, readNumbers } from './feature-reader.ts';
import type { Feature } from './feature-schema.ts';
import { type LinearPredictor, standardise } from './linear-predictor.ts';
import type { Table } from './table.ts';

interface DesignNumber {
  readonly name: string;
  readonly offset: number;
  readonly scale: number;
  /** Column of its missing indicator, -1 when no training value was missing. */
  readonly indicator: number;
}

interface DesignCategory {
  readonly name: string;
  readonly levels: readonly string[];
  readonly firstColumn: number;
}

/**
 * The training rows as a linear model sees them: columns 0 … dense-1 are stored (the constant, standardised numbers, missing
 * indicators), the one-hot columns after them are only named, one a category and row.
 */
export interface LinearDesign {
  readonly rows: number;
  readonly width: number;
  readonly dense: number;
  /** rows × dense, row-major. */
  readonly values: Float64Array;
  /** rows × categories, row-major: the one-hot column that is 1, or -1. */
  readonly hot: Int32Array;
  readonly numbers: readonly DesignNumber[];
  readonly categories: readonly DesignCategory[];
}

/** Mean and 1 / standard deviation of the values that are there, as 32-bit floats; a constant gets scale 0. */
const moments = (values: Float32Array): { offset: number; scale: number } => {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
  }
  const offset = Math.fround(sum / count);
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - offset) * (value - offset);
  const scale = Math.fround(1 / Math.sqrt(squares / count));
  return { offset, scale: Number.isFinite(scale) ? scale : 0 };
};

export const linearDesign = (table: Table, features: readonly Feature[], rows: Int32Array): LinearDesign => {
  const numberColumns = features.filter((f) => f.kind === 'number').map((f) => readNumbers(table, f.name, rows));
  let indicators = 0;
  const numbers = features
    .filter((feature) => feature.kind === 'number')
    .map(({ name }, i): DesignNumber => {
      const values = numberColumns[i]!;
      const indicator = values.some((value) => Number.isNaN(value)) ? 1 + numberColumns.length + indicators++ : -1;
      return { name, ...moments(values), indicator };
    });
  const dense = 1 + numbers.length + indicators;
  let width = dense;
  const categories = features
    .filter((feature) => feature.kind === 'category')
    .map(({ name, levels, missingShare }): DesignCategory => {
      const firstColumn = width;
      const own = missingShare > 0 ? ['', ...levels] : [...levels];
      width += own.length;
      return { name, levels: own, firstColumn };
    });

  const values = new Float64Array(rows.length * dense);
  for (let i = 0; i < rows.length; i++) values[i * dense] = 1;
  numbers.forEach((number, c) => {
    numberColumns[c]!.forEach((value, i) => {
      values[i * dense + 1 + c] = standardise(value, number);
      if (number.indicator >= 0 && Number.isNaN(value)) values[i * dense + number.indicator] = 1;
    });
  });
  const hot = new Int32Array(rows.length * categories.length);
  categories.forEach(({ name, levels, firstColumn }, c) => {
    const missing = levels[0] === '' ? firstColumn : -1;
    readLevels(table, name, rows, levels).forEach((level, i) => {
      hot[i * categories.length + c] = level >= 0 ? firstColumn + level : level === -1 ? missing : -1;
    });
  });
  return { rows: rows.length, width, dense, values, hot, numbers, categories };
};

/** Adds weight × x xᵀ (lower triangle) and residual × x of one row to the normal equations. */
export const addRow = (
  { width, dense, values, hot, categories }: LinearDesign,
  row: number,
  weight: number,
  residual: number,
  gram: Float64Array,
  moment: Float64Array,
): void => {
  const first = row * dense;
  const firstHot = row * categories.length;
  for (let i = 0; i < dense; i++) {
    const xi = values[first + i]!;
    moment[i]! += residual * xi;
    const weighted = weight * xi;
    for (let j = 0; j <= i; j++) gram[i * width + j]! += weighted * values[first + j]!;
  }
  for (let c = 0; c < categories.length; c++) {
    const column = hot[firstHot + c]!;
    if (column < 0) continue;
    moment[column]! += residual;
    for (let j = 0; j < dense; j++) gram[column * width + j]! += weight * values[first + j]!;
    for (let d = 0; d <= c; d++) {
      const other = hot[firstHot + d]!;
      if (other >= 0) gram[column * width + other]! += weight;
    }
  }
};

/** x·w of one row. */
export const dotRow = ({ dense, values, hot, categories }: LinearDesign, row: number, w: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < dense; i++) sum += values[row * dense + i]! * w[i]!;
  for (let c = 0; c < categories.length; c++) {
    const column = hot[row * categories.length + c]!;
    if (column >= 0) sum += w[column]!;
  }
  return sum;
};

/** The weights by feature, rounded to the 32-bit floats that ONNX stores. */
export const linearPredictor = (design: LinearDesign, weights: Float64Array): LinearPredictor => ({
  kind: 'linear',
  numbers: design.numbers.map(({ name, offset, scale, indicator }, c) => ({
    name,
    offset,
    scale,
    coefficient: Math.fround(weights[1 + c]!),
    missingCoefficient: indicator < 0 ? 0 : Math.fround(weights[indicator]!),
  })),
  categories: design.categories.map(({ name, levels, firstColumn }) => ({
    name,
    levels,
    coefficients: levels.map((_, i) => Math.fround(weights[firstColumn + i]!)),
  })),
  intercept: Math.fround(weights[0]!),
});

/**
 * Share of each feature in the spread of the scores: the standard deviation over the training rows of what the feature adds,
 * which for a standardised number is |coefficient|. Sums to 1.
 */
export const linearImportance = (design: LinearDesign, weights: Float64Array): Record<string, number> => {
  const spreads: [string, number][] = [];
  const spreadOf = (addsAt: (row: number) => number) => {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < design.rows; row++) {
      const added = addsAt(row);
      sum += added;
      squares += added * added;
    }
    const mean = sum / design.rows;
    return Math.sqrt(Math.max(0, squares / design.rows - mean * mean));
  };
  const at = (row: number, column: number) => design.values[row * design.dense + column]! * weights[column]!;
  design.numbers.forEach(({ name, indicator }, c) => {
    spreads.push([name, spreadOf((row) => at(row, 1 + c) + (indicator < 0 ? 0 : at(row, indicator)))]);
  });
  design.categories.forEach(({ name }, c) => {
    const columnAt = (row: number) => design.hot[row * design.categories.length + c]!;
    spreads.push([name, spreadOf((row) => (columnAt(row) < 0 ? 0 : weights[columnAt(row)]!))]);
  });
  const total = spreads.reduce((sum, [, spread]) => sum + spread, 0);
  return Object.fromEntries(spreads.map(([name, spread]) => [name, total === 0 ? 0 : spread / total]));
};
