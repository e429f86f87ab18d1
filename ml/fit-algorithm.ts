import { learnFeatures } from './feature-schema.ts';
import { fitGradientBoosting } from './gradient-boosting.ts';
import type { Hyperparameters } from './hyperparameters.ts';
import { fitLinearRegression } from './linear-regression.ts';
import { fitLogisticRegression } from './logistic-regression.ts';
import type { Algorithm, Model } from './model.ts';
import type { Table } from './table.ts';
import type { Task } from './target.ts';

export interface FitRequest {
  readonly table: Table;
  readonly target: string;
  readonly task: Task;
  readonly labels: readonly [string, string] | null;
  readonly features: readonly string[];
  readonly algorithm: Algorithm;
  readonly hyperparameters: Hyperparameters;
  /** Rows to learn from, and the target of every row of the table. */
  readonly rows: Int32Array;
  readonly y: Float64Array;
  /** Rows for early stopping; null: train the full number of rounds. */
  readonly validation: Int32Array | null;
}

/** A step of a long fit: a boosting round and the rounds at most. */
export interface FitStep {
  readonly round: number;
  readonly rounds: number;
  readonly validationLoss: number | null;
}

const at = (y: Float64Array, rows: Int32Array): Float64Array => Float64Array.from(rows, (row) => y[row]!);

/** Trains one algorithm on `rows`; everything it knows, the feature schema included, comes from these rows. The threshold is 0.5. */
export function* fitAlgorithm(request: FitRequest): Generator<FitStep, Model> {
  const { table, target, task, labels, algorithm, hyperparameters, rows, y, validation } = request;
  const { features, dropped } = learnFeatures(table, request.features, rows);
  const own = { ...hyperparameters[algorithm] };
  const model = (fitted: Pick<Model, 'predictor' | 'importance'>, learned: Record<string, number>): Model => ({
    format: 'sluice-model/1',
    task,
    target,
    labels,
    threshold: task === 'regression' ? null : 0.5,
    algorithm,
    hyperparameters: { ...own, ...learned },
    features,
    dropped,
    importance: fitted.importance,
    predictor: fitted.predictor,
  });
  if (algorithm === 'logistic-regression') {
    return model(fitLogisticRegression(table, features, rows, at(y, rows), hyperparameters[algorithm]), {});
  }
  if (algorithm === 'linear-regression') {
    return model(fitLinearRegression(table, features, rows, at(y, rows), hyperparameters[algorithm]), {});
  }
  const parameters = hyperparameters[algorithm];
  const boosting = fitGradientBoosting({
    table,
    features,
    task,
    rows,
    y: at(y, rows),
    validation: validation === null ? null : { rows: validation, y: at(y, validation) },
    parameters,
  });
  let step = boosting.next();
  while (!step.done) {
    yield { ...step.value, rounds: parameters.rounds };
    step = boosting.next();
  }
  return model(step.value, { rounds: step.value.rounds });
}
