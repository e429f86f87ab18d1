import { mix32 } from './seeded-random.ts';
import type { Column, Table } from './table.ts';

const float = new DataView(new ArrayBuffer(8));

const hashText = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
};

/** Adds one column's values to each row's hash; missing is a value of its own. */
const foldColumn = (column: Column, hashes: Uint32Array): void => {
  if (column.kind === 'category') {
    const levelHashes = column.levels.map(hashText);
    column.codes.forEach((code, row) => {
      hashes[row] = mix32(Math.imul(hashes[row]!, 31) + (code < 0 ? 1 : levelHashes[code]!));
    });
    return;
  }
  column.values.forEach((value, row) => {
    float.setFloat64(0, Number.isNaN(value) ? Number.NaN : value + 0);
    const folded = mix32(float.getInt32(0) ^ mix32(float.getInt32(4)));
    hashes[row] = mix32(Math.imul(hashes[row]!, 31) + folded);
  });
};

/** A 32-bit hash of each row's content, from the seed; equal rows have equal hashes wherever they stand. */
export const hashRows = (table: Table, columns: readonly Column[], seed: number): Uint32Array => {
  const hashes = new Uint32Array(table.rows).fill(mix32(seed));
  for (const column of columns) foldColumn(column, hashes);
  return hashes;
};
