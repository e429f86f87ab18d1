import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Feature } from '../../domain/package-manifest.ts';
import type { FeatureRow } from '../../domain/ports/endpoint.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Cells that mean "missing", as in the data contract. */
const MISSING = new Set(['', 'NA']);

/** Rows to ask about: JSON (an array, or `{"rows": […]}`), JSON lines, or CSV, whose cells are read as the model's features say. */
export function readRows(file: string, features: readonly Feature[]): FeatureRow[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw new Failure(exitCodes.usage, `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return withMissing(/^\s*[[{]/.test(text) ? fromJson(text, file) : fromCsv(text, file, features), features);
}

/** `--row '{"Age": 30}'`: one row, or an array of rows. */
export function parseRow(text: string, features: readonly Feature[]): FeatureRow[] {
  return withMissing(fromJson(text, '--row'), features);
}

/**
 * The endpoint wants each feature to be there, so that a misspelled one is not taken for a missing one. A person who asks leaves out what
 * is not known; names that are no feature stay, and are refused there.
 */
const withMissing = (rows: readonly FeatureRow[], features: readonly Feature[]): FeatureRow[] =>
  rows.map((row) => ({ ...Object.fromEntries(features.map(({ name }) => [name, null])), ...row }));

function fromJson(text: string, where: string): FeatureRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    try {
      value = text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as unknown);
    } catch {
      throw new Failure(exitCodes.usage, `${where} is not JSON: ${(error as Error).message}`, {
        hint: `write a row as '{"Age": 30, "Home": "rent"}'`,
      });
    }
  }
  const rows = Array.isArray(value) ? value : ((value as { rows?: unknown }).rows ?? [value]);
  if (!Array.isArray(rows)) throw new Failure(exitCodes.usage, `${where}: "rows" is no array`);
  return rows.map((row, index) => checkedRow(row, `${where}, row ${index + 1}`));
}

function checkedRow(row: unknown, where: string): FeatureRow {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new Failure(exitCodes.usage, `${where} is no object of features`);
  }
  for (const [name, value] of Object.entries(row)) {
    if (value !== null && typeof value !== 'number' && typeof value !== 'string') {
      throw new Failure(exitCodes.usage, `${where}: ${name} is ${typeof value}; a feature is a number, a text or null`);
    }
  }
  return row as FeatureRow;
}

function fromCsv(text: string, file: string, features: readonly Feature[]): FeatureRow[] {
  let records: Record<string, string>[];
  try {
    records = parse(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[];
  } catch (error) {
    throw new Failure(exitCodes.usage, `${file} is not CSV: ${(error as Error).message}`, { cause: error });
  }
  const wanted = new Map(features.map((feature) => [feature.name, feature]));
  return records.map((record, index) => {
    const row: Record<string, number | string | null> = {};
    for (const [name, cell] of Object.entries(record)) {
      const feature = wanted.get(name);
      // The target, or a column that training leaves out: no feature of the model.
      if (!feature) continue;
      row[name] = cellValue(cell, feature, `${file}, row ${index + 1}`);
    }
    return row;
  });
}

function cellValue(cell: string, { name, kind }: Feature, where: string): number | string | null {
  const text = cell.trim();
  if (MISSING.has(text)) return null;
  if (kind === 'category') return text;
  const value = Number(text);
  if (!Number.isFinite(value))
    throw new Failure(exitCodes.usage, `${where}: ${name} is "${text}", and the model takes a number there`);
  return value;
}
