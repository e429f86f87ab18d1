import type { DataContract } from '../model-definition.ts';
import type { Cell } from './cell.ts';
import { type ColumnCheck, createColumnCheck } from './column-check.ts';
import type { DataReport, Violation } from './data-report.ts';
import { checkHeader } from './header-check.ts';
import { TargetCheck } from './target-check.ts';
import { UniqueCheck } from './unique-check.ts';

export interface DataValidator {
  /** Before the rows of each file: its column names. Files of one dataset may order them differently. */
  header(names: readonly string[]): void;
  /** `rowNumber` is what a violation names it by; cells in the order of the header. */
  row(rowNumber: number, cells: readonly Cell[]): void;
  /** Rows so far. */
  rows(): number;
  finish(): DataReport;
}

/**
 * Checks tables against a contract as their rows pass: nothing is kept but counts, at most 1000 levels a column, and the
 * hashes of RowKeys where the contract asks for uniqueness.
 */
export function createDataValidator(contract: DataContract): DataValidator {
  const checks = new Map<string, ColumnCheck>();
  for (const [name, column] of Object.entries(contract.columns)) checks.set(name, createColumnCheck(name, column));
  const target = new TargetCheck(contract);
  const unique = contract.unique.map((names) => new UniqueCheck(names, contract.columns));

  const headerViolations: Violation[] = [];
  let present: string[] = [];
  let plan: { check: ColumnCheck; position: number }[] = [];
  let activeUnique: UniqueCheck[] = [];
  let targetPosition = -1;
  let rows = 0;

  return {
    header(names) {
      for (const violation of checkHeader(contract, names)) {
        if (!headerViolations.some(({ message }) => message === violation.message)) headerViolations.push(violation);
      }
      plan = [...checks].flatMap(([name, check]) => {
        const position = names.indexOf(name);
        return position < 0 ? [] : [{ check, position }];
      });
      present = [...new Set([...present, ...names.filter((name) => checks.has(name))])];
      activeUnique = unique.filter((_, index) => contract.unique[index]!.every((name) => names.includes(name)));
      for (const check of activeUnique) check.header(names);
      targetPosition = names.indexOf(contract.target.column);
    },

    row(rowNumber, cells) {
      rows += 1;
      for (let index = 0; index < plan.length; index++) {
        const { check, position } = plan[index]!;
        check.cell(rowNumber, cells[position]);
      }
      if (targetPosition >= 0) target.cell(cells[targetPosition]);
      // Past the largest number of rows the dataset is rejected anyway, and keys would take memory without a bound.
      if (rows <= contract.rows.max) for (const check of activeUnique) check.row(rowNumber, cells);
    },

    rows: () => rows,

    finish() {
      const violations = [
        ...headerViolations,
        ...checkRowCount(contract, rows),
        ...present.flatMap((name) => checks.get(name)!.violations(rows)),
        ...(present.includes(contract.target.column) ? target.violations(rows) : []),
        ...unique.flatMap((check) => check.violations()),
      ];
      return {
        verdict: violations.length === 0 ? 'accepted' : 'rejected',
        rows,
        columns: present.map((name) => checks.get(name)!.statistics()),
        violations,
      };
    },
  };
}

function checkRowCount({ rows: { min, max } }: DataContract, rows: number): Violation[] {
  if (rows >= min && rows <= max) return [];
  const wanted = rows < min ? `at least ${min} are needed` : `at most ${max} are accepted`;
  return [{ rule: 'rows', column: null, count: rows, rows: [], message: `${rows} rows, ${wanted}` }];
}
