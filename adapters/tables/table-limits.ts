export interface TableLimits {
  readonly maxBytes: number;
  /** Characters of one record of a CSV file, its line breaks included. */
  readonly maxRecordCharacters: number;
  readonly maxColumns: number;
  /** Parquet: rows × columns of one row group, whose pages may be decoded whole; 8 bytes a cell. */
  readonly maxRowGroupCells: number;
  /** Parquet: bytes of one row group after decompression. */
  readonly maxRowGroupBytes: number;
  readonly maxRowGroups: number;
}

/** What a function of 512 MB can read. */
export const DEFAULT_TABLE_LIMITS: TableLimits = {
  maxBytes: 5 * 1024 ** 3,
  maxRecordCharacters: 1024 * 1024,
  maxColumns: 2000,
  maxRowGroupCells: 16_000_000,
  maxRowGroupBytes: 128 * 1024 * 1024,
  maxRowGroups: 20_000,
};
