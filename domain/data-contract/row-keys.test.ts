import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowKeys } from './row-keys.ts';

const addText = (keys: RowKeys, ...cells: (string | number)[]): boolean => {
  keys.begin();
  for (const cell of cells) keys.add(cell, typeof cell === 'number');
  return keys.end();
};

it('knows each key once, however many there are and in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.integer()), { maxLength: 200 }), (rows) => {
      const keys = new RowKeys();
      const seen = new Set<string>();
      for (const row of rows) {
        const isNew = !seen.has(JSON.stringify(row));
        seen.add(JSON.stringify(row));
        expect(addText(keys, ...row)).toBe(isNew);
      }
    }),
  );
});

it('takes no two of 600000 regular keys for one, in less than 14 bytes a key', () => {
  const keys = new RowKeys();
  let repeats = 0;
  for (let index = 0; index < 200_000; index++) {
    if (!addText(keys, `customer-${index}`)) repeats += 1;
    if (!addText(keys, index)) repeats += 1;
    if (!addText(keys, Math.floor(index / 447), `2026-01-${index % 447}`)) repeats += 1;
  }
  expect(repeats).toBe(0);
  expect(keys.bytes / 600_000).toBeLessThan(14.1);
  // The set may be nearly full at one size and have just grown at another; 10 million keys stay below 150 MB.
  expect(keys.bytes / 600_000).toBeGreaterThan(9.9);
});
