import { batchOf, type CompileOperator } from '../operator.ts';

/** One target: Σ coefficient × x + intercept, summed in 64 bits in column order, then rounded to 32. */
export const compileLinearRegressor: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  const coefficients = node.attribute('coefficients', 'floats');
  const intercepts = node.attribute('intercepts', 'floats');
  if (node.attribute('targets', 'int', 1) !== 1) throw node.refused('only one target');
  if (node.attribute('post_transform', 'string', 'NONE') !== 'NONE') throw node.refused('only post_transform NONE');
  if (coefficients.length !== width || intercepts.length !== 1) {
    throw node.mismatch(`${coefficients.length} coefficients and ${intercepts.length} intercepts for ${width} columns`);
  }
  return {
    result: batchOf('float', 1),
    run: ([buffer], rows) => {
      const matrix = buffer as Float32Array;
      const scores = new Float32Array(rows);
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let c = 0; c < width; c++) sum += matrix[row * width + c]! * coefficients[c]!;
        scores[row] = sum + intercepts[0]!;
      }
      return scores;
    },
  };
};
