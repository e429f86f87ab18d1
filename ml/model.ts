import { ModelInvalid } from './errors.ts';
import { sigmoid } from './exact-math.ts';
import { allRows } from './feature-reader.ts';
import type { DroppedFeature, Feature } from './feature-schema.ts';
import { type LinearPredictor, scoreLinear } from './linear-predictor.ts';
import type { Table } from './table.ts';
import type { Task } from './target.ts';
import { scoreTrees, type TreePredictor } from './tree-predictor.ts';

export type Algorithm = 'logistic-regression' | 'linear-regression' | 'gradient-boosting';

/** A trained model: plain data, the same bytes from {@link serializeModel} for the same data, recipe and seed. */
export interface Model {
  readonly format: 'sluice-model/1';
  readonly task: Task;
  readonly target: string;
  /** [negative, positive] for classification. */
  readonly labels: readonly [string, string] | null;
  /** A probability of at least this is called positive; a 32-bit float. Null for regression. */
  readonly threshold: number | null;
  readonly algorithm: Algorithm;
  readonly hyperparameters: Readonly<Record<string, number>>;
  readonly features: readonly Feature[];
  readonly dropped: readonly DroppedFeature[];
  /** Share of each feature: of the gain for trees, of the spread of the score for linear models. Sums to 1. */
  readonly importance: Readonly<Record<string, number>>;
  readonly predictor: LinearPredictor | TreePredictor;
}

/**
 * Probability of the positive class, or the predicted number, for each of `rows` (default: all), as 32-bit floats. Throws ColumnInvalid when a feature
 * is absent or of the other kind.
 */
export const predictTable = (model: Model, table: Table, rows: Int32Array = allRows(table)): Float32Array => {
  const { predictor, task } = model;
  const scores = predictor.kind === 'linear' ? scoreLinear(predictor, table, rows) : scoreTrees(predictor, table, rows);
  if (task === 'binary-classification') for (let i = 0; i < scores.length; i++) scores[i] = sigmoid(scores[i]!);
  return scores;
};

/** JSON with a fixed order of keys. */
export const serializeModel = (model: Model): string => JSON.stringify(model);

/** Reads what {@link serializeModel} wrote. Throws ModelInvalid for anything that is not this format. */
export const parseModel = (json: string): Model => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new ModelInvalid(`The model is not JSON: ${(error as Error).message}`);
  }
  const format = (parsed as Partial<Model> | null)?.format;
  if (format !== 'sluice-model/1') {
    throw new ModelInvalid(`The model's format is ${JSON.stringify(format)}, this version reads "sluice-model/1"`);
  }
  return parsed as Model;
};
