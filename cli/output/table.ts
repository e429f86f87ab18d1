import { printable } from './paint.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Never cut, whatever the width: ids that a person copies. */
  readonly keep?: true;
  /** The column is left out where the table does not fit: 1 goes first. */
  readonly leaves?: number;
}

/** A cell: its text, and what to do with it once it has its width. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = 2;
const NARROWEST = 6;
const textOf = (cell: Cell): string => printable(typeof cell === 'string' ? cell : cell.text);
const widthOf = (text: string): number => [...text].length;

/**
 * Rows as lines under their titles. Where they do not fit into `width`, columns with `leaves` are left out, one after the other; then the
 * widest give way, and what is cut ends in `…`; columns with `keep` are cut never.
 */
export function formatTable(
  allColumns: readonly Column[],
  allRows: readonly (readonly Cell[])[],
  { width, heading = (text) => text }: { width: number; heading?: (text: string) => string },
): string[] {
  const allWidths = allColumns.map((column, index) =>
    allRows.reduce((most, row) => Math.max(most, widthOf(textOf(row[index] ?? ''))), widthOf(column.title)),
  );
  const shown = shownColumns(allColumns, allWidths, width);
  const columns = shown.map((index) => allColumns[index] as Column);
  const rows = allRows.map((row) => shown.map((index) => row[index] ?? ''));
  const natural = shown.map((index) => allWidths[index] ?? 0);
  const widths = fitInto(columns, natural, width);
  const line = (cells: readonly Cell[], paintAll?: (text: string) => string) =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const isLast = index === columns.length - 1;
        const text = pad(cut(textOf(cell), widths[index] ?? 0), widths[index] ?? 0, column.align, isLast);
        return paintAll ? paintAll(text) : typeof cell === 'string' ? text : cell.paint(text);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      heading,
    ),
    ...rows.map((row) => line(row)),
  ];
}

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1);

/** The indexes of the columns that stay. */
function shownColumns(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  let shown = columns.map((_, index) => index);
  const leaving = shown
    .filter((index) => columns[index]?.leaves !== undefined)
    .sort((a, b) => (columns[a]?.leaves ?? 0) - (columns[b]?.leaves ?? 0));
  for (const next of leaving) {
    if (totalOf(shown.map((index) => natural[index] ?? 0)) <= width) break;
    shown = shown.filter((index) => index !== next);
  }
  return shown;
}

function fitInto(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  while (totalOf(widths) > width) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (column.keep || (widths[index] ?? 0) <= NARROWEST) continue;
      if (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function pad(text: string, width: number, align: 'right' | undefined, isLast: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  if (align === 'right') return space + text;
  return isLast ? text : text + space;
}
