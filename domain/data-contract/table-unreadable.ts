import type { UnreadableRule, Violation } from './data-report.ts';

export interface TableUnreadableDetails {
  readonly rule: UnreadableRule;
  /** What is wrong, where, and what to do. No cell of the table in it. */
  readonly message: string;
  /** Physical line of the file, from 1. */
  readonly line?: number;
  /** Characters from the start of that line, from 1. */
  readonly column?: number;
}

/** The file cannot be read as a table: nothing can be said of its rows. Terminal: the same bytes give it again. */
export class TableUnreadable extends Error {
  override readonly name = 'TableUnreadable';
  readonly rule: UnreadableRule;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor({ rule, message, line, column }: TableUnreadableDetails) {
    super(message);
    this.rule = rule;
    this.line = line;
    this.column = column;
  }
}

/** The unreadable file as a violation, so that it is reported and recorded like any other rejected dataset. */
export const violationOf = (error: TableUnreadable): Violation => ({
  rule: error.rule,
  column: null,
  count: 1,
  rows: [],
  message: error.message,
});
