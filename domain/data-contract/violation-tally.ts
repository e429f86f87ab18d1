import type { Cell } from './cell.ts';
import { type DataRule, MAX_NAMED_ROWS, type ViolatingRow, type Violation } from './data-report.ts';
import { maskCell } from './masked-cell.ts';

/** Counts the breaches of one rule in one column, and keeps the first five. */
export class ViolationTally {
  count = 0;
  private readonly rule: DataRule;
  private readonly column: string | null;
  private readonly rows: ViolatingRow[] = [];

  constructor(rule: DataRule, column: string | null) {
    this.rule = rule;
    this.column = column;
  }

  /** `found` is masked here, so that no value gets any further. */
  add(row: number, found?: Cell): void {
    this.count += 1;
    if (this.rows.length < MAX_NAMED_ROWS)
      this.rows.push(found === undefined ? { row } : { row, found: maskCell(found) });
  }

  /** None when nothing was counted. */
  violations(message: (count: number, rows: string) => string): Violation[] {
    if (this.count === 0) return [];
    const { rule, column, count, rows } = this;
    return [{ rule, column, count, rows, message: message(count, this.places()) }];
  }

  /** As `rows 3, 8, 9, 12, 40 and 7 more`. */
  private places(): string {
    const named = this.rows.map(({ row, found }) => (found === undefined ? `${row}` : `${row} (${found})`)).join(', ');
    const more = this.count - this.rows.length;
    return `${this.count === 1 ? 'row' : 'rows'} ${named}${more > 0 ? ` and ${more} more` : ''}`;
  }
}

export const cells = (count: number): string => (count === 1 ? '1 cell' : `${count} cells`);
