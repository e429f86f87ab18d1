import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Table, TableBuilder } from '../../ml/table.ts';

/** Where the real tables are: `SLUICE_SHARED`, or `shared` beside the repository. They are not part of it. */
const sharedFolder = process.env.SLUICE_SHARED ?? join(import.meta.dirname, '..', '..', '..', 'shared');

/** Null where the tables are, else why a test that needs them is skipped. */
export const realTablesMissing = existsSync(join(sharedFolder, 'data', 'credit_data.csv'))
  ? null
  : `${join(sharedFolder, 'data')} is absent (set SLUICE_SHARED)`;

export interface RealTable {
  readonly file: string;
  readonly target: string;
  readonly task: 'binary-classification' | 'regression';
  readonly positive?: string;
  /** Of scikit-learn, see shared/data/README.md: AUC or R². */
  readonly reference: number;
}

export const REAL_TABLES: readonly RealTable[] = [
  { file: 'credit_data.csv', target: 'Status', task: 'binary-classification', positive: 'bad', reference: 0.846 },
  { file: 'wa_churn.csv', target: 'churn', task: 'binary-classification', positive: 'Yes', reference: 0.845 },
  { file: 'ames.csv', target: 'Sale_Price', task: 'regression', reference: 0.905 },
];

/** A real table; columns whose every cell is a number or empty are numbers. */
export const loadRealTable = (file: string): Table => {
  const [header, ...body]: string[][] = parse(readFileSync(join(sharedFolder, 'data', file)));
  const isNumber = (column: number) => body.every((row) => row[column] === '' || !Number.isNaN(Number(row[column])));
  const builder = new TableBuilder(header!.map((name, c) => ({ name, kind: isNumber(c) ? 'number' : 'category' })));
  builder.append(body);
  return builder.build();
};
