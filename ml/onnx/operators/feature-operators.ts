import { batchOf, type CompileOperator, type NodeReader } from '../operator.ts';

/** An attribute of one float a column, or one for all. */
const perColumn = (node: NodeReader, name: string, width: number): Float32Array => {
  const values = node.attribute(name, 'floats');
  if (values.length === width) return values;
  if (values.length !== 1) throw node.mismatch(`${values.length} ${name} for ${width} columns`);
  return new Float32Array(width).fill(values[0]!);
};

/** NaN to each column's stand-in. */
export const compileImputer: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  const standIns = perColumn(node, 'imputed_value_floats', width);
  if (!Number.isNaN(node.attribute('replaced_value_float', 'float'))) throw node.refused('only NaN can be replaced');
  return {
    result: batchOf('float', width),
    run: ([buffer]) => (buffer as Float32Array).map((x, i) => (Number.isNaN(x) ? standIns[i % width]! : x)),
  };
};

/** (x - offset) × scale, each step rounded to 32 bits. */
export const compileScaler: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  const offsets = perColumn(node, 'offset', width);
  const scales = perColumn(node, 'scale', width);
  return {
    result: batchOf('float', width),
    run: ([buffer]) =>
      (buffer as Float32Array).map((x, i) => Math.fround(x - offsets[i % width]!) * scales[i % width]!),
  };
};

/** The place of each text in a list without repetitions. */
const indexOf = (node: NodeReader, texts: readonly string[]): Map<string, number> => {
  const index = new Map(texts.map((text, i) => [text, i]));
  if (index.size !== texts.length) throw node.malformed('a text is listed twice');
  return index;
};

/** Texts to floats. */
export const compileLabelEncoder: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'string');
  const keys = node.attribute('keys_strings', 'strings');
  const values = node.attribute('values_floats', 'floats');
  const fallback = node.attribute('default_float', 'float', -0);
  if (keys.length !== values.length) throw node.mismatch(`${keys.length} keys for ${values.length} values`);
  const index = indexOf(node, keys);
  return {
    result: batchOf('float', width),
    run: ([buffer]) =>
      Float32Array.from(buffer as string[], (text) => {
        const place = index.get(text);
        return place === undefined ? fallback : values[place]!;
      }),
  };
};

/** [N,1] texts to [N,1,K] floats; an unknown text is all zeros. */
export const compileOneHotEncoder: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'string');
  if (width !== 1) throw node.mismatch('the input must be [N,1]');
  const categories = node.attribute('cats_strings', 'strings');
  if (node.attribute('zeros', 'int', 1) !== 1) throw node.refused('only zeros = 1');
  if (categories.length === 0) throw node.malformed('no categories');
  const index = indexOf(node, categories);
  const size = categories.length;
  return {
    result: { kind: 'batch', element: 'float', dims: [1, size] },
    run: ([buffer], rows) => {
      const hot = new Float32Array(rows * size);
      (buffer as string[]).forEach((text, row) => {
        const place = index.get(text);
        if (place !== undefined) hot[row * size + place] = 1;
      });
      return hot;
    },
  };
};
