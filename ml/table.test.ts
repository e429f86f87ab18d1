import { describe, expect, it } from 'vitest';
import { ColumnInvalid, TableCellInvalid } from './errors.ts';
import { type Cell, columnOf, TableBuilder } from './table.ts';

const build = (batches: Cell[][][], missingValues?: string[]) => {
  const columns = [
    { name: 'age', kind: 'number' as const },
    { name: 'home', kind: 'category' as const },
  ];
  const builder = new TableBuilder(columns, missingValues === undefined ? {} : { missingValues });
  for (const batch of batches) builder.append(batch);
  return builder.build();
};

describe('TableBuilder', () => {
  it('collects batches into typed columns, with levels in order and missing cells marked', () => {
    const table = build([
      [[30, 'rent']],
      [
        ['41.5', 'owner'],
        [' 7 ', 'rent'],
      ],
      [['', '']],
      [[null, null]],
    ]);
    expect(table.rows).toBe(5);
    expect(table.columns).toEqual([
      { name: 'age', kind: 'number', values: Float64Array.of(30, 41.5, 7, Number.NaN, Number.NaN) },
      { name: 'home', kind: 'category', codes: Int32Array.of(1, 0, 1, -1, -1), levels: ['owner', 'rent'] },
    ]);
  });

  it('gives the same table whichever level comes first', () => {
    const forward = build([
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ]);
    const backward = build([
      [
        [2, 'b'],
        [1, 'a'],
      ],
    ]);
    expect(columnOf(forward, 'home')).toMatchObject({ levels: ['a', 'b'], codes: Int32Array.of(0, 1) });
    expect(columnOf(backward, 'home')).toMatchObject({ levels: ['a', 'b'], codes: Int32Array.of(1, 0) });
  });

  it('takes the texts it is told for missing values', () => {
    const table = build(
      [
        [
          ['NA', 'NA'],
          ['', ''],
        ],
      ],
      ['NA', ''],
    );
    expect(columnOf(table, 'age')).toMatchObject({ values: Float64Array.of(Number.NaN, Number.NaN) });
    expect(columnOf(table, 'home')).toMatchObject({ codes: Int32Array.of(-1, -1), levels: [] });
  });

  it('grows past its first capacity', () => {
    const rows = Array.from({ length: 5000 }, (_, i): Cell[] => [i, `level ${i % 3}`]);
    const table = build([rows]);
    expect(columnOf(table, 'age')).toMatchObject({ values: Float64Array.from({ length: 5000 }, (_, i) => i) });
    expect(columnOf(table, 'home')).toMatchObject({ codes: Int32Array.from({ length: 5000 }, (_, i) => i % 3) });
  });

  it.each([['twelve'], ['0x10'], ['1,5'], ['=1+1'], ['1e999'], [Infinity]])(
    'refuses %s in a number column, naming column and row',
    (cell) => {
      expect(() => build([[[1, 'rent']], [[cell, 'rent']]])).toThrow(TableCellInvalid);
      expect(() => build([[[1, 'rent']], [[cell, 'rent']]])).toThrow(/Column "age", row 1/);
    },
  );

  it('refuses a column name given twice', () => {
    const twice = [
      { name: 'a', kind: 'number' as const },
      { name: 'a', kind: 'category' as const },
    ];
    expect(() => new TableBuilder(twice)).toThrow(ColumnInvalid);
  });
});
