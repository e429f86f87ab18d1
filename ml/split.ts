import { HyperparameterInvalid } from './errors.ts';
import { hashRows } from './row-hash.ts';
import { columnOf, type Table } from './table.ts';

/** Shares of the rows; they sum to 1. */
export interface SplitFractions {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** Row numbers, ascending. No row is in two parts. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

export interface SplitRequest {
  readonly table: Table;
  /** Rows whose target is missing are in no part. */
  readonly target: string;
  /** Columns whose content decides; default all but the target. Leave identifiers out, or equal persons look different. */
  readonly features?: readonly string[];
  readonly fractions: SplitFractions;
  readonly seed: number;
}

const QUANTILE_STRATA = 10;

/** Rows in groups of like target: by class, or by tenth of the ordered values when the target is a number with many values. */
const strata = (table: Table, target: string): number[][] => {
  const column = columnOf(table, target);
  const groups = new Map<number, number[]>();
  const add = (key: number, row: number) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  };
  if (column.kind === 'category') {
    column.codes.forEach((code, row) => {
      if (code >= 0) add(code, row);
    });
    return [...groups.keys()].sort((a, b) => a - b).map((key) => groups.get(key)!);
  }
  const rows = Array.from(column.values.keys()).filter((row) => !Number.isNaN(column.values[row]!));
  const few = new Set(rows.map((row) => column.values[row]!)).size <= QUANTILE_STRATA;
  rows.sort((a, b) => column.values[a]! - column.values[b]! || a - b);
  rows.forEach((row, rank) => {
    add(few ? column.values[row]! : Math.floor((rank * QUANTILE_STRATA) / rows.length), row);
  });
  return [...groups.keys()].sort((a, b) => a - b).map((key) => groups.get(key)!);
};

/** Moves a cut forward past rows that equal the one before it, so that duplicates stay on one side; not so far that nothing is left. */
const pastDuplicates = (cut: number, ordered: readonly number[], hashes: Uint32Array): number => {
  let moved = cut;
  while (moved > 0 && moved < ordered.length && hashes[ordered[moved]!] === hashes[ordered[moved - 1]!]) moved += 1;
  return moved === ordered.length ? cut : moved;
};

/**
 * A stratified split that depends on the rows' content and the seed: within each class (or tenth of the target) rows are ordered by a
 * seeded hash of their features and cut at the fractions. The same rows in another order split the same way, and rows with equal
 * features and class stay together, so that no copy of a training row is in the test part.
 */
export const splitRows = ({ table, target, features, fractions, seed }: SplitRequest): Split => {
  const { train, validation, test } = fractions;
  if (Math.min(train, validation, test) < 0 || Math.abs(train + validation + test - 1) > 1e-9) {
    throw new HyperparameterInvalid(`Split fractions ${train} / ${validation} / ${test} must be positive and sum to 1`);
  }
  const names = features ?? table.columns.map((column) => column.name).filter((name) => name !== target);
  const hashes = hashRows(
    table,
    names.map((name) => columnOf(table, name)),
    seed,
  );
  const parts: [number[], number[], number[]] = [[], [], []];
  for (const rows of strata(table, target)) {
    rows.sort((a, b) => hashes[a]! - hashes[b]! || a - b);
    const first = pastDuplicates(Math.round(train * rows.length), rows, hashes);
    const second = pastDuplicates(Math.max(first, Math.round((train + validation) * rows.length)), rows, hashes);
    parts[0].push(...rows.slice(0, first));
    parts[1].push(...rows.slice(first, second));
    parts[2].push(...rows.slice(second));
  }
  const [trainRows, validationRows, testRows] = parts.map((part) => Int32Array.from(part).sort());
  return { train: trainRows!, validation: validationRows!, test: testRows! };
};
