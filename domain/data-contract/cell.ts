/**
 * A cell as a table reader gives it. CSV gives text and null; Parquet gives its own types.
 * Null is a missing value; so are the empty text, `NA` and NaN, which {@link isMissing} knows.
 */
export type Cell = string | number | bigint | boolean | Date | null;

/** Quoted or not, as R and pandas read them. */
export const isMissing = (cell: Cell | undefined): cell is null | undefined | '' =>
  cell === null || cell === undefined || cell === '' || cell === 'NA' || Number.isNaN(cell);

const DIGIT_0 = 48;
const DIGIT_9 = 57;
const MAX_PLAIN_DIGITS = 15;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The finite number that a cell holds, or undefined. Text must be a plain decimal: no spaces, no thousands separators, no
 * hexadecimal, no `Infinity`; `Number()` alone would take all of these but the separators.
 */
export function numberOf(cell: Cell): number | undefined {
  if (typeof cell === 'string') return numberOfText(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell === 'bigint') return Number(cell);
  return undefined;
}

function numberOfText(text: string): number | undefined {
  const length = text.length;
  if (length > 0 && length <= MAX_PLAIN_DIGITS) {
    let value = 0;
    let at = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < DIGIT_0 || code > DIGIT_9) break;
      value = value * 10 + (code - DIGIT_0);
    }
    if (at === length) return value;
  }
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** `true` and `false` in any case, or undefined. */
export function booleanOf(cell: Cell): boolean | undefined {
  if (typeof cell === 'boolean') return cell;
  if (typeof cell !== 'string' || cell.length > 5) return undefined;
  const lower = cell.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** The text of a category or text cell, or undefined for what has no one text form (a date). */
export function textOf(cell: Cell): string | undefined {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell);
  return undefined;
}
