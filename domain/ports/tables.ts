import type { Cell } from '../data-contract/cell.ts';
import type { DataContract } from '../model-definition.ts';
import type { ObjectLocation } from './object-store.ts';

/** A table being read, in batches of rows, in constant memory. */
export interface TableReader {
  readonly format: 'csv' | 'parquet';
  readonly header: readonly string[];
  /** `firstRow` counts from 1 after the header. Throws TableUnreadable where the file breaks off being a table. */
  batches(): AsyncIterable<{ readonly firstRow: number; readonly rows: readonly (readonly Cell[])[] }>;
}

/** Whole columns in memory, numbers with NaN and categories with -1 for missing. */
export interface LoadedTable {
  readonly rows: number;
  readonly columns: readonly (
    | { readonly name: string; readonly kind: 'number'; readonly values: Float64Array }
    | {
        readonly name: string;
        readonly kind: 'category';
        readonly codes: Int32Array;
        readonly levels: readonly string[];
      }
  )[];
}

/** Tables in the object store. Throws TableUnreadable for what is no table, and what ObjectStore throws. */
export interface Tables {
  open(location: ObjectLocation): Promise<TableReader>;
  /** The rows of all objects, one after the other, with the columns of the contract that can be trained on and the target. */
  load(locations: readonly ObjectLocation[], contract: DataContract): Promise<LoadedTable>;
}
