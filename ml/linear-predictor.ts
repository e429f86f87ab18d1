import { readLevels, readNumbers } from './feature-reader.ts';
import type { Table } from './table.ts';

/** One number feature of a linear model. All numbers are 32-bit floats. */
export interface LinearNumber {
  readonly name: string;
  /** Subtracted; also stands in for a missing value. */
  readonly offset: number;
  /** Multiplied after that: 1 / standard deviation. */
  readonly scale: number;
  readonly coefficient: number;
  /** Added when the value is missing; 0 if none was in training. */
  readonly missingCoefficient: number;
}

/** One category feature of a linear model: a level without a coefficient adds nothing. */
export interface LinearCategory {
  readonly name: string;
  /** The empty text is the missing value. */
  readonly levels: readonly string[];
  readonly coefficients: readonly number[];
}

export interface LinearPredictor {
  readonly kind: 'linear';
  readonly numbers: readonly LinearNumber[];
  readonly categories: readonly LinearCategory[];
  readonly intercept: number;
}

/** The standardised value with the 32-bit rounding of ONNX's Imputer and Scaler. */
export const standardise = (value: number, { offset, scale }: { offset: number; scale: number }): number =>
  Number.isNaN(value) ? 0 : Math.fround(Math.fround(value - offset) * scale);

/** One raw score a row: standardised numbers, then missing indicators, then categories, then the intercept, summed in 64 bits. */
export const scoreLinear = (predictor: LinearPredictor, table: Table, rows: Int32Array): Float32Array => {
  const sums = new Float64Array(rows.length);
  const numbers = predictor.numbers.map((number) => readNumbers(table, number.name, rows));
  predictor.numbers.forEach((number, c) => {
    const values = numbers[c]!;
    for (let i = 0; i < sums.length; i++) sums[i]! += standardise(values[i]!, number) * number.coefficient;
  });
  predictor.numbers.forEach(({ missingCoefficient }, c) => {
    if (missingCoefficient === 0) return;
    const values = numbers[c]!;
    for (let i = 0; i < sums.length; i++) if (Number.isNaN(values[i]!)) sums[i]! += missingCoefficient;
  });
  for (const { name, levels, coefficients } of predictor.categories) {
    const missing = coefficients[levels.indexOf('')] ?? 0;
    readLevels(table, name, rows, levels).forEach((level, i) => {
      if (level >= 0) sums[i]! += coefficients[level]!;
      else if (level === -1) sums[i]! += missing;
    });
  }
  return Float32Array.from(sums, (sum) => sum + predictor.intercept);
};
