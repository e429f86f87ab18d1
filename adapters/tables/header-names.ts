import { quoteName } from '../../domain/data-contract/masked-cell.ts';
import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';

/** Throws TableUnreadable for a header whose columns cannot be told apart or named. */
export function checkNames(names: readonly string[], key: string, maxColumns: number): void {
  const refuse = (problem: string): never => {
    throw new TableUnreadable({ rule: 'header', line: 1, message: `${key}: ${problem}.` });
  };
  if (names.length > maxColumns) refuse(`the header has ${names.length} columns, at most ${maxColumns} are read`);
  const seen = new Set<string>();
  names.forEach((name, index) => {
    if (name === '') {
      refuse(
        `column ${index + 1} of ${names.length} has no name; if it is a row number that pandas wrote, write with index=False`,
      );
    }
    if (seen.has(name)) refuse(`the column ${quoteName(name)} stands twice in the header`);
    seen.add(name);
  });
}
