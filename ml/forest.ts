/**
 * Decision trees in flat arrays, as ONNX's TreeEnsembleRegressor means them: a node sends a row left when its value is at most the
 * threshold, or missing (NaN) and `missingLeft`. Both the native predictor and the ONNX evaluator score with this one.
 */
export interface Forest {
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Input column a node looks at, -1 for a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  /** Left child; the right child is `right`. Unused at a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  /** What a leaf adds. */
  readonly value: Float32Array;
  readonly baseValue: number;
}

/** Scores of `rows` rows of a row-major matrix of the given width: leaves summed in 64 bits in tree order, then rounded to 32. */
export const scoreForest = (forest: Forest, matrix: Float32Array, width: number, rows: number): Float32Array => {
  const { roots, feature, threshold, left, right, missingLeft, value, baseValue } = forest;
  const scores = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const offset = row * width;
    let sum = baseValue;
    for (let t = 0; t < roots.length; t++) {
      let node = roots[t]!;
      let column = feature[node]!;
      while (column >= 0) {
        const x = matrix[offset + column]!;
        node = x <= threshold[node]! || (missingLeft[node] === 1 && Number.isNaN(x)) ? left[node]! : right[node]!;
        column = feature[node]!;
      }
      sum += value[node]!;
    }
    scores[row] = sum;
  }
  return scores;
};
