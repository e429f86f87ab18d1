import { TrainingDataInsufficient } from './errors.ts';
import { allRows } from './feature-reader.ts';
import {
  type ClassificationMetrics,
  classificationMetrics,
  type RegressionMetrics,
  regressionMetrics,
} from './metrics.ts';
import { type Model, predictTable } from './model.ts';
import type { Table } from './table.ts';
import { type Task, targetValues } from './target.ts';

export type Evaluation =
  | { readonly task: 'binary-classification'; readonly metrics: ClassificationMetrics }
  | { readonly task: 'regression'; readonly metrics: RegressionMetrics };

/** What is needed to measure predictions, whatever made them (a challenger's Model or a champion's ONNX). */
export interface EvaluationRequest {
  readonly task: Task;
  readonly target: string;
  readonly labels: readonly [string, string] | null;
  /** For classification. */
  readonly threshold: number | null;
  readonly table: Table;
  /** Default: all rows. Rows without a target are left out. */
  readonly rows?: Int32Array;
  readonly predict: (table: Table, rows: Int32Array) => Float32Array;
}

/** Measures predictions on rows that were not trained on. Throws TargetInvalid, ColumnInvalid, and TrainingDataInsufficient when no row has a target. */
export const evaluatePredictions = (request: EvaluationRequest): Evaluation => {
  const { task, target, labels, threshold, table, predict } = request;
  const y = targetValues(table, target, task, labels).values;
  const rows = (request.rows ?? allRows(table)).filter((row) => !Number.isNaN(y[row]!));
  if (rows.length === 0) throw new TrainingDataInsufficient(`No row to evaluate has a ${target}`);
  const truth = Float64Array.from(rows, (row) => y[row]!);
  const predicted = predict(table, rows);
  return task === 'regression'
    ? { task, metrics: regressionMetrics(truth, predicted) }
    : { task, metrics: classificationMetrics(truth, predicted, threshold ?? 0.5) };
};

export const evaluateModel = (model: Model, table: Table, rows?: Int32Array): Evaluation =>
  evaluatePredictions({
    ...model,
    table,
    ...(rows === undefined ? {} : { rows }),
    predict: (held, heldRows) => predictTable(model, held, heldRows),
  });
