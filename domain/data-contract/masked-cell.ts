import type { Cell } from './cell.ts';

const SHOWN_CHARACTERS = 16;

/**
 * What a cell looks like without what it says: letters become `a` or `A`, digits `9`, and beyond 16 characters only the
 * length is told.
 *
 * A violation leaves the environment in a `Dataset Rejected` fact and stands in logs, and the table may be about persons. The
 * shape is enough to find the usual faults (`99,9` a decimal comma, `99-AAA-9999` a date, `=AAA(…)` a formula), and the row
 * number finds the value for those who may read the data. The rule is the same for every classification: a file that is
 * declared public by mistake must not leak because of it.
 */
export function maskCell(cell: Cell): string {
  if (typeof cell === 'string') return `text ${shapeOf(cell)}`;
  if (typeof cell === 'number' || typeof cell === 'bigint') return `number ${shapeOf(String(cell))}`;
  if (cell instanceof Date) return 'a date';
  return typeof cell === 'boolean' ? 'a boolean' : 'missing';
}

function shapeOf(text: string): string {
  const shape = text
    .slice(0, SHOWN_CHARACTERS)
    .replace(/\p{Lu}/gu, 'A')
    .replace(/[\p{L}\p{M}]/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
    .replace(/\p{N}/gu, '9')
    .replace(/[^\p{P}\p{S} Aa9]/gu, '?');
  const cut = text.length > SHOWN_CHARACTERS ? `…, ${text.length} characters` : '';
  return `"${shape}"${cut}`;
}

/** A column name as it may stand in a message: quoted, control characters escaped, at most 60 characters. */
export const quoteName = (name: string): string =>
  JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
