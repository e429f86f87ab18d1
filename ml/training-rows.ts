import { ColumnInvalid } from './errors.ts';
import { allRows } from './feature-reader.ts';
import type { OnnxLimits } from './onnx/limits.ts';
import type { OnnxAttribute, OnnxTensor } from './onnx/model-proto.ts';
import { readModelProto } from './onnx/read-model-proto.ts';
import { mix32 } from './seeded-random.ts';
import { columnOf, type NumberColumn, type Table } from './table.ts';

/** Numbers that follow each other somewhere in an artifact. */
export interface NumberRun {
  readonly where: string;
  readonly values: Float32Array;
}

export interface TrainingRowFound {
  readonly row: number;
  readonly where: string;
}

export interface TrainingRowSearch {
  /** At most one a row and {@link MAXIMUM_FOUND} in all. */
  readonly found: readonly TrainingRowFound[];
  readonly rowsSearched: number;
  /** Rows with too few telling numbers to recognise; see {@link findTrainingRows}. */
  readonly rowsTooPlain: number;
}

export interface TrainingRowRequest {
  readonly runs: readonly NumberRun[];
  readonly table: Table;
  /** Default: all rows. */
  readonly rows?: Int32Array;
  /** The target: a row may be stored with or without it. */
  readonly target: string;
  /** Further orders of number columns in which a row may be stored, besides the table's order; e.g. the model's inputs. */
  readonly orders?: readonly (readonly string[])[];
}

export const MAXIMUM_FOUND = 20;
/** A shorter run of numbers, or one of fewer different ones, occurs by chance. */
const MINIMUM_RUN = 4;
const MINIMUM_TELLING = 3;

const NUMBER_IN_TEXT = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const textRun = (where: string, text: string): NumberRun => ({
  where,
  values: Float32Array.from(text.match(NUMBER_IN_TEXT) ?? [], Number),
});

const tensorRun = (where: string, { values }: OnnxTensor): NumberRun =>
  values.type === 'string' ? textRun(where, values.data.join(' ')) : { where, values: Float32Array.from(values.data) };

const attributeRun = (where: string, attribute: OnnxAttribute): NumberRun => {
  switch (attribute.type) {
    case 'float':
    case 'int':
      return { where, values: Float32Array.of(attribute.value) };
    case 'string':
      return textRun(where, attribute.value);
    case 'strings':
      return textRun(where, attribute.value.join(' '));
    default:
      return { where, values: Float32Array.from(attribute.value) };
  }
};

/** The bytes as little-endian floats from each possible alignment: finds rows in places that no ONNX reader looks at. */
export const byteRuns = (where: string, bytes: Uint8Array): NumberRun[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned = (size: 4 | 8, start: number): NumberRun => {
    const values = new Float32Array(Math.max(0, Math.floor((bytes.length - start) / size)));
    for (let i = 0; i < values.length; i++) {
      const at = start + i * size;
      values[i] = size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    }
    return { where: `${where}, bytes from ${start} as float${size * 8}`, values };
  };
  return [
    ...[0, 1, 2, 3].map((start) => aligned(4, start)),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((start) => aligned(8, start)),
  ];
};

/** Every tensor, attribute and metadata text of an ONNX model, and its bytes. Throws as `readModelProto`. */
export const onnxRuns = (bytes: Uint8Array, limits?: OnnxLimits): NumberRun[] => {
  const { graph, metadata } = readModelProto(bytes, limits);
  return [
    ...graph.initializers.map((tensor, i) => tensorRun(`graph.initializer[${i}]`, tensor)),
    ...graph.nodes.flatMap((node, i) =>
      node.attributes.map((attribute) =>
        attributeRun(`graph.node[${i}] (${node.operator}).${attribute.name}`, attribute),
      ),
    ),
    ...metadata.map(({ key, value }) => textRun(`metadata ${key}`, value)),
    ...byteRuns('model', bytes),
  ];
};

/** All numbers of a JSON value in the order in which they stand, those inside texts too; keys are left out. */
export const jsonRuns = (where: string, value: unknown): NumberRun[] => {
  const numbers: number[] = [];
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    const next = stack.pop();
    if (typeof next === 'number') numbers.push(next);
    else if (typeof next === 'string') for (const text of next.match(NUMBER_IN_TEXT) ?? []) numbers.push(Number(text));
    else if (typeof next === 'object' && next !== null) {
      const children = Array.isArray(next) ? next : Object.values(next);
      for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]);
    }
  }
  return [{ where, values: Float32Array.from(numbers) }];
};

const bits = new DataView(new ArrayBuffer(4));

const hashFloat = (value: number): number => {
  bits.setFloat32(0, value + 0);
  return mix32(bits.getInt32(0));
};

/** Of the first {@link MINIMUM_RUN} - 1 values from `at`. */
const hashAt = (hashes: Uint32Array, at: number): number =>
  mix32(hashes[at]! ^ Math.imul(hashes[at + 1]!, 31) ^ Math.imul(hashes[at + 2]!, 961));

const hashesOf = (values: Float32Array): Uint32Array => Uint32Array.from(values, hashFloat);

/** The longest part of a row without a missing value, if it is long and varied enough to be told from chance. */
const tellingRun = (columns: readonly NumberColumn[], row: number): Float32Array | null => {
  let best: number[] = [];
  let run: number[] = [];
  for (const { values } of columns) {
    const value = values[row]!;
    if (Number.isNaN(value)) run = [];
    else run.push(Math.fround(value));
    if (run.length > best.length) best = run;
  }
  const telling = new Set(best.filter((value) => value !== 0 && Math.abs(value) !== 1)).size;
  return best.length >= MINIMUM_RUN && telling >= MINIMUM_TELLING ? Float32Array.from(best) : null;
};

const numberColumns = (table: Table, names: readonly string[]): NumberColumn[] =>
  names.map((name) => {
    const column = columnOf(table, name);
    if (column.kind !== 'number') throw new ColumnInvalid(name, 'only number columns can be searched for');
    return column;
  });

/** Each order once: the table's, the given ones, and both without the target. */
const distinctOrders = ({ table, target, orders = [] }: TrainingRowRequest): (readonly string[])[] => {
  const own = table.columns.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const all = [own, ...orders].flatMap((order) => [order, order.filter((name) => name !== target)]);
  return [...new Map(all.map((order) => [JSON.stringify(order), order])).values()];
};

interface Pattern {
  readonly row: number;
  readonly values: Float32Array;
}

const startsAt = (run: Float32Array, at: number, pattern: Float32Array): boolean => {
  if (at + pattern.length > run.length) return false;
  for (let i = 0; i < pattern.length; i++) if (run[at + i] !== pattern[i]) return false;
  return true;
};

/**
 * Searches an artifact for training rows: the numbers of a row, as 32-bit floats, one after another. Finds rows kept as they are, as
 * a nearest-neighbour model, a debugging attribute or a careless metadata field would keep them, in the given column orders.
 * It does not find rows that were scaled, reordered, compressed or encrypted, stored column by column, or known by their categories
 * alone; a row with fewer than 4 numbers in a run, or fewer than 3 different ones besides 0 and ±1, is counted as too plain to tell.
 */
export const findTrainingRows = (request: TrainingRowRequest): TrainingRowSearch => {
  const { runs, table } = request;
  const rows = request.rows ?? allRows(table);
  const hashedRuns = runs.map((run) => ({ ...run, hashes: hashesOf(run.values) }));
  const found = new Map<number, TrainingRowFound>();
  const searched = new Set<number>();
  for (const order of distinctOrders(request)) {
    const columns = numberColumns(table, order);
    const patterns = new Map<number, Pattern[]>();
    for (const row of rows) {
      const values = tellingRun(columns, row);
      if (values === null) continue;
      searched.add(row);
      const key = hashAt(hashesOf(values.subarray(0, MINIMUM_RUN - 1)), 0);
      const sameStart = patterns.get(key);
      if (sameStart === undefined) patterns.set(key, [{ row, values }]);
      else sameStart.push({ row, values });
    }
    for (const { where, values, hashes } of hashedRuns) {
      for (let at = 0; at + MINIMUM_RUN <= values.length; at++) {
        for (const pattern of patterns.get(hashAt(hashes, at)) ?? []) {
          if (found.size >= MAXIMUM_FOUND || found.has(pattern.row)) continue;
          if (startsAt(values, at, pattern.values))
            found.set(pattern.row, { row: pattern.row, where: `${where} at ${at}` });
        }
      }
    }
  }
  return {
    found: [...found.values()],
    rowsSearched: searched.size,
    rowsTooPlain: rows.length - searched.size,
  };
};
