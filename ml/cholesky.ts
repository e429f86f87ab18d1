/**
 * Solves A x = b in place for a symmetric positive definite A (size × size, row-major, lower triangle read and overwritten by its
 * Cholesky factor); `b` becomes x. Returns false when A is not positive definite. Every sum runs in index order.
 */
export const solveSymmetric = (a: Float64Array, b: Float64Array): boolean => {
  const size = b.length;
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * size;
      let sum = a[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= a[rowI + k]! * a[rowJ + k]!;
      if (i !== j) {
        a[rowI + j] = sum / a[rowJ + j]!;
        continue;
      }
      if (!(sum > 0)) return false;
      a[rowI + i] = Math.sqrt(sum);
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * size + k]! * b[k]!;
    b[i] = sum / a[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < size; k++) sum -= a[k * size + i]! * b[k]!;
    b[i] = sum / a[i * size + i]!;
  }
  return true;
};
