import { describe, expect, it } from 'vitest';
import { loanTable } from '../test/support/synthetic-tables.ts';
import { HyperparameterInvalid } from './errors.ts';
import { splitRows } from './split.ts';
import { type CategoryColumn, columnOf, type NumberColumn, type Table } from './table.ts';

const fractions = { train: 0.6, validation: 0.15, test: 0.25 };
const share = (table: Table, rows: Int32Array) => {
  const { codes, levels } = columnOf(table, 'status') as CategoryColumn;
  return rows.filter((row) => levels[codes[row]!] === 'bad').length / rows.length;
};

const permuted = (table: Table, order: number[]): Table => ({
  rows: table.rows,
  columns: table.columns.map((column) =>
    column.kind === 'number'
      ? { ...column, values: Float64Array.from(order, (row) => column.values[row]!) }
      : { ...column, codes: Int32Array.from(order, (row) => column.codes[row]!) },
  ),
});

describe('splitRows', () => {
  const table = loanTable(2000);
  const split = splitRows({ table, target: 'status', fractions, seed: 7 });

  it('puts every row into one part, in the fractions asked for', () => {
    const all = [...split.train, ...split.validation, ...split.test].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(split.train.length).toBeCloseTo(1200, -1);
    expect(split.test.length).toBeCloseTo(500, -1);
  });

  it('keeps the share of each class in each part', () => {
    const whole = share(
      table,
      Int32Array.from({ length: 2000 }, (_, i) => i),
    );
    for (const part of [split.train, split.validation, split.test]) expect(share(table, part)).toBeCloseTo(whole, 2);
  });

  it('gives the same parts for the same seed and others for another', () => {
    expect(splitRows({ table, target: 'status', fractions, seed: 7 })).toEqual(split);
    expect(splitRows({ table, target: 'status', fractions, seed: 8 }).test).not.toEqual(split.test);
  });

  it('splits the same rows the same way in another order', () => {
    const order = Array.from({ length: 2000 }, (_, i) => 1999 - i);
    const other = splitRows({ table: permuted(table, order), target: 'status', fractions, seed: 7 });
    expect(Array.from(other.test, (row) => order[row]!).sort((a, b) => a - b)).toEqual([...split.test]);
  });

  it('keeps equal rows of a class on one side', () => {
    const order = Array.from({ length: 6000 }, (_, i) => Math.floor(i / 3));
    const triple: Table = { ...permuted(table, order), rows: 6000 };
    const parts = splitRows({ table: triple, target: 'status', fractions, seed: 7 });
    const originals = (rows: Int32Array) => new Set(Array.from(rows, (row) => order[row]!));
    const [train, test] = [originals(parts.train), originals(parts.test)];
    expect([...train].filter((row) => test.has(row))).toEqual([]);
    expect(train.size + test.size + originals(parts.validation).size).toBe(2000);
  });

  it('stratifies a number target by tenths, so that means agree', () => {
    const parts = splitRows({ table, target: 'score', fractions, seed: 3 });
    const { values } = columnOf(table, 'score') as NumberColumn;
    const mean = (rows: Int32Array) => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
    expect(mean(parts.test)).toBeCloseTo(mean(parts.train), 1);
  });

  it('leaves rows without a target out', () => {
    const status = columnOf(table, 'status') as CategoryColumn;
    const codes = status.codes.map((code, row) => (row < 100 ? -1 : code));
    const partly: Table = { rows: 2000, columns: [...table.columns.filter((c) => c !== status), { ...status, codes }] };
    const parts = splitRows({ table: partly, target: 'status', fractions, seed: 1 });
    expect(Math.min(...parts.train, ...parts.validation, ...parts.test)).toBeGreaterThanOrEqual(100);
    expect(parts.train.length + parts.validation.length + parts.test.length).toBe(1900);
  });

  it('refuses fractions that do not sum to one', () => {
    const wrong = { train: 0.6, validation: 0.3, test: 0.3 };
    expect(() => splitRows({ table, target: 'status', fractions: wrong, seed: 1 })).toThrow(HyperparameterInvalid);
  });
});
