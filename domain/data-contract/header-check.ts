import type { DataContract } from '../model-definition.ts';
import type { Violation } from './data-report.ts';
import { quoteName } from './masked-cell.ts';

const MAX_NAMED_COLUMNS = 20;
const MAX_NAME_CHARACTERS = 128;

/**
 * What is wrong with the columns of a file, whatever their order.
 *
 * Where fewer than half of the names are known, the first line may be a row of data and not a header: then names are told by
 * their number alone, since violations must not hold values of the data.
 */
export function checkHeader(contract: DataContract, header: readonly string[]): Violation[] {
  const isDeclared = (name: string) => Object.hasOwn(contract.columns, name);
  const missing = Object.keys(contract.columns).filter((name) => !header.includes(name));
  const unexpected = [...new Set(header)].filter((name) => !isDeclared(name));
  const duplicated = [...new Set(header.filter((name, index) => isDeclared(name) && header.indexOf(name) !== index))];

  if (2 * unexpected.length > header.length) return [unlikeHeader(missing, unexpected.length, header.length)];
  return [
    ...violation(missing, `missing; the file has ${named(header)}`),
    ...violation(
      unexpected,
      'not in the contract; add it to `data.columns` of the model.yaml or leave it out of the file',
    ),
    ...violation(duplicated, 'more than once in the header'),
  ];
}

const unlikeHeader = (missing: readonly string[], unexpected: number, columns: number): Violation => ({
  rule: 'columns',
  column: null,
  count: missing.length + unexpected,
  rows: [],
  message: `${unexpected} of the ${columns} names in the header are not in the contract, and ${missing.length === 0 ? 'none' : named(missing)} missing; has the file a header, and is it a file of this model?`,
});

function violation(names: readonly string[], what: string): Violation[] {
  const [first, ...others] = names;
  if (first === undefined) return [];
  return [
    {
      rule: 'columns',
      // A name may be as long as a record; the model definition's are not.
      column: others.length === 0 && first.length <= MAX_NAME_CHARACTERS ? first : null,
      count: names.length,
      rows: [],
      message: `${names.length === 1 ? 'column' : 'columns'} ${named(names)} ${what}`,
    },
  ];
}

function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED_COLUMNS;
  return `${names.slice(0, MAX_NAMED_COLUMNS).map(quoteName).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
