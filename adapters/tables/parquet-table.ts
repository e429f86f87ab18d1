import {
  type ColumnMetaData,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Cell } from '../../domain/data-contract/cell.ts';
import type { UnreadableRule } from '../../domain/data-contract/data-report.ts';
import { quoteName } from '../../domain/data-contract/masked-cell.ts';
import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import type { TableReader } from '../../domain/ports/tables.ts';
import { checkNames } from './header-names.ts';
import { ParquetFile } from './parquet-file.ts';
import type { TableLimits } from './table-limits.ts';
import type { TableSource } from './table-source.ts';

const MAX_FOOTER_BYTES = 16 * 1024 * 1024;
/** Rows are made of columns in windows of this many cells: small enough for the memory of a function. */
const WINDOW_CELLS = 500_000;

/** Text columns must be valid UTF-8, as in CSV; the decoder of hyparquet would replace what is not. */
const utf8 = new TextDecoder('utf-8', { fatal: true });
const parsers: Partial<ParquetParsers> = { stringFromBytes: (bytes) => bytes && utf8.decode(bytes) };

/**
 * A Parquet file as a table: flat columns of numbers, booleans, text, dates and times, read a row group at a time.
 *
 * @debt parquet-bomb: a page may claim more values than its row group has, and hyparquet makes room for them before it looks.
 * A file crafted so ends the function that reads it for want of memory, and its run as failed.
 */
export async function openParquet(source: TableSource, limits: TableLimits): Promise<TableReader> {
  const { key } = source;
  const file = new ParquetFile(source);
  await checkFooter(source);
  const metadata = await file.decoding(() => parquetMetadataAsync(file.buffer, { parsers }));
  const header = columnNames(metadata, key);
  checkNames(header, key, limits.maxColumns);
  const groups = rowGroupsOf(metadata, header.length, key, limits);

  return {
    format: 'parquet',
    header,
    async *batches() {
      const windowRows = Math.max(1000, Math.floor(WINDOW_CELLS / header.length));
      for (const group of groups) {
        await file.hold(group.startByte, group.endByte);
        const end = group.firstRow + group.rows;
        for (let rowStart = group.firstRow; rowStart < end; rowStart += windowRows) {
          const rowEnd = Math.min(rowStart + windowRows, end);
          const rows = await file.decoding(() => readRows(file, metadata, rowStart, rowEnd));
          if (rows.length !== rowEnd - rowStart)
            throw file.corrupt(`${rows.length} rows where ${rowEnd - rowStart} should be`);
          for (let index = 0; index < rows.length; index++) toCells(rows[index]!, header, file, rowStart + index + 1);
          yield { firstRow: rowStart + 1, rows: rows as Cell[][] };
        }
      }
    },
  };
}

const readRows = (file: ParquetFile, metadata: FileMetaData, rowStart: number, rowEnd: number): Promise<unknown[][]> =>
  new Promise((resolve, reject) => {
    const range = { rowStart, rowEnd, onComplete: resolve };
    parquetRead({ file: file.buffer, metadata, compressors, parsers, ...range }).catch(reject);
  });

/** In place: rows of a window are made for one reader. */
function toCells(row: unknown[], header: readonly string[], file: ParquetFile, rowNumber: number): void {
  for (let index = 0; index < header.length; index++) {
    const cell = row[index];
    if (typeof cell === 'string') {
      if (cell === '' || cell === 'NA') row[index] = null;
    } else if (typeof cell === 'bigint') {
      if (cell >= Number.MIN_SAFE_INTEGER && cell <= Number.MAX_SAFE_INTEGER) row[index] = Number(cell);
    } else if (typeof cell === 'number') {
      if (Number.isNaN(cell)) row[index] = null;
    } else if (cell === undefined) {
      throw file.corrupt(`column ${quoteName(header[index]!)} has no value for row ${rowNumber}`);
    } else if (cell !== null && typeof cell !== 'boolean' && !(cell instanceof Date)) {
      throw unsupportedColumn(file.key, header[index]!, 'holds bytes or objects');
    }
  }
}

async function checkFooter(source: TableSource): Promise<void> {
  const { key, bytes } = source;
  const tail = bytes < 12 ? undefined : Buffer.from(await source.range(bytes - 8, bytes - 1));
  if (tail?.toString('latin1', 4) !== 'PAR1') {
    const message = `${key} begins as Parquet and does not end as it: the upload was cut off. Upload it again.`;
    throw new TableUnreadable({ rule: 'corrupt', message });
  }
  const footerBytes = tail.readUInt32LE(0);
  if (footerBytes > MAX_FOOTER_BYTES) {
    const message = `${key} has a footer of ${footerBytes} bytes, at most ${MAX_FOOTER_BYTES} are read. Write fewer row groups.`;
    throw new TableUnreadable({ rule: 'limit', message });
  }
}

function columnNames(metadata: FileMetaData, key: string): string[] {
  return parquetSchema(metadata).children.map(({ element, children }) => {
    if (children.length > 0 || element.repetition_type === 'REPEATED') {
      throw unsupportedColumn(key, element.name, 'is a list or a struct');
    }
    return element.name;
  });
}

const unsupportedColumn = (key: string, name: string, what: string): TableUnreadable =>
  new TableUnreadable({
    rule: 'format',
    message: `${key}: column ${quoteName(name)} ${what}. Columns must be numbers, booleans, text, dates or times.`,
  });

interface RowGroupPlace {
  readonly firstRow: number;
  readonly rows: number;
  readonly startByte: number;
  /** Exclusive. */
  readonly endByte: number;
}

function rowGroupsOf(metadata: FileMetaData, columns: number, key: string, limits: TableLimits): RowGroupPlace[] {
  const groups = metadata.row_groups;
  if (groups.length > limits.maxRowGroups) {
    throw unreadable(
      'limit',
      `${key} has ${groups.length} row groups, at most ${limits.maxRowGroups} are read. Write larger ones.`,
    );
  }
  const places: RowGroupPlace[] = [];
  let firstRow = 0;
  for (const group of groups) {
    const place = placeOf(group, firstRow, columns, key, limits);
    if (place.rows > 0) places.push(place);
    firstRow += place.rows;
  }
  if (firstRow !== Number(metadata.num_rows)) {
    throw unreadable('corrupt', `${key} is corrupt Parquet: its row groups do not add up to its rows. Write it again.`);
  }
  if (firstRow === 0) throw unreadable('empty', `${key} has columns and no rows.`);
  return places;
}

function placeOf(group: RowGroup, firstRow: number, columns: number, key: string, limits: TableLimits): RowGroupPlace {
  const rows = Number(group.num_rows);
  const chunks = group.columns.flatMap(({ meta_data }) => meta_data ?? []);
  if (chunks.length !== columns || !(rows >= 0)) {
    throw unreadable(
      'corrupt',
      `${key} is corrupt Parquet: the row group at row ${firstRow + 1} lacks columns. Write it again.`,
    );
  }
  const startOf = (chunk: ColumnMetaData) => Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const startByte = Math.min(...chunks.map(startOf));
  const endByte = Math.max(...chunks.map((chunk) => startOf(chunk) + Number(chunk.total_compressed_size)));
  const expanded = chunks.reduce((sum, chunk) => sum + Number(chunk.total_uncompressed_size), 0);
  const bytes = Math.max(expanded, endByte - startByte);
  const { maxRowGroupCells, maxRowGroupBytes } = limits;
  if (rows * columns > maxRowGroupCells || bytes > maxRowGroupBytes) {
    throw unreadable(
      'limit',
      `${key} has a row group of ${rows * columns} cells and ${bytes} bytes; at most ${maxRowGroupCells} cells and ${maxRowGroupBytes} bytes are read. Write it with row groups of 100000 rows.`,
    );
  }
  return { firstRow, rows, startByte, endByte };
}

const unreadable = (rule: UnreadableRule, message: string) => new TableUnreadable({ rule, message });
