import { expect, it } from 'vitest';
import { maskCell, quoteName } from './masked-cell.ts';

it.each([
  { cell: 'Zoë', masked: 'text "Aaa"' },
  { cell: '2O19-01', masked: 'text "9A99-99"' },
  { cell: 'a b\tc\u0000', masked: 'text "a a?a?"' },
  { cell: '日本٣', masked: 'text "aa9"' },
  { cell: '12345678901234567', masked: 'text "9999999999999999"…, 17 characters' },
  { cell: 1234.5, masked: 'number "9999.9"' },
  { cell: 12n, masked: 'number "99"' },
  { cell: true, masked: 'a boolean' },
  { cell: new Date(0), masked: 'a date' },
  { cell: null, masked: 'missing' },
])('$cell is shown as $masked', ({ cell, masked }) => {
  expect(maskCell(cell)).toBe(masked);
});

it('a name is quoted, escaped and cut', () => {
  expect(quoteName('a"b\n')).toBe('"a\\"b\\n"');
  expect(quoteName('\u202e\u0085')).toBe('"\\u202e\\u0085"');
  expect(quoteName('x'.repeat(100))).toHaveLength(63);
});
