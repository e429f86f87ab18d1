import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';

const QUOTE = 34;
const CR = 13;
const LF = 10;

/** A cell of text; null where it is empty or `NA`, quoted or not. */
export type CsvCell = string | null;

export interface CsvRecord {
  /** Physical line on which it begins, from 1. */
  readonly line: number;
  readonly cells: CsvCell[];
}

export interface CsvRecordsOptions {
  readonly key: string;
  readonly delimiter: string;
  readonly maxRecordCharacters: number;
}

/**
 * Cuts text into records as it comes in chunks of any size: RFC 4180, with LF and CR as line breaks besides CRLF.
 *
 * csv-parse reads this format too, at 18 MB a second of CPU where this reads 67, and names only the line at which a file
 * with a quote that was never closed ends; here the quote itself is named. (bench/validate.ts measures both.)
 */
export class CsvRecords {
  private readonly key: string;
  private readonly delimiter: number;
  private readonly maxCharacters: number;
  private text = '';
  private line = 1;
  /** Where the field being read stops; -1 when the text ended before it did. Kept here since a function returns one value. */
  private at = 0;

  constructor({ key, delimiter, maxRecordCharacters }: CsvRecordsOptions) {
    this.key = key;
    this.delimiter = delimiter.charCodeAt(0);
    this.maxCharacters = maxRecordCharacters;
  }

  /** The records that are complete with this chunk. */
  push(chunk: string): CsvRecord[] {
    this.text = this.text === '' ? chunk : this.text + chunk;
    return this.read(false);
  }

  /** What is left when the text is over. */
  end(): CsvRecord[] {
    return this.read(true);
  }

  /** The line on which the text goes on after `more`, for a fault that was found outside. */
  lineAfter(more: string): number {
    return this.line + lineBreaks(this.text + more);
  }

  private read(isLast: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    const { text } = this;
    let start = 0;
    while (start < text.length) {
      const line = this.line;
      const cells = this.record(start, isLast);
      if (cells === undefined) break;
      if (this.at - start > this.maxCharacters) throw this.tooLong(line);
      records.push({ line, cells });
      start = this.at;
    }
    if (text.length - start > this.maxCharacters) this.refuseLong(start);
    this.text = start === 0 ? text : text.slice(start);
    return records;
  }

  /** One record from `start`, or undefined when the text ends before it does. Leaves `at` behind its line break. */
  private record(start: number, isLast: boolean): CsvCell[] | undefined {
    const { text, delimiter } = this;
    const cells: CsvCell[] = [];
    let breaks = 0;
    let at = start;
    for (;;) {
      let cell: string;
      if (text.charCodeAt(at) === QUOTE) {
        const quoted = this.quoted(start, at, isLast);
        if (quoted === undefined) return undefined;
        cell = quoted;
        if (cell.length > 0) breaks += lineBreaks(cell);
      } else {
        const unquoted = this.unquoted(start, at, isLast);
        if (unquoted === undefined) return undefined;
        cell = unquoted;
      }
      at = this.at;
      cells.push(cell === '' || cell === 'NA' ? null : cell);
      const code = at < text.length ? text.charCodeAt(at) : LF;
      if (code === delimiter) {
        at += 1;
        continue;
      }
      if (code === CR) {
        if (at + 1 === text.length && !isLast) return undefined;
        if (text.charCodeAt(at + 1) === LF) at += 1;
      }
      this.at = at + 1;
      this.line += breaks + 1;
      return cells;
    }
  }

  private unquoted(start: number, from: number, isLast: boolean): string | undefined {
    const { text, delimiter } = this;
    const length = text.length;
    let at = from;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code === delimiter || code === LF || code === CR) break;
      if (code === QUOTE) {
        throw this.broken(
          start,
          at,
          (place) => `there is a quote inside a field that does not begin with one, at ${place}`,
        );
      }
    }
    if (at === length && !isLast) return undefined;
    this.at = at;
    return text.slice(from, at);
  }

  private quoted(start: number, open: number, isLast: boolean): string | undefined {
    const { text, delimiter } = this;
    let close = text.indexOf('"', open + 1);
    let hasEscapes = false;
    for (;;) {
      if (close < 0 || (close + 1 === text.length && !isLast)) {
        if (isLast) throw this.broken(start, open, (place) => `the quote that opens at ${place} is never closed`);
        return undefined;
      }
      if (text.charCodeAt(close + 1) !== QUOTE) break;
      hasEscapes = true;
      close = text.indexOf('"', close + 2);
    }
    const next = close + 1 < text.length ? text.charCodeAt(close + 1) : LF;
    if (next !== delimiter && next !== LF && next !== CR) {
      const end = this.placeOf(start, close);
      throw this.broken(
        start,
        open,
        (place) => `the quote that opens at ${place} closes at ${said(end)}, in the middle of a field`,
      );
    }
    this.at = close + 1;
    const cell = text.slice(open + 1, close);
    return hasEscapes ? cell.replaceAll('""', '"') : cell;
  }

  private broken(start: number, at: number, problem: (place: string) => string): TableUnreadable {
    const place = this.placeOf(start, at);
    const message = `${this.key}: ${problem(said(place))}. A quote inside a quoted field is written twice.`;
    return new TableUnreadable({ rule: 'broken-quote', ...place, message });
  }

  private refuseLong(start: number): never {
    const open = openQuote(this.text, start, this.delimiter);
    if (open !== undefined) {
      throw this.broken(
        start,
        open,
        (place) => `the quote that opens at ${place} is not closed within ${this.maxCharacters} characters`,
      );
    }
    throw this.tooLong(this.line);
  }

  private tooLong(line: number): TableUnreadable {
    return new TableUnreadable({
      rule: 'record-too-long',
      line,
      message: `${this.key}: line ${line} is longer than ${this.maxCharacters} characters, the most that a row may have. Is it a table with one row a line?`,
    });
  }

  /** Where a character of the record that begins at `start`, on the current line, stands. */
  private placeOf(start: number, at: number): { line: number; column: number } {
    const before = this.text.slice(start, at);
    const lastBreak = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
    return { line: this.line + lineBreaks(before), column: before.length - lastBreak };
  }
}

const said = ({ line, column }: { line: number; column: number }) => `line ${line}, column ${column}`;

/** CRLF, LF or CR. */
function lineBreaks(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\n|\r/g)!.length;
}

/** The quote that is open at the end of a record which was cut for its length, if one is. */
function openQuote(text: string, start: number, delimiter: number): number | undefined {
  let at = start;
  while (at < text.length) {
    if (text.charCodeAt(at) === QUOTE) {
      let close = text.indexOf('"', at + 1);
      while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2);
      if (close < 0) return at;
      at = close + 1;
    }
    while (at < text.length && text.charCodeAt(at) !== delimiter) at += 1;
    at += 1;
  }
  return undefined;
}
