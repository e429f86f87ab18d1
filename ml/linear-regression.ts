import { solveSymmetric } from './cholesky.ts';
import type { Feature } from './feature-schema.ts';
import { addRow, linearDesign, linearImportance, linearPredictor } from './linear-design.ts';
import type { FittedLinear } from './logistic-regression.ts';
import type { Table } from './table.ts';

export interface LinearRegressionParameters {
  /** Added to the diagonal of XᵀX for standardised numbers and one-hot columns; the intercept is free. */
  readonly l2: number;
}

export const LINEAR_REGRESSION_DEFAULTS: LinearRegressionParameters = { l2: 10 };

/** Ridge regression by the normal equations; features are prepared as for logistic regression. `y` in the order of `rows`. */
export const fitLinearRegression = (
  table: Table,
  features: readonly Feature[],
  rows: Int32Array,
  y: Float64Array,
  { l2 }: LinearRegressionParameters,
): FittedLinear => {
  const design = linearDesign(table, features, rows);
  const { width } = design;
  const gram = new Float64Array(width * width);
  const weights = new Float64Array(width);
  for (let row = 0; row < design.rows; row++) addRow(design, row, 1, y[row]!, gram, weights);
  // Without any penalty one-hot columns are collinear with the constant; this much keeps the factor positive definite.
  for (let j = 1; j < width; j++) gram[j * width + j]! += Math.max(l2, 1e-8 * design.rows);
  const converged = solveSymmetric(gram, weights);
  return {
    predictor: linearPredictor(design, weights),
    importance: linearImportance(design, weights),
    iterations: 1,
    converged,
  };
};
