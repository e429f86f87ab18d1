import type { ColumnType } from '../model-definition.ts';

/** The rules a dataset can break: its contract's, being new (`duplicate`), and being readable as a table at all. */
export type DataRule =
  | 'columns'
  | 'type'
  | 'range'
  | 'values'
  | 'levels'
  | 'missing'
  | 'unique'
  | 'rows'
  | 'formula'
  | 'target'
  | 'duplicate'
  | UnreadableRule;

export type UnreadableRule =
  | 'format'
  | 'encoding'
  | 'empty'
  | 'broken-quote'
  | 'record-too-long'
  | 'ragged-row'
  | 'header'
  | 'corrupt'
  | 'limit';

/** What a table was found to be, against its model's data contract. */
export interface DataReport {
  readonly verdict: 'accepted' | 'rejected';
  readonly rows: number;
  /**
   * In the order of the file. They hold values of the data (minima, maxima, undeclared levels), so they stay in the environment
   * the data is in; facts and events carry `violations` alone.
   */
  readonly columns: readonly ColumnStatistics[];
  /** Empty exactly when the verdict is `accepted`. No value of the data is in them: see masked-cell.ts. */
  readonly violations: readonly Violation[];
}

export interface ColumnStatistics {
  readonly name: string;
  readonly type: ColumnType;
  readonly missing: number;
  /** Of the numbers that were read; null for other types and where there are none. */
  readonly min: number | null;
  readonly max: number | null;
  /** Different values; counting stops at `MAX_CATEGORY_LEVELS`, and then this is a lower bound. */
  readonly distinct: number;
  readonly distinctIsLowerBound: boolean;
  /** Category and boolean columns: rows per level, by level in code unit order. Null for other types and past the bound. */
  readonly levels: readonly { readonly level: string; readonly count: number }[] | null;
}

export interface Violation {
  readonly rule: DataRule;
  /** Null when the rule is about the table and not one column; for `unique`, the combination joined by ` + `. */
  readonly column: string | null;
  /** Cells, rows or columns that break the rule. */
  readonly count: number;
  /** The first five. */
  readonly rows: readonly ViolatingRow[];
  readonly message: string;
}

export interface ViolatingRow {
  /** From 1, the header not counted. */
  readonly row: number;
  /** What stood there, without saying it: see masked-cell.ts. */
  readonly found?: string;
}

/** Rows named per violation. */
export const MAX_NAMED_ROWS = 5;
