import { booleanOf, type Cell, isMissing, numberOf, textOf } from '../../domain/data-contract/cell.ts';
import { quoteName } from '../../domain/data-contract/masked-cell.ts';
import { trainingFeatures, trainingKind } from '../../domain/data-contract/training-features.ts';
import type { DataContract } from '../../domain/model-definition.ts';
import type { LoadedTable, TableReader } from '../../domain/ports/tables.ts';

/** A table that was accepted and is not what was accepted: a defect, or bytes that changed. */
export class TableOffContract extends Error {
  override readonly name = 'TableOffContract';
}

/**
 * The target and the columns to train on, whole, from one or more files one after the other; columns in the order of the
 * contract. Throws TableUnreadable, and TableOffContract for a cell that the data validator would have refused.
 */
export async function readColumns(
  readers: Iterable<TableReader> | AsyncIterable<TableReader>,
  contract: DataContract,
): Promise<LoadedTable> {
  const wanted = new Set([...trainingFeatures(contract), contract.target.column]);
  const columns = Object.entries(contract.columns)
    .filter(([name]) => wanted.has(name))
    .map(([name, column]) =>
      trainingKind(column) === 'number' ? new NumberCells(name) : new CategoryCells(name, column.type === 'boolean'),
    );

  let rows = 0;
  for await (const reader of readers) {
    const positions = columns.map(({ name }) => positionOf(name, reader.header));
    for await (const batch of reader.batches()) {
      for (const cells of batch.rows) {
        for (let index = 0; index < columns.length; index++)
          columns[index]!.set(rows, cells[positions[index]!] ?? null);
        rows += 1;
      }
    }
  }
  return { rows, columns: columns.map((column) => column.whole(rows)) };
}

function positionOf(name: string, header: readonly string[]): number {
  const position = header.indexOf(name);
  if (position < 0) throw new TableOffContract(`the table has no column ${quoteName(name)}`);
  return position;
}

/** Twice the room when it is used up. */
function withRoom<A extends Float64Array | Int32Array>(values: A, row: number, make: (length: number) => A): A {
  if (row < values.length) return values;
  const larger = make(values.length * 2);
  larger.set(values as never);
  return larger;
}

const offContract = (name: string, row: number, kind: string) =>
  new TableOffContract(`column ${quoteName(name)}, row ${row + 1}: not ${kind}`);

class NumberCells {
  readonly name: string;
  private values = new Float64Array(1024);

  constructor(name: string) {
    this.name = name;
  }

  set(row: number, cell: Cell): void {
    this.values = withRoom(this.values, row, (length) => new Float64Array(length));
    const value = isMissing(cell) ? Number.NaN : numberOf(cell);
    if (value === undefined) throw offContract(this.name, row, 'a number');
    this.values[row] = value;
  }

  whole(rows: number) {
    return { name: this.name, kind: 'number' as const, values: this.values.slice(0, rows) };
  }
}

class CategoryCells {
  readonly name: string;
  private readonly isBoolean: boolean;
  private readonly codeOf = new Map<string, number>();
  private codes = new Int32Array(1024);

  constructor(name: string, isBoolean: boolean) {
    this.name = name;
    this.isBoolean = isBoolean;
  }

  set(row: number, cell: Cell): void {
    this.codes = withRoom(this.codes, row, (length) => new Int32Array(length));
    this.codes[row] = isMissing(cell) ? -1 : this.code(row, cell);
  }

  private code(row: number, cell: Exclude<Cell, null>): number {
    const level = this.isBoolean ? booleanOf(cell)?.toString() : textOf(cell);
    if (level === undefined) throw offContract(this.name, row, this.isBoolean ? 'true or false' : 'text');
    const known = this.codeOf.get(level);
    if (known !== undefined) return known;
    const code = this.codeOf.size;
    // A copy: a slice would keep the chunk of the file that it was cut from.
    this.codeOf.set(Buffer.from(level).toString(), code);
    return code;
  }

  /** Levels in code unit order, so that they do not depend on which row came first. */
  whole(rows: number) {
    const levels = [...this.codeOf.keys()].sort();
    const sorted = new Int32Array(levels.length);
    levels.forEach((level, code) => {
      sorted[this.codeOf.get(level)!] = code;
    });
    const codes = this.codes.slice(0, rows);
    for (let row = 0; row < rows; row++) if (codes[row]! >= 0) codes[row] = sorted[codes[row]!]!;
    return { name: this.name, kind: 'category' as const, codes, levels };
  }
}
