import { ColumnInvalid, TableCellInvalid } from './errors.ts';

export type ColumnKind = 'number' | 'category';

export interface NumberColumn {
  readonly name: string;
  readonly kind: 'number';
  /** One a row; NaN = missing, otherwise finite. */
  readonly values: Float64Array;
}

export interface CategoryColumn {
  readonly name: string;
  readonly kind: 'category';
  /** One a row: an index into `levels`, -1 = missing. */
  readonly codes: Int32Array;
  /** In code unit order, so that a table does not depend on which value came first. */
  readonly levels: readonly string[];
}

export type Column = NumberColumn | CategoryColumn;

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}

export type Cell = number | string | boolean | null | undefined;

export interface TableBuilderOptions {
  /** Cell texts that mean "missing" besides null, undefined and NaN. Default: the empty text. */
  readonly missingValues?: readonly string[];
}

/** The column of that name. Throws {@link ColumnInvalid} when there is none. */
export const columnOf = (table: Table, name: string): Column => {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    throw new ColumnInvalid(name, `not in the table, which has ${table.columns.map((c) => c.name).join(', ')}`);
  }
  return column;
};

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

class NumberCells {
  private values = new Float64Array(1024);
  private readonly column: string;
  constructor(column: string) {
    this.column = column;
  }

  set(row: number, cell: Cell, missing: ReadonlySet<string>): void {
    if (row === this.values.length) {
      const larger = new Float64Array(row * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[row] = this.parse(row, cell, missing);
  }

  private parse(row: number, cell: Cell, missing: ReadonlySet<string>): number {
    if (cell === null || cell === undefined) return Number.NaN;
    if (typeof cell === 'boolean') return cell ? 1 : 0;
    const value = typeof cell === 'number' ? cell : this.parseText(row, cell.trim(), missing);
    if (value === Infinity || value === -Infinity)
      throw new TableCellInvalid(this.column, row, `${cell} is not finite`);
    return value;
  }

  private parseText(row: number, text: string, missing: ReadonlySet<string>): number {
    if (missing.has(text)) return Number.NaN;
    if (!DECIMAL.test(text)) {
      throw new TableCellInvalid(this.column, row, `${JSON.stringify(text.slice(0, 40))} is not a number`);
    }
    return Number(text);
  }

  toColumn(rows: number): NumberColumn {
    return { name: this.column, kind: 'number', values: this.values.slice(0, rows) };
  }
}

class CategoryCells {
  private codes = new Int32Array(1024);
  private readonly codeOf = new Map<string, number>();
  private readonly column: string;
  constructor(column: string) {
    this.column = column;
  }

  set(row: number, cell: Cell, missing: ReadonlySet<string>): void {
    if (row === this.codes.length) {
      const larger = new Int32Array(row * 2);
      larger.set(this.codes);
      this.codes = larger;
    }
    this.codes[row] = this.code(cell, missing);
  }

  private code(cell: Cell, missing: ReadonlySet<string>): number {
    if (cell === null || cell === undefined || Number.isNaN(cell)) return -1;
    const level = String(cell);
    // The empty text is how a missing category is written in ONNX, so it can never be a level.
    if (level === '' || missing.has(level)) return -1;
    const known = this.codeOf.get(level);
    if (known !== undefined) return known;
    this.codeOf.set(level, this.codeOf.size);
    return this.codeOf.size - 1;
  }

  toColumn(rows: number): CategoryColumn {
    const levels = [...this.codeOf.keys()].sort();
    const newCode = new Int32Array(levels.length);
    levels.forEach((level, code) => {
      newCode[this.codeOf.get(level)!] = code;
    });
    const codes = this.codes.slice(0, rows).map((code) => (code < 0 ? -1 : newCode[code]!));
    return { name: this.column, kind: 'category', codes, levels };
  }
}

/** Collects rows batch by batch into typed columns: a streaming reader never holds the file. */
export class TableBuilder {
  private readonly cells: (NumberCells | CategoryCells)[];
  private readonly missing: ReadonlySet<string>;
  private rowCount = 0;

  constructor(columns: readonly { name: string; kind: ColumnKind }[], options: TableBuilderOptions = {}) {
    const names = new Set<string>();
    for (const { name } of columns) {
      if (names.has(name)) throw new ColumnInvalid(name, 'given twice');
      names.add(name);
    }
    this.cells = columns.map(({ name, kind }) => (kind === 'number' ? new NumberCells(name) : new CategoryCells(name)));
    this.missing = new Set(options.missingValues ?? ['']);
  }

  get rows(): number {
    return this.rowCount;
  }

  /** Rows of cells in the order of the columns. Throws {@link TableCellInvalid}; `row` there counts from 0 over all batches. */
  append(batch: readonly (readonly Cell[])[]): void {
    for (const row of batch) {
      for (let c = 0; c < this.cells.length; c++) this.cells[c]!.set(this.rowCount, row[c], this.missing);
      this.rowCount += 1;
    }
  }

  build(): Table {
    return { rows: this.rowCount, columns: this.cells.map((cells) => cells.toColumn(this.rowCount)) };
  }
}
