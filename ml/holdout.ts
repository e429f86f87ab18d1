import { type Split, splitRows } from './split.ts';
import type { Table } from './table.ts';

/** Of the rows that are not held out, this share chooses the algorithm and the threshold. */
const VALIDATION_SHARE = 0.2;

/**
 * The split of a recipe: `testShare` of the rows are held out for the evaluation, a fifth of the rest validates. Training and
 * evaluation call it with the same arguments and so agree on which rows training never saw.
 */
export function holdout(request: {
  table: Table;
  target: string;
  features: readonly string[];
  testShare: number;
  seed: number;
}): Split {
  const { table, target, features, testShare, seed } = request;
  const rest = 1 - testShare;
  const fractions = { train: rest * (1 - VALIDATION_SHARE), validation: rest * VALIDATION_SHARE, test: testShare };
  return splitRows({ table, target, features, fractions, seed });
}
