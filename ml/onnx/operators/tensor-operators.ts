import { sigmoid } from '../../exact-math.ts';
import { ELEMENT_FLOAT } from '../model-proto.ts';
import { batchOf, type CompileOperator, rowSize } from '../operator.ts';

/** Columns side by side: axis 1 of float batches. */
export const compileConcat: CompileOperator = (node, operands) => {
  if (node.attribute('axis', 'int') !== 1) throw node.refused('only axis 1');
  if (operands.length === 0) throw node.malformed('no inputs');
  const widths = operands.map((_, i) => node.batch(i, 'float').width);
  const total = rowSize([widths.reduce((sum, width) => sum + width, 0)]);
  return {
    result: batchOf('float', total),
    run: (buffers, rows) => {
      const joined = new Float32Array(rows * total);
      let first = 0;
      buffers.forEach((buffer, i) => {
        const part = buffer as Float32Array;
        const width = widths[i]!;
        for (let row = 0; row < rows; row++) {
          for (let c = 0; c < width; c++) joined[row * total + first + c] = part[row * width + c]!;
        }
        first += width;
      });
      return joined;
    },
  };
};

/** To a constant shape that keeps the rows: [-1, …] with as many values a row as before. */
export const compileReshape: CompileOperator = (node, operands) => {
  node.expectOperands(2);
  const [operand] = operands;
  const { values } = node.constant(1);
  if (operand?.kind !== 'batch') throw node.refused('input 0 must depend on the rows');
  if (values.type !== 'int64') throw node.mismatch('the shape must be int64');
  const [rows, ...dims] = values.data;
  if (rows !== -1 || dims.some((dim) => dim < 1)) throw node.refused('only shapes [-1, …] with sizes of at least 1');
  if (dims.length > 2 || rowSize(dims) !== rowSize(operand.dims)) {
    throw node.mismatch(`[N,${operand.dims.join(',')}] does not fit [-1,${dims.slice(0, 4).join(',')}]`);
  }
  return { result: { kind: 'batch', element: operand.element, dims }, run: ([buffer]) => buffer! };
};

/** Truth values to 0 and 1. */
export const compileCast: CompileOperator = (node) => {
  node.expectOperands(1);
  if (node.attribute('to', 'int') !== ELEMENT_FLOAT) throw node.refused('only to float');
  const { width } = node.batch(0, 'bool');
  return { result: batchOf('float', width), run: ([buffer]) => Float32Array.from(buffer as Uint8Array) };
};

export const compileIsNaN: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  return {
    result: batchOf('bool', width),
    run: ([buffer]) => Uint8Array.from(buffer as Float32Array, (value) => (Number.isNaN(value) ? 1 : 0)),
  };
};

export const compileSigmoid: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  return { result: batchOf('float', width), run: ([buffer]) => (buffer as Float32Array).map((x) => sigmoid(x)) };
};

/** A constant minus each value. */
export const compileSub: CompileOperator = (node) => {
  node.expectOperands(2);
  const minuend = node.scalarFloat(0);
  const { width } = node.batch(1, 'float');
  return { result: batchOf('float', width), run: ([buffer]) => (buffer as Float32Array).map((x) => minuend - x) };
};

/** Each value against a constant. */
export const compileGreaterOrEqual: CompileOperator = (node) => {
  node.expectOperands(2);
  const { width } = node.batch(0, 'float');
  const bound = node.scalarFloat(1);
  return {
    result: batchOf('bool', width),
    run: ([buffer]) => Uint8Array.from(buffer as Float32Array, (value) => (value >= bound ? 1 : 0)),
  };
};

/** One of two constant texts. */
export const compileWhere: CompileOperator = (node) => {
  node.expectOperands(3);
  const { width } = node.batch(0, 'bool');
  const yes = node.scalarString(1);
  const no = node.scalarString(2);
  return {
    result: batchOf('string', width),
    run: ([buffer]) => Array.from(buffer as Uint8Array, (truth) => (truth === 1 ? yes : no)),
  };
};
