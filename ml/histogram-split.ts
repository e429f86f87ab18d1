import type { BinnedFeature } from './histogram-bins.ts';

/** Numbers kept a bin: sum of gradients, sum of hessians, rows. */
export const BIN_STRIDE = 3;

export interface SplitRules {
  readonly minimumLeafRows: number;
  /** Added to the hessian sum of each side. */
  readonly l2: number;
}

/** Sums over the rows of a leaf. */
export interface LeafSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

export interface LeafSplit {
  readonly gain: number;
  readonly feature: number;
  /** Rows of this bin and below go left. */
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly left: LeafSums;
}

/** A side with less curvature would get a leaf value that explodes. */
const MINIMUM_HESSIAN = 1e-3;

/** First histogram cell of each feature, and the total number of cells at the end. */
export const histogramOffsets = (features: readonly BinnedFeature[]): Int32Array => {
  const offsets = new Int32Array(features.length + 1);
  features.forEach(({ count }, f) => {
    offsets[f + 1] = offsets[f]! + (count + 1) * BIN_STRIDE;
  });
  return offsets;
};

/** Sums the gradients of rows[start … end) by feature and bin, in that row order. */
export const fillHistogram = (
  histogram: Float64Array,
  features: readonly BinnedFeature[],
  offsets: Int32Array,
  rows: Int32Array,
  start: number,
  end: number,
  gradients: Float64Array,
  hessians: Float64Array,
): void => {
  histogram.fill(0);
  for (let f = 0; f < features.length; f++) {
    const { bins } = features[f]!;
    const offset = offsets[f]!;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      const cell = offset + bins[row]! * BIN_STRIDE;
      histogram[cell]! += gradients[row]!;
      histogram[cell + 1]! += hessians[row]!;
      histogram[cell + 2]! += 1;
    }
  }
};

/** The split with the largest gain ½(G_l²/(H_l+λ) + G_r²/(H_r+λ) - G²/(H+λ)); the first feature and lowest bin win a tie. Null if none gains. */
export const bestSplit = (
  histogram: Float64Array,
  features: readonly BinnedFeature[],
  offsets: Int32Array,
  total: LeafSums,
  { minimumLeafRows, l2 }: SplitRules,
): LeafSplit | null => {
  const parentScore = (total.gradient * total.gradient) / (total.hessian + l2);
  let bestGain = 0;
  let bestFeature = -1;
  let bestBin = 0;
  let bestMissingLeft = false;
  let bestGradient = 0;
  let bestHessian = 0;
  let bestRows = 0;
  for (let f = 0; f < features.length; f++) {
    const { count } = features[f]!;
    const offset = offsets[f]!;
    const missing = offset + count * BIN_STRIDE;
    const missingRows = histogram[missing + 2]!;
    for (let side = 0; side < (missingRows > 0 ? 2 : 1); side++) {
      let gradient = side === 0 ? 0 : histogram[missing]!;
      let hessian = side === 0 ? 0 : histogram[missing + 1]!;
      let rows = side === 0 ? 0 : missingRows;
      // With missing rows on the right, the last bin is a cut too: everything known against missing.
      const cuts = side === 0 && missingRows > 0 ? count : count - 1;
      for (let bin = 0; bin < cuts; bin++) {
        const cell = offset + bin * BIN_STRIDE;
        gradient += histogram[cell]!;
        hessian += histogram[cell + 1]!;
        rows += histogram[cell + 2]!;
        if (rows < minimumLeafRows || hessian < MINIMUM_HESSIAN) continue;
        const rightHessian = total.hessian - hessian;
        if (total.rows - rows < minimumLeafRows || rightHessian < MINIMUM_HESSIAN) break;
        const rightGradient = total.gradient - gradient;
        const gain =
          (gradient * gradient) / (hessian + l2) + (rightGradient * rightGradient) / (rightHessian + l2) - parentScore;
        if (gain <= bestGain) continue;
        bestGain = gain;
        bestFeature = f;
        bestBin = bin;
        // No missing row here says nothing: they follow the larger side.
        bestMissingLeft = missingRows > 0 ? side === 1 : rows * 2 >= total.rows;
        bestGradient = gradient;
        bestHessian = hessian;
        bestRows = rows;
      }
    }
  }
  if (bestFeature < 0) return null;
  return {
    gain: bestGain / 2,
    feature: bestFeature,
    bin: bestBin,
    missingLeft: bestMissingLeft,
    left: { gradient: bestGradient, hessian: bestHessian, rows: bestRows },
  };
};
