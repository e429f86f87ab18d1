import type { DataContract } from '../model-definition.ts';
import type { Violation } from './data-report.ts';
import { quoteName } from './masked-cell.ts';

const MAX_NAMED_COLUMNS = 20;

/** What is wrong with the columns of a file, whatever their order. */
export function checkHeader(contract: DataContract, header: readonly string[]): Violation[] {
  const declared = Object.keys(contract.columns);
  const missing = declared.filter((name) => !header.includes(name));
  const unexpected = [...new Set(header)].filter((name) => !Object.hasOwn(contract.columns, name));
  const duplicated = [...new Set(header.filter((name, index) => header.indexOf(name) !== index))];
  return [
    ...violation(missing, `missing; the file has ${named(header)}`),
    ...violation(
      unexpected,
      'not in the contract; add it to `data.columns` of the model.yaml or leave it out of the file',
    ),
    ...violation(duplicated, 'more than once in the header'),
  ];
}

function violation(names: readonly string[], what: string): Violation[] {
  if (names.length === 0) return [];
  return [
    {
      rule: 'columns',
      column: names.length === 1 ? (names[0] as string) : null,
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
