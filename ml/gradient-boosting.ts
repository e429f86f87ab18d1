import { log, sigmoid, softplus } from './exact-math.ts';
import { readLevels } from './feature-reader.ts';
import type { CategoryFeature, Feature } from './feature-schema.ts';
import { binColumn, binThresholds } from './histogram-bins.ts';
import type { Table } from './table.ts';
import type { Task } from './target.ts';
import { TreeGrower } from './tree-grower.ts';
import { type Tree, type TreeInput, type TreePredictor, treeColumn } from './tree-predictor.ts';

export interface GradientBoostingParameters {
  /** Trees at most. */
  readonly rounds: number;
  readonly learningRate: number;
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
  readonly minimumLeafRows: number;
  readonly l2: number;
  /** 2 … 255, and one more for missing. */
  readonly maximumBins: number;
  /** Stop after this many rounds without a better validation loss; 0 = never. Only with validation rows. */
  readonly earlyStoppingRounds: number;
}

export const GRADIENT_BOOSTING_DEFAULTS: GradientBoostingParameters = {
  rounds: 400,
  learningRate: 0.06,
  maximumLeaves: 8,
  maximumDepth: 8,
  minimumLeafRows: 15,
  l2: 5,
  maximumBins: 255,
  earlyStoppingRounds: 25,
};

export interface BoostingRound {
  /** From 1. */
  readonly round: number;
  /** Mean log-loss or squared error on the validation rows, null without any. */
  readonly validationLoss: number | null;
}

export interface FittedTrees {
  readonly predictor: TreePredictor;
  /** Share of each feature in the total gain; sums to 1. */
  readonly importance: Record<string, number>;
  /** Trees kept: those up to the best validation loss. */
  readonly rounds: number;
}

export interface BoostingRequest {
  readonly table: Table;
  readonly features: readonly Feature[];
  readonly task: Task;
  readonly rows: Int32Array;
  /** Target of `rows`, in their order: 0 / 1 or numbers. */
  readonly y: Float64Array;
  readonly validation: { readonly rows: Int32Array; readonly y: Float64Array } | null;
  readonly parameters: GradientBoostingParameters;
}

/** Weight, in rows, of the overall mean in a level's mean: few rows do not put a level at an end of the ranking. */
const RANK_SMOOTHING = 10;

/**
 * Levels ordered by their smoothed mean target. Splits of an ordered category are the best of all two-sided ones for one split
 * (Fisher 1958, "On grouping for maximum homogeneity"), and `rank ≤ threshold` is something every ONNX runtime can do.
 */
const rankLevels = ({ name, levels }: CategoryFeature, { table, rows, y }: BoostingRequest): string[] => {
  const sums = new Float64Array(levels.length);
  const counts = new Float64Array(levels.length);
  let total = 0;
  readLevels(table, name, rows, levels).forEach((level, i) => {
    total += y[i]!;
    if (level < 0) return;
    sums[level]! += y[i]!;
    counts[level]! += 1;
  });
  const mean = total / rows.length;
  const means = sums.map((sum, level) => (sum + RANK_SMOOTHING * mean) / (counts[level]! + RANK_SMOOTHING));
  return Array.from(levels.keys())
    .sort((a, b) => means[a]! - means[b]! || a - b)
    .map((level) => levels[level]!);
};

const treeInputs = (request: BoostingRequest): TreeInput[] => [
  ...request.features.filter((f) => f.kind === 'number').map(({ name }): TreeInput => ({ name, kind: 'number' })),
  ...request.features
    .filter((feature) => feature.kind === 'category')
    .map((feature): TreeInput => ({ name: feature.name, kind: 'category', ranked: rankLevels(feature, request) })),
];

const concatenate = (a: Int32Array, b: Int32Array): Int32Array => {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

const mean = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/** Log-odds or mean of the target: the score before the first tree. */
const baseScore = (task: Task, y: Float64Array): number => {
  const average = mean(y);
  return Math.fround(task === 'regression' ? average : log(average / (1 - average)));
};

const setGradients = (
  task: Task,
  y: Float64Array,
  scores: Float64Array,
  gradients: Float64Array,
  hessians: Float64Array,
) => {
  if (task === 'regression') {
    for (let i = 0; i < y.length; i++) gradients[i] = scores[i]! - y[i]!;
    return;
  }
  for (let i = 0; i < y.length; i++) {
    const p = sigmoid(scores[i]!);
    gradients[i] = p - y[i]!;
    hessians[i] = p * (1 - p);
  }
};

const meanLoss = (task: Task, y: Float64Array, scores: Float64Array, first: number): number => {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const score = scores[first + i]!;
    sum += task === 'regression' ? (score - y[i]!) * (score - y[i]!) : softplus(score) - y[i]! * score;
  }
  return sum / y.length;
};

/**
 * Histogram gradient boosting (as LightGBM and scikit-learn's HistGradientBoosting): leaf-wise trees on binned features, log-loss
 * or squared error, a learned direction for missing values. Yields after each round; returns the trees up to the best round.
 */
export function* fitGradientBoosting(request: BoostingRequest): Generator<BoostingRound, FittedTrees> {
  const { table, task, rows, y, validation, parameters } = request;
  const inputs = treeInputs(request);
  const all = validation === null ? rows : concatenate(rows, validation.rows);
  const features = inputs.map((input) => {
    const column = treeColumn(input, table, all);
    return binColumn(column, binThresholds(column.subarray(0, rows.length), parameters.maximumBins));
  });
  const grower = new TreeGrower(features, rows.length, parameters);
  const baseValue = baseScore(task, y);
  const scores = new Float64Array(all.length).fill(baseValue);
  const gradients = new Float64Array(rows.length);
  const hessians = new Float64Array(rows.length).fill(1);
  const trees: Tree[] = [];
  let bestLoss = validation === null ? 0 : meanLoss(task, validation.y, scores, rows.length);
  let bestRounds = 0;
  let bestGains = new Float64Array(inputs.length);
  for (let round = 1; round <= parameters.rounds; round++) {
    setGradients(task, y, scores, gradients, hessians);
    const tree = grower.grow(gradients, hessians, scores);
    trees.push(tree);
    const validationLoss = validation === null ? null : meanLoss(task, validation.y, scores, rows.length);
    if (validationLoss === null || validationLoss < bestLoss) {
      bestLoss = validationLoss ?? 0;
      bestRounds = round;
      bestGains = Float64Array.from(grower.gains);
    }
    yield { round, validationLoss };
    const stopped = parameters.earlyStoppingRounds > 0 && round - bestRounds >= parameters.earlyStoppingRounds;
    if (stopped || tree.feature.length === 1) break;
  }
  const totalGain = bestGains.reduce((sum, gain) => sum + gain, 0);
  const importance = Object.fromEntries(
    inputs.map(({ name }, f) => [name, totalGain === 0 ? 0 : bestGains[f]! / totalGain]),
  );
  // A forest in ONNX has at least one tree, even when none helped.
  const kept = trees.slice(0, Math.max(1, bestRounds));
  return { predictor: { kind: 'trees', inputs, baseValue, trees: kept }, importance, rounds: kept.length };
}
