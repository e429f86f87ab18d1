import { type ColumnContract, MAX_CATEGORY_LEVELS } from '../model-definition.ts';
import { booleanOf, type Cell, isMissing, numberOf, textOf } from './cell.ts';
import type { ColumnStatistics, Violation } from './data-report.ts';
import { quoteName } from './masked-cell.ts';
import { cells, ViolationTally } from './violation-tally.ts';

/** Longer than this is text, not the name of a category. It bounds what the levels of a column take. */
const MAX_LEVEL_CHARACTERS = 256;

/** Everything that one column's cells are checked for, and counted, as they pass. */
export interface ColumnCheck {
  cell(row: number, cell: Cell | undefined): void;
  statistics(): ColumnStatistics;
  violations(rows: number): Violation[];
}

export function createColumnCheck(name: string, contract: ColumnContract): ColumnCheck {
  if (contract.type === 'integer' || contract.type === 'number') return new NumberCheck(name, contract);
  return new TextCheck(name, contract);
}

class NumberCheck implements ColumnCheck {
  private readonly name: string;
  private readonly contract: ColumnContract & { type: 'integer' | 'number' };
  private readonly isInteger: boolean;
  private readonly least: number;
  private readonly most: number;
  private readonly missing: ViolationTally;
  private readonly type: ViolationTally;
  private readonly range: ViolationTally;
  private readonly values = new Set<number>();
  private min = Infinity;
  private max = -Infinity;

  constructor(name: string, contract: ColumnContract & { type: 'integer' | 'number' }) {
    this.name = name;
    this.contract = contract;
    this.isInteger = contract.type === 'integer';
    this.least = contract.min ?? -Infinity;
    this.most = contract.max ?? Infinity;
    this.missing = new ViolationTally('missing', name);
    this.type = new ViolationTally('type', name);
    this.range = new ViolationTally('range', name);
  }

  cell(row: number, cell: Cell | undefined): void {
    if (isMissing(cell)) {
      this.missing.add(row);
      return;
    }
    const value = numberOf(cell);
    if (value === undefined || (this.isInteger && !Number.isSafeInteger(value))) {
      this.type.add(row, cell);
      return;
    }
    if (value < this.least || value > this.most) this.range.add(row);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.values.size < MAX_CATEGORY_LEVELS) this.values.add(value);
  }

  statistics(): ColumnStatistics {
    const isEmpty = this.min > this.max;
    return {
      name: this.name,
      type: this.contract.type,
      missing: this.missing.count,
      min: isEmpty ? null : this.min,
      max: isEmpty ? null : this.max,
      distinct: this.values.size,
      distinctIsLowerBound: this.values.size >= MAX_CATEGORY_LEVELS,
      levels: null,
    };
  }

  violations(rows: number): Violation[] {
    const name = quoteName(this.name);
    const kind = this.isInteger ? 'a whole number' : 'a number';
    const { min, max } = this.contract;
    const bounds = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`];
    const wanted = bounds.filter((bound) => bound !== '').join(' and ');
    return [
      ...this.type.violations((count, where) => `column ${name}: ${cells(count)} not ${kind}: ${where}`),
      ...this.range.violations((count, where) => `column ${name}: ${cells(count)} not ${wanted}: ${where}`),
      ...missingViolations(this.missing, this.name, this.contract.missing, rows),
    ];
  }
}

class TextCheck implements ColumnCheck {
  private readonly name: string;
  private readonly contract: ColumnContract & { type: 'category' | 'boolean' | 'text' };
  private readonly allowed: ReadonlySet<string> | null;
  private readonly missing: ViolationTally;
  private readonly type: ViolationTally;
  private readonly disallowed: ViolationTally;
  private readonly tooMany: ViolationTally;
  private readonly formula: ViolationTally;
  private readonly levels = new Map<string, number>();
  private isUncounted = false;

  constructor(name: string, contract: ColumnContract & { type: 'category' | 'boolean' | 'text' }) {
    this.name = name;
    this.contract = contract;
    this.allowed = contract.type === 'category' && contract.values ? new Set(contract.values) : null;
    this.missing = new ViolationTally('missing', name);
    this.type = new ViolationTally('type', name);
    this.disallowed = new ViolationTally('values', name);
    this.tooMany = new ViolationTally('levels', name);
    this.formula = new ViolationTally('formula', name);
  }

  cell(row: number, cell: Cell | undefined): void {
    if (isMissing(cell)) {
      this.missing.add(row);
      return;
    }
    const text = this.contract.type === 'boolean' ? booleanOf(cell)?.toString() : textOf(cell);
    if (text === undefined) {
      this.type.add(row, cell);
      return;
    }
    const count = this.levels.get(text);
    // A level that was seen was checked then, and breaks no rule: those that do are not kept.
    if (count !== undefined) this.levels.set(text, count + 1);
    else this.newLevel(row, text);
  }

  private newLevel(row: number, text: string): void {
    const isDeclared = this.allowed?.has(text) ?? false;
    if (!isDeclared && isFormula(text)) this.formula.add(row, text);
    else if (this.allowed !== null && !isDeclared) this.disallowed.add(row, text);
    else if (text.length > MAX_LEVEL_CHARACTERS) this.longText(row, text);
    else if (this.levels.size < MAX_CATEGORY_LEVELS) this.levels.set(ownCopy(text), 1);
    else this.tooMany.add(row);
  }

  private longText(row: number, text: string): void {
    if (this.contract.type === 'text') this.isUncounted = true;
    else this.type.add(row, text);
  }

  statistics(): ColumnStatistics {
    const isCut = this.tooMany.count > 0 || this.isUncounted;
    const levels = [...this.levels].map(([level, count]) => ({ level, count }));
    return {
      name: this.name,
      type: this.contract.type,
      missing: this.missing.count,
      min: null,
      max: null,
      distinct: this.levels.size,
      distinctIsLowerBound: isCut,
      levels: isCut || this.contract.type === 'text' ? null : levels.sort((a, b) => (a.level < b.level ? -1 : 1)),
    };
  }

  violations(rows: number): Violation[] {
    const name = quoteName(this.name);
    const allowed = [...(this.allowed ?? [])].slice(0, 10).map(quoteName).join(', ');
    const found: Violation[] = [
      ...this.formula.violations(
        (count, where) =>
          `column ${name}: ${cells(count)} would run as a formula in a spreadsheet, since they start with = + - @, tab or CR: ${where}`,
      ),
      ...this.type.violations((count, where) => {
        const kind =
          this.contract.type === 'boolean' ? 'true or false' : `text of at most ${MAX_LEVEL_CHARACTERS} characters`;
        return `column ${name}: ${cells(count)} not ${kind}: ${where}`;
      }),
      ...this.disallowed.violations(
        (count, where) => `column ${name}: ${cells(count)} not one of ${allowed}: ${where}`,
      ),
      ...missingViolations(this.missing, this.name, this.contract.missing, rows),
    ];
    if (this.contract.type === 'text') return found;
    return [
      ...found,
      ...this.tooMany.violations(
        (_, where) =>
          `column ${name}: more than ${MAX_CATEGORY_LEVELS} different values, which is text and no category: ${where}`,
      ),
    ];
  }
}

/** OWASP, "CSV Injection": what a spreadsheet takes for a formula. A number with a sign is none. */
const isFormula = (text: string): boolean => /^[=+\-@\t\r]/.test(text) && numberOf(text) === undefined;

/** A slice of a file's text would keep the whole chunk it was cut from in memory. */
const ownCopy = (text: string): string => (text.length < 13 ? text : Array.from(text).join(''));

function missingViolations(tally: ViolationTally, name: string, allowed: number, rows: number): Violation[] {
  if (rows === 0 || tally.count / rows <= allowed) return [];
  return tally.violations(
    (count, where) =>
      `column ${quoteName(name)}: ${count} of ${rows} cells missing (${percent(count / rows)}), at most ${percent(allowed)} allowed: ${where}`,
  );
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
