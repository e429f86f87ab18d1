import type { BinnedFeature } from './histogram-bins.ts';
import {
  bestSplit,
  fillHistogram,
  histogramOffsets,
  type LeafSplit,
  type LeafSums,
  type SplitRules,
} from './histogram-split.ts';
import type { Tree } from './tree-predictor.ts';

export interface GrowthRules extends SplitRules {
  readonly maximumLeaves: number;
  readonly maximumDepth: number;
  /** Factor on every leaf value. */
  readonly learningRate: number;
}

interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly sums: LeafSums;
  readonly histogram: Float64Array;
  readonly split: LeafSplit | null;
}

interface GrowingTree {
  readonly feature: number[];
  /** Bin of the split, for rows that are binned already. */
  readonly bin: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly missingLeft: (0 | 1)[];
  readonly value: number[];
}

/** The largest 32-bit float: every number is at most this, so only missing goes right. */
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Grows trees leaf by leaf, best gain first, on rows binned once. */
export class TreeGrower {
  private readonly features: readonly BinnedFeature[];
  private readonly rules: GrowthRules;
  private readonly offsets: Int32Array;
  private readonly rows: Int32Array;
  private readonly scratch: Int32Array;
  private readonly spare: Float64Array[] = [];
  /** Total gain of each feature over all trees grown. */
  readonly gains: Float64Array;

  /** `rowCount` training rows are the first ones of every feature's bins; rows after them are only predicted. */
  constructor(features: readonly BinnedFeature[], rowCount: number, rules: GrowthRules) {
    this.features = features;
    this.rules = rules;
    this.offsets = histogramOffsets(features);
    this.rows = new Int32Array(rowCount);
    this.scratch = new Int32Array(rowCount);
    this.gains = new Float64Array(features.length);
  }

  /** One tree for these gradients and hessians; adds its leaf values to `scores` of all rows, the training rows first. */
  grow(gradients: Float64Array, hessians: Float64Array, scores: Float64Array): Tree {
    const tree: GrowingTree = { feature: [], bin: [], threshold: [], left: [], right: [], missingLeft: [], value: [] };
    const leaves = [this.rootLeaf(tree, gradients, hessians)];
    while (leaves.length < this.rules.maximumLeaves) {
      let best = -1;
      for (let i = 0; i < leaves.length; i++) {
        const split = leaves[i]!.split;
        if (split !== null && (best < 0 || split.gain > leaves[best]!.split!.gain)) best = i;
      }
      if (best < 0) break;
      const leaf = leaves[best]!;
      const [left, right] = this.splitLeaf(tree, leaf, leaf.split!, gradients, hessians);
      leaves[best] = left;
      leaves.push(right);
    }
    for (const leaf of leaves) {
      this.spare.push(leaf.histogram);
      const value = tree.value[leaf.node]!;
      for (let i = leaf.start; i < leaf.end; i++) scores[this.rows[i]!]! += value;
    }
    this.predictFurtherRows(tree, scores);
    const { bin: _, ...nodes } = tree;
    return nodes;
  }

  private rootLeaf(tree: GrowingTree, gradients: Float64Array, hessians: Float64Array): Leaf {
    let gradient = 0;
    let hessian = 0;
    for (let row = 0; row < this.rows.length; row++) {
      this.rows[row] = row;
      gradient += gradients[row]!;
      hessian += hessians[row]!;
    }
    const histogram = this.takeHistogram();
    this.fill(histogram, 0, this.rows.length, gradients, hessians);
    return this.leaf(tree, 0, 0, this.rows.length, { gradient, hessian, rows: this.rows.length }, histogram);
  }

  private takeHistogram(): Float64Array {
    return this.spare.pop() ?? new Float64Array(this.offsets[this.features.length]!);
  }

  private fill(histogram: Float64Array, start: number, end: number, gradients: Float64Array, hessians: Float64Array) {
    fillHistogram(histogram, this.features, this.offsets, this.rows, start, end, gradients, hessians);
  }

  private leaf(
    tree: GrowingTree,
    depth: number,
    start: number,
    end: number,
    sums: LeafSums,
    histogram: Float64Array,
  ): Leaf {
    const { learningRate, l2, minimumLeafRows, maximumDepth } = this.rules;
    const node = tree.feature.length;
    tree.feature.push(-1);
    tree.bin.push(0);
    tree.threshold.push(0);
    tree.left.push(0);
    tree.right.push(0);
    tree.missingLeft.push(0);
    tree.value.push(Math.fround((-learningRate * sums.gradient) / (sums.hessian + l2)));
    const mayGrow = depth < maximumDepth && sums.rows >= 2 * minimumLeafRows;
    const split = mayGrow ? bestSplit(histogram, this.features, this.offsets, sums, this.rules) : null;
    return { node, depth, start, end, sums, histogram, split };
  }

  private splitLeaf(
    tree: GrowingTree,
    { node, depth, start, end, sums, histogram }: Leaf,
    split: LeafSplit,
    gradients: Float64Array,
    hessians: Float64Array,
  ): [Leaf, Leaf] {
    const { thresholds } = this.features[split.feature]!;
    tree.feature[node] = split.feature;
    tree.bin[node] = split.bin;
    tree.threshold[node] = thresholds[split.bin] ?? LARGEST_FLOAT32;
    tree.missingLeft[node] = split.missingLeft ? 1 : 0;
    tree.value[node] = 0;
    this.gains[split.feature]! += split.gain;

    const middle = this.partition(start, end, split);
    const rightSums = {
      gradient: sums.gradient - split.left.gradient,
      hessian: sums.hessian - split.left.hessian,
      rows: sums.rows - split.left.rows,
    };
    // Only the smaller side is counted; the larger one is what remains of the parent.
    const small = this.takeHistogram();
    const leftIsSmall = middle - start <= end - middle;
    if (leftIsSmall) this.fill(small, start, middle, gradients, hessians);
    else this.fill(small, middle, end, gradients, hessians);
    for (let cell = 0; cell < histogram.length; cell++) histogram[cell]! -= small[cell]!;

    tree.left[node] = tree.feature.length;
    const left = this.leaf(tree, depth + 1, start, middle, split.left, leftIsSmall ? small : histogram);
    tree.right[node] = tree.feature.length;
    const right = this.leaf(tree, depth + 1, middle, end, rightSums, leftIsSmall ? histogram : small);
    return [left, right];
  }

  /** Moves the rows that go left before those that go right, both in their order; returns where the right ones start. */
  private partition(start: number, end: number, { feature, bin, missingLeft }: LeafSplit): number {
    const { bins, count } = this.features[feature]!;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = this.rows[i]!;
      const value = bins[row]!;
      if (value === count ? missingLeft : value <= bin) this.rows[left++] = row;
      else this.scratch[right++] = row;
    }
    for (let i = 0; i < right; i++) this.rows[left + i] = this.scratch[i]!;
    return left;
  }

  private predictFurtherRows(tree: GrowingTree, scores: Float64Array): void {
    for (let row = this.rows.length; row < scores.length; row++) {
      let node = 0;
      while (tree.feature[node]! >= 0) {
        const { bins, count } = this.features[tree.feature[node]!]!;
        const value = bins[row]!;
        const goesLeft = value === count ? tree.missingLeft[node] === 1 : value <= tree.bin[node]!;
        node = goesLeft ? tree.left[node]! : tree.right[node]!;
      }
      scores[row]! += tree.value[node]!;
    }
  }
}
