import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import type { TableReader } from '../../domain/ports/tables.ts';
import { type CsvRecord, CsvRecords } from './csv-records.ts';
import { checkNames } from './header-names.ts';
import { InvalidText, strictText } from './strict-text.ts';
import type { TableLimits } from './table-limits.ts';

/** A CSV file as a table: its first record is the header. Rows can be read once. */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  key: string,
  limits: TableLimits,
): Promise<TableReader> {
  const records = readRecords(bytes, key, limits);
  const first = await records.next();
  const [header, ...rows] = first.done ? [] : first.value;
  if (header === undefined)
    throw new TableUnreadable({ rule: 'empty', message: `${key} is empty: it has no header and no rows.` });
  const names = header.cells.map((cell) => cell ?? '');
  checkNames(names, key, limits.maxColumns);

  let isRead = false;
  return {
    format: 'csv',
    header: names,
    async *batches() {
      if (isRead) throw new Error(`${key} was read already: a stream has its rows once`);
      isRead = true;
      const shape = new RowShape(names.length, key);
      let rowCount = 0;
      let batch = rows;
      for (;;) {
        const cells = shape.rowsOf(batch);
        if (cells.length > 0) yield { firstRow: rowCount + 1, rows: cells };
        rowCount += cells.length;
        const next = await records.next();
        if (next.done) break;
        batch = next.value;
      }
      if (rowCount === 0) {
        throw new TableUnreadable({ rule: 'empty', message: `${key} has a header and no rows.` });
      }
    },
  };
}

/** Batches of records, as many as a chunk of text ends; the first has at least the header. */
async function* readRecords(
  bytes: AsyncIterable<Uint8Array>,
  key: string,
  { maxRecordCharacters }: TableLimits,
): AsyncGenerator<CsvRecord[], undefined> {
  let records: CsvRecords | undefined;
  try {
    for await (const text of strictText(bytes)) {
      records ??= new CsvRecords({ key, delimiter: delimiterOf(text), maxRecordCharacters });
      const batch = records.push(text);
      if (batch.length > 0) yield batch;
    }
    const batch = records?.end() ?? [];
    if (batch.length > 0) yield batch;
  } catch (error) {
    if (!(error instanceof InvalidText)) throw error;
    const line = records?.lineAfter(error.before) ?? 1 + (error.before.match(/\r\n|\n|\r/g)?.length ?? 0);
    throw new TableUnreadable({
      rule: 'encoding',
      line,
      message: `${key}: line ${line}: ${error.what}${/[.?]$/.test(error.what) ? '' : '.'} Save it as UTF-8, or as UTF-16 with a byte order mark.`,
    });
  }
  return undefined;
}

/**
 * The comma, unless the first line has none outside quotes and has semicolons or tabs, as spreadsheets write where the comma
 * is for decimals.
 */
function delimiterOf(text: string): string {
  const [firstLine = ''] = text.replace(/"(?:[^"]|"")*"/g, '""').split(/[\r\n]/, 1);
  if (firstLine.includes(',')) return ',';
  return firstLine.includes(';') ? ';' : firstLine.includes('\t') ? '\t' : ',';
}

/** Every row has as many cells as the header; empty lines are accepted at the end alone. */
class RowShape {
  private readonly width: number;
  private readonly key: string;
  private emptyLine: number | undefined;

  constructor(width: number, key: string) {
    this.width = width;
    this.key = key;
  }

  rowsOf(records: readonly CsvRecord[]): CsvRecord['cells'][] {
    const rows: CsvRecord['cells'][] = [];
    for (const { line, cells } of records) {
      if (cells.length === 1 && cells[0] === null) {
        this.emptyLine ??= line;
        continue;
      }
      if (this.emptyLine !== undefined) throw this.ragged(this.emptyLine, 'is empty, and rows follow it');
      if (cells.length !== this.width)
        throw this.ragged(line, `has ${cells.length} cells, the header has ${this.width}`);
      rows.push(cells);
    }
    return rows;
  }

  private ragged(line: number, problem: string): TableUnreadable {
    const advice = 'A cell that holds the delimiter must be quoted.';
    return new TableUnreadable({
      rule: 'ragged-row',
      line,
      message: `${this.key}: line ${line} ${problem}. ${advice}`,
    });
  }
}
