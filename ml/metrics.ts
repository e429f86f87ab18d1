import { log } from './exact-math.ts';

/** Counts at a threshold; positive is the class the score is for. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface ReliabilityBin {
  /** Probabilities from `from` (included) to `to` (excluded, but 1 in the last bin). */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean probability, null without rows. */
  readonly predicted: number | null;
  /** Share of positives, null without rows. */
  readonly observed: number | null;
}

export interface ClassificationMetrics {
  readonly rows: number;
  readonly positives: number;
  /** Area under the ROC curve; null when one class is absent. */
  readonly auc: number | null;
  readonly logLoss: number;
  readonly brier: number;
  /** Expected calibration error over ten equally wide bins. */
  readonly ece: number;
  readonly reliability: readonly ReliabilityBin[];
  readonly threshold: number;
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly confusion: Confusion;
}

export interface RegressionMetrics {
  readonly rows: number;
  readonly rmse: number;
  readonly mae: number;
  /** 1 - residual / total sum of squares; null when the target is constant. */
  readonly r2: number | null;
}

type Values = Float32Array | Float64Array;

const byScore = (scores: Values): Int32Array =>
  Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);

/**
 * The probability that a random positive scores above a random negative, half for a tie (Mann-Whitney U by mid-ranks). `y` is 0 / 1.
 * Null when a class is absent.
 */
export const auc = (y: Values, scores: Values): number | null => {
  const order = byScore(scores);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < order.length; ) {
    let end = i;
    while (end < order.length && scores[order[end]!] === scores[order[i]!]) end += 1;
    const midRank = (i + 1 + end) / 2;
    for (; i < end; i++) {
      if (y[order[i]!] !== 1) continue;
      positives += 1;
      rankSum += midRank;
    }
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
};

/** Probabilities are kept this far from 0 and 1, about half a step of a 32-bit float at 1, so that one wrong certainty stays finite. */
const CLIP = 2 ** -25;

/** Mean of -ln of the probability given to what happened. */
export const logLoss = (y: Values, probabilities: Values): number => {
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const p = Math.min(1 - CLIP, Math.max(CLIP, probabilities[i]!));
    sum -= log(y[i] === 1 ? p : 1 - p);
  }
  return sum / y.length;
};

/** Mean squared distance of the probability from 0 / 1. */
export const brierScore = (y: Values, probabilities: Values): number => {
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (probabilities[i]! - y[i]!) * (probabilities[i]! - y[i]!);
  return sum / y.length;
};

const RELIABILITY_BINS = 10;

/** Observed against predicted in ten equally wide bins, and their mean distance weighted by rows (ECE; Naeini et al. 2015). */
export const calibration = (y: Values, probabilities: Values): { ece: number; reliability: ReliabilityBin[] } => {
  const rows = new Float64Array(RELIABILITY_BINS);
  const predicted = new Float64Array(RELIABILITY_BINS);
  const observed = new Float64Array(RELIABILITY_BINS);
  for (let i = 0; i < y.length; i++) {
    const bin = Math.min(RELIABILITY_BINS - 1, Math.floor(probabilities[i]! * RELIABILITY_BINS));
    rows[bin]! += 1;
    predicted[bin]! += probabilities[i]!;
    observed[bin]! += y[i]!;
  }
  let ece = 0;
  const reliability = Array.from(rows, (count, bin): ReliabilityBin => {
    const edges = { from: bin / RELIABILITY_BINS, to: (bin + 1) / RELIABILITY_BINS };
    if (count === 0) return { ...edges, rows: 0, predicted: null, observed: null };
    ece += Math.abs(predicted[bin]! - observed[bin]!) / y.length;
    return { ...edges, rows: count, predicted: predicted[bin]! / count, observed: observed[bin]! / count };
  });
  return { ece, reliability };
};

/** Positive is called where the probability is at least the threshold. */
export const confusionAt = (y: Values, probabilities: Values, threshold: number): Confusion => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < y.length; i++) counts[(y[i] === 1 ? 2 : 0) + (probabilities[i]! >= threshold ? 1 : 0)]! += 1;
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts as [number, number, number, number];
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
};

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Precision, recall, F1 (0 where nothing is called or nothing is there) and accuracy. */
export const ratesOf = (confusion: Confusion) => {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  return {
    accuracy: ratio(truePositives + trueNegatives, truePositives + trueNegatives + falsePositives + falseNegatives),
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
};

/**
 * The threshold with the highest F1 among the probabilities that occur: choose it on validation rows, never on the ones that are then
 * measured. The highest of equals; 0.5 when there is no positive. A 32-bit float when the probabilities are.
 */
export const thresholdOfBestF1 = (y: Values, probabilities: Values): number => {
  const order = byScore(probabilities).reverse();
  let positives = 0;
  for (const value of y) positives += value;
  let truePositives = 0;
  let bestF1 = 0;
  let best = 0.5;
  order.forEach((row, called) => {
    truePositives += y[row]!;
    const probability = probabilities[row]!;
    if (called + 1 < order.length && probabilities[order[called + 1]!] === probability) return;
    const f1 = (2 * truePositives) / (called + 1 + positives);
    if (f1 <= bestF1) return;
    bestF1 = f1;
    best = probability;
  });
  return best;
};

/** Everything about probabilities of the positive class; `y` is 0 / 1, same length, at least one row. */
export const classificationMetrics = (y: Values, probabilities: Values, threshold: number): ClassificationMetrics => {
  const confusion = confusionAt(y, probabilities, threshold);
  return {
    rows: y.length,
    positives: confusion.truePositives + confusion.falseNegatives,
    auc: auc(y, probabilities),
    logLoss: logLoss(y, probabilities),
    brier: brierScore(y, probabilities),
    ...calibration(y, probabilities),
    threshold,
    ...ratesOf(confusion),
    confusion,
  };
};

export const regressionMetrics = (y: Values, predictions: Values): RegressionMetrics => {
  let sum = 0;
  for (const value of y) sum += value;
  const mean = sum / y.length;
  let squares = 0;
  let absolute = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    const error = predictions[i]! - y[i]!;
    squares += error * error;
    absolute += Math.abs(error);
    total += (y[i]! - mean) * (y[i]! - mean);
  }
  return {
    rows: y.length,
    rmse: Math.sqrt(squares / y.length),
    mae: absolute / y.length,
    r2: total === 0 ? null : 1 - squares / total,
  };
};
