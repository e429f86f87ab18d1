import { TrainingDataInsufficient } from './errors.ts';
import { type FitRequest, fitAlgorithm } from './fit-algorithm.ts';
import { type PartialHyperparameters, resolveAlgorithms, resolveHyperparameters } from './hyperparameters.ts';
import {
  type ClassificationMetrics,
  classificationMetrics,
  type RegressionMetrics,
  regressionMetrics,
  thresholdOfBestF1,
} from './metrics.ts';
import { type Algorithm, type Model, predictTable } from './model.ts';
import { splitRows } from './split.ts';
import type { Table } from './table.ts';
import { classLabels, type Task, targetValues } from './target.ts';

export interface TrainRequest {
  readonly table: Table;
  readonly target: string;
  readonly task: Task;
  /** The label the probability is for; classification only. */
  readonly positive?: string;
  /** Default: every column but the target. */
  readonly features?: readonly string[];
  readonly seed: number;
  /** Default: all that do the task. */
  readonly algorithms?: readonly Algorithm[];
  readonly hyperparameters?: PartialHyperparameters;
  /** Rows to use. Default: all with a target, 80 % train and 20 % validation. Keep test rows out of both. */
  readonly split?: { readonly train: Int32Array; readonly validation: Int32Array };
  /** Train the chosen algorithm once more on train and validation rows together. Default true. */
  readonly refit?: boolean;
}

export interface TrainingProgress {
  readonly stage: 'trying' | 'refitting';
  readonly algorithm: Algorithm;
  /** Share of this stage that is done at most, 0 … 1 (early stopping may end it sooner). */
  readonly share: number;
  readonly validationLoss: number | null;
}

/** One algorithm that was tried, measured on the validation rows. */
export interface Trial {
  readonly algorithm: Algorithm;
  readonly hyperparameters: Readonly<Record<string, number>>;
  readonly metrics: ClassificationMetrics | RegressionMetrics;
  readonly chosen: boolean;
}

export interface TrainResult {
  readonly model: Model;
  readonly tried: readonly Trial[];
  /** How the choice was made. */
  readonly rule: string;
  /** Rows trained on and validated on, before the refit joined them. */
  readonly rows: { readonly train: number; readonly validation: number; readonly withoutTarget: number };
}

interface Attempt {
  readonly model: Model;
  readonly metrics: ClassificationMetrics | RegressionMetrics;
  /** Larger is better. */
  readonly merit: number;
}

/** Too few rows for anything a validation part could tell apart from noise. */
const MINIMUM_ROWS = 50;

const RULES: Record<Task, string> = {
  'binary-classification':
    'highest AUC on the validation rows; threshold of the highest F1 on the validation rows; then trained again on train and validation rows',
  regression: 'lowest RMSE on the validation rows; then trained again on train and validation rows',
};

const measure = (model: Model, table: Table, validation: Int32Array, y: Float64Array): Attempt => {
  const truth = Float64Array.from(validation, (row) => y[row]!);
  const predicted = predictTable(model, table, validation);
  if (model.task === 'regression') {
    const metrics = regressionMetrics(truth, predicted);
    return { model, metrics, merit: -metrics.rmse };
  }
  const threshold = thresholdOfBestF1(truth, predicted);
  const metrics = classificationMetrics(truth, predicted, threshold);
  return { model: { ...model, threshold }, metrics, merit: metrics.auc ?? -metrics.logLoss };
};

const joined = (a: Int32Array, b: Int32Array): Int32Array => Int32Array.from([...a, ...b]).sort();

function* fitWithProgress(stage: TrainingProgress['stage'], request: FitRequest): Generator<TrainingProgress, Model> {
  const { algorithm } = request;
  yield { stage, algorithm, share: 0, validationLoss: null };
  const fitting = fitAlgorithm(request);
  let step = fitting.next();
  while (!step.done) {
    const { round, rounds, validationLoss } = step.value;
    yield { stage, algorithm, share: round / rounds, validationLoss };
    step = fitting.next();
  }
  return step.value;
}

/**
 * {@link train} in steps: a caller with a heartbeat to send iterates and lets the event loop run between steps. Yields at least once an
 * algorithm and boosting round; the generator's return value is the result.
 */
export function* trainInSteps(request: TrainRequest): Generator<TrainingProgress, TrainResult> {
  const { table, target, task, seed } = request;
  const algorithms = resolveAlgorithms(task, request.algorithms);
  const hyperparameters = resolveHyperparameters(request.hyperparameters);
  const features = (request.features ?? table.columns.map(({ name }) => name)).filter((name) => name !== target);
  const labels = task === 'regression' ? null : classLabels(table, target, request.positive);
  const y = targetValues(table, target, task, labels).values;
  const known = (rows: Int32Array) => rows.filter((row) => !Number.isNaN(y[row]!));
  const fractions = { train: 0.8, validation: 0.2, test: 0 };
  const split = request.split ?? splitRows({ table, target, features, fractions, seed });
  const trainRows = known(split.train);
  const validation = known(split.validation);
  if (trainRows.length < MINIMUM_ROWS || validation.length === 0) {
    const found = `${trainRows.length} train and ${validation.length} validation rows with a target`;
    throw new TrainingDataInsufficient(
      `Training needs ${MINIMUM_ROWS} train rows and a validation row; there are ${found}`,
    );
  }
  if (task === 'binary-classification' && new Set(trainRows.map((row) => y[row]!)).size < 2) {
    throw new TrainingDataInsufficient(`All train rows have the same ${target}`);
  }

  const base = { table, target, task, labels, features, hyperparameters, y };
  const attempts: Attempt[] = [];
  for (const algorithm of algorithms) {
    const model = yield* fitWithProgress('trying', { ...base, algorithm, rows: trainRows, validation });
    attempts.push(measure(model, table, validation, y));
  }
  const best = attempts.reduce((a, b) => (b.merit > a.merit ? b : a));
  const model = (request.refit ?? true) ? yield* refit(base, best.model, joined(trainRows, validation)) : best.model;
  return {
    model,
    tried: attempts.map((attempt) => ({
      algorithm: attempt.model.algorithm,
      hyperparameters: attempt.model.hyperparameters,
      metrics: attempt.metrics,
      chosen: attempt === best,
    })),
    rule: RULES[task],
    rows: {
      train: trainRows.length,
      validation: validation.length,
      withoutTarget: split.train.length + split.validation.length - trainRows.length - validation.length,
    },
  };
}

/** The chosen model on all its rows: as many rounds as early stopping found, the threshold found on the validation rows. */
function* refit(
  base: Omit<FitRequest, 'algorithm' | 'rows' | 'validation'>,
  chosen: Model,
  rows: Int32Array,
): Generator<TrainingProgress, Model> {
  const { algorithm, threshold, hyperparameters } = chosen;
  const rounds = Math.max(1, hyperparameters.rounds ?? 1);
  const boosting = { ...base.hyperparameters['gradient-boosting'], rounds };
  const again = { ...base.hyperparameters, 'gradient-boosting': boosting };
  const request = { ...base, hyperparameters: again, algorithm, rows, validation: null };
  const model = yield* fitWithProgress('refitting', request);
  return { ...model, threshold };
}

/**
 * Tries each algorithm, keeps the best on the validation rows and trains it again on all rows. Deterministic: the same table, request and
 * seed give a model that serializes to the same bytes. Throws TargetInvalid, ColumnInvalid, HyperparameterInvalid, TrainingDataInsufficient.
 */
export const train = (request: TrainRequest, onProgress?: (progress: TrainingProgress) => void): TrainResult => {
  const steps = trainInSteps(request);
  let step = steps.next();
  while (!step.done) {
    onProgress?.(step.value);
    step = steps.next();
  }
  return step.value;
};
