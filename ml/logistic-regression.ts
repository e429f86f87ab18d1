import { solveSymmetric } from './cholesky.ts';
import { sigmoid, softplus } from './exact-math.ts';
import type { Feature } from './feature-schema.ts';
import { addRow, dotRow, type LinearDesign, linearDesign, linearImportance, linearPredictor } from './linear-design.ts';
import type { LinearPredictor } from './linear-predictor.ts';
import type { Table } from './table.ts';

export interface LogisticRegressionParameters {
  /** Half of it times the squared weights is added to the summed log-loss; the intercept is free. 1 = scikit-learn's C = 1. */
  readonly l2: number;
  readonly maximumIterations: number;
  /** Stop when a step lowers the objective by less than this share of it. */
  readonly tolerance: number;
}

export const LOGISTIC_REGRESSION_DEFAULTS: LogisticRegressionParameters = {
  l2: 1,
  maximumIterations: 50,
  tolerance: 1e-9,
};

export interface FittedLinear {
  readonly predictor: LinearPredictor;
  readonly importance: Record<string, number>;
  readonly iterations: number;
  readonly converged: boolean;
}

const objective = (design: LinearDesign, y: Float64Array, w: Float64Array, l2: number): number => {
  let sum = 0;
  for (let row = 0; row < design.rows; row++) {
    const score = dotRow(design, row, w);
    sum += softplus(score) - y[row]! * score;
  }
  for (let j = 1; j < w.length; j++) sum += 0.5 * l2 * w[j]! * w[j]!;
  return sum;
};

/** The Newton step for weights w. */
const newtonStep = (design: LinearDesign, y: Float64Array, w: Float64Array, l2: number): Float64Array => {
  const { width } = design;
  const hessian = new Float64Array(width * width);
  const step = new Float64Array(width);
  for (let row = 0; row < design.rows; row++) {
    const p = sigmoid(dotRow(design, row, w));
    addRow(design, row, p * (1 - p), y[row]! - p, hessian, step);
  }
  // The tiny ridge keeps the free intercept solvable when every probability has saturated.
  hessian[0]! += 1e-9;
  for (let j = 1; j < width; j++) {
    hessian[j * width + j]! += l2;
    step[j]! -= l2 * w[j]!;
  }
  return solveSymmetric(hessian, step) ? step : new Float64Array(width);
};

/**
 * L2-regularised logistic regression by Newton's method (IRLS) with step halving. `y` is 0 or 1, in the order of `rows`.
 * Numbers are standardised, missing ones imputed with the mean and marked by an indicator; categories are one-hot.
 */
export const fitLogisticRegression = (
  table: Table,
  features: readonly Feature[],
  rows: Int32Array,
  y: Float64Array,
  parameters: LogisticRegressionParameters,
): FittedLinear => {
  const { l2, maximumIterations, tolerance } = parameters;
  const design = linearDesign(table, features, rows);
  let w: Float64Array = new Float64Array(design.width);
  let current = objective(design, y, w, l2);
  let iterations = 0;
  let converged = false;
  while (!converged && iterations < maximumIterations) {
    iterations += 1;
    const step = newtonStep(design, y, w, l2);
    let share = 1;
    let candidate = w.map((value, j) => value + step[j]!);
    let next = objective(design, y, candidate, l2);
    while (next > current && share > 1e-6) {
      share /= 2;
      candidate = w.map((value, j) => value + share * step[j]!);
      next = objective(design, y, candidate, l2);
    }
    converged = current - next <= tolerance * Math.abs(current);
    if (next > current) break;
    w = candidate;
    current = next;
  }
  return { predictor: linearPredictor(design, w), importance: linearImportance(design, w), iterations, converged };
};
