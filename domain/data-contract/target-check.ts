import type { DataContract } from '../model-definition.ts';
import { booleanOf, type Cell, isMissing, numberOf, textOf } from './cell.ts';
import type { Violation } from './data-report.ts';
import { quoteName } from './masked-cell.ts';

/** With fewer of a class there is nothing to hold out and nothing to measure. */
export const MIN_CLASS_ROWS = 10;

/** Whether the target can be learned at all. Cells that break a rule of their column are told of there. */
export class TargetCheck {
  private readonly contract: DataContract;
  private readonly isBoolean: boolean;
  private positives = 0;
  private negatives = 0;
  private first: number | undefined;
  private isConstant = true;

  constructor(contract: DataContract) {
    this.contract = contract;
    this.isBoolean = contract.columns[contract.target.column]?.type === 'boolean';
  }

  cell(cell: Cell | undefined): void {
    if (isMissing(cell)) return;
    const { positive } = this.contract.target;
    if (positive === undefined) {
      const value = numberOf(cell);
      this.first ??= value;
      if (value !== this.first) this.isConstant = false;
      return;
    }
    const text = this.isBoolean ? String(booleanOf(cell)) : textOf(cell);
    if (text === positive) this.positives += 1;
    else this.negatives += 1;
  }

  violations(rows: number): Violation[] {
    const { column, positive } = this.contract.target;
    if (rows === 0) return [];
    const violation = (count: number, problem: string): Violation[] => [
      { rule: 'target', column, count, rows: [], message: `target ${quoteName(column)}: ${problem}` },
    ];
    if (positive === undefined)
      return this.isConstant ? violation(rows, 'the same in every row: there is nothing to learn') : [];
    const least = Math.min(this.positives, this.negatives);
    if (least >= MIN_CLASS_ROWS) return [];
    const scarce = this.positives <= this.negatives ? 'are' : 'are not';
    return violation(
      least,
      `${least} of ${rows} rows ${scarce} ${quoteName(positive)}, at least ${MIN_CLASS_ROWS} of each class are needed`,
    );
  }
}
