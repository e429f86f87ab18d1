import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Splits `data/credit_data.csv` into the uploads of the three environments: `node examples/credit-risk/split.ts`.
 *
 * A row goes where the first byte of the SHA-256 of its text, modulo 4, says: 0 to DEV, 1 to ACC, 2 and 3 to PRD. So the same
 * row is always in the same environment, two equal rows are never in two, and a new version of the file moves none of the old.
 */
export type SplitEnvironment = 'dev' | 'acc' | 'prd';

const ENVIRONMENT_OF_REMAINDER: readonly SplitEnvironment[] = ['dev', 'acc', 'prd', 'prd'];

/** The rows of one table per environment, each with the header, in their order, every byte of a line as it was. */
export function splitTable(text: string): Record<SplitEnvironment, string> {
  const [header, ...rows] = text.split('\n').filter((line) => line !== '');
  const lines: Record<SplitEnvironment, (string | undefined)[]> = { dev: [header], acc: [header], prd: [header] };
  for (const row of rows) lines[environmentOf(row)].push(row);
  const table = (environment: SplitEnvironment) => `${lines[environment].join('\n')}\n`;
  return { dev: table('dev'), acc: table('acc'), prd: table('prd') };
}

const environmentOf = (row: string): SplitEnvironment => {
  const [firstByte = 0] = createHash('sha256').update(row, 'utf8').digest();
  return ENVIRONMENT_OF_REMAINDER[firstByte % ENVIRONMENT_OF_REMAINDER.length] as SplitEnvironment;
};

const dataFile = (name: string) => new URL(`data/${name}.csv`, import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const split = splitTable(readFileSync(dataFile('credit_data'), 'utf8'));
  for (const [environment, table] of Object.entries(split)) writeFileSync(dataFile(environment), table);
}
