import { ColumnInvalid } from './errors.ts';
import { columnOf, type Table } from './table.ts';

/**
 * A number feature's values at `rows`, rounded to 32-bit floats as ONNX receives them: what training compares is then what serving
 * compares. NaN = missing.
 */
export const readNumbers = (table: Table, name: string, rows: Int32Array): Float32Array => {
  const column = columnOf(table, name);
  if (column.kind !== 'number') throw new ColumnInvalid(name, 'the model needs numbers, this is a category');
  const read = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) read[i] = column.values[rows[i]!]!;
  return read;
};

/** A category feature's values at `rows` as indexes into `levels` (a model's own list); -1 = missing, -2 = unknown level. */
export const readLevels = (table: Table, name: string, rows: Int32Array, levels: readonly string[]): Int32Array => {
  const column = columnOf(table, name);
  if (column.kind !== 'category') throw new ColumnInvalid(name, 'the model needs a category, this column has numbers');
  const index = new Map(levels.map((level, i) => [level, i]));
  const indexOfCode = Int32Array.from(column.levels, (level) => index.get(level) ?? -2);
  const read = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const code = column.codes[rows[i]!]!;
    read[i] = code < 0 ? -1 : indexOfCode[code]!;
  }
  return read;
};

/** All row numbers of a table. */
export const allRows = (table: Table): Int32Array => Int32Array.from({ length: table.rows }, (_, row) => row);
