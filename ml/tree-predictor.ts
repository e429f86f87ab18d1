import { readLevels, readNumbers } from './feature-reader.ts';
import type { Forest } from './forest.ts';
import { scoreForest } from './forest.ts';
import type { Table } from './table.ts';

/** How a feature becomes a column of the trees: a number as it is, a category as the place of its level in `ranked`; missing and unknown are NaN. */
export type TreeInput =
  | { readonly name: string; readonly kind: 'number' }
  | { readonly name: string; readonly kind: 'category'; readonly ranked: readonly string[] };

/** Nodes in an order where children come after their parent; node 0 is the root. */
export interface Tree {
  /** Index into the predictor's inputs, -1 for a leaf. */
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly missingLeft: readonly (0 | 1)[];
  readonly value: readonly number[];
}

export interface TreePredictor {
  readonly kind: 'trees';
  /** Numbers first, then categories. */
  readonly inputs: readonly TreeInput[];
  readonly baseValue: number;
  readonly trees: readonly Tree[];
}

export const forestOf = ({ trees, baseValue }: TreePredictor): Forest => {
  const size = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const forest = {
    roots: new Int32Array(trees.length),
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    left: new Int32Array(size),
    right: new Int32Array(size),
    missingLeft: new Uint8Array(size),
    value: new Float32Array(size),
    baseValue,
  };
  let next = 0;
  trees.forEach((tree, t) => {
    forest.roots[t] = next;
    forest.feature.set(tree.feature, next);
    forest.threshold.set(tree.threshold, next);
    forest.missingLeft.set(tree.missingLeft, next);
    forest.value.set(tree.value, next);
    tree.feature.forEach((_, node) => {
      forest.left[next + node] = next + tree.left[node]!;
      forest.right[next + node] = next + tree.right[node]!;
    });
    next += tree.feature.length;
  });
  return forest;
};

/** One input's column for `rows`. */
export const treeColumn = (input: TreeInput, table: Table, rows: Int32Array): Float32Array =>
  input.kind === 'number'
    ? readNumbers(table, input.name, rows)
    : Float32Array.from(readLevels(table, input.name, rows, input.ranked), (rank) => (rank < 0 ? Number.NaN : rank));

/** One raw score a row. */
export const scoreTrees = (predictor: TreePredictor, table: Table, rows: Int32Array): Float32Array => {
  const width = predictor.inputs.length;
  const matrix = new Float32Array(rows.length * width);
  predictor.inputs.forEach((input, c) => {
    const column = treeColumn(input, table, rows);
    for (let i = 0; i < column.length; i++) matrix[i * width + c] = column[i]!;
  });
  return scoreForest(forestOf(predictor), matrix, width, rows.length);
};
