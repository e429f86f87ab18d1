import type { ColumnContract } from '../model-definition.ts';
import { type Cell, isMissing } from './cell.ts';
import type { Violation } from './data-report.ts';
import { quoteName } from './masked-cell.ts';
import { RowKeys } from './row-keys.ts';
import { ViolationTally } from './violation-tally.ts';

/**
 * No two rows may agree in a combination of columns. A row with a missing cell in it agrees with none, as in SQL.
 * The row named is the later one: which row it repeats is not kept, for memory. See RowKeys for how sure the answer is.
 */
export class UniqueCheck {
  private readonly names: readonly string[];
  private readonly isNumber: readonly boolean[];
  private readonly keys = new RowKeys();
  private readonly tally: ViolationTally;
  private positions: readonly number[] = [];

  constructor(names: readonly string[], columns: Readonly<Record<string, ColumnContract>>) {
    this.names = names;
    this.isNumber = names.map((name) => columns[name]?.type === 'integer' || columns[name]?.type === 'number');
    this.tally = new ViolationTally('unique', names.join(' + '));
  }

  header(header: readonly string[]): void {
    this.positions = this.names.map((name) => header.indexOf(name));
  }

  row(row: number, cells: readonly Cell[]): void {
    this.keys.begin();
    for (let index = 0; index < this.positions.length; index++) {
      const cell = cells[this.positions[index]!];
      if (isMissing(cell)) return;
      this.keys.add(cell, this.isNumber[index]!);
    }
    if (!this.keys.end()) this.tally.add(row);
  }

  violations(): Violation[] {
    const names = this.names.map(quoteName).join(' + ');
    return this.tally.violations((count, where) => {
      const repeat = count === 1 ? 'row repeats' : 'rows repeat';
      return `${names} must be unique: ${count} ${repeat} an earlier one: ${where}`;
    });
  }
}
