import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';

/** Throws TableUnreadable for a header whose columns cannot be told apart or named. */
export function checkNames(names: readonly string[], key: string, maxColumns: number): void {
  const refuse = (problem: string): never => {
    throw new TableUnreadable({ rule: 'header', line: 1, message: `${key}: ${problem}.` });
  };
  if (names.length > maxColumns) refuse(`the header has ${names.length} columns, at most ${maxColumns} are read`);
  const positions = new Map<string, number>();
  names.forEach((name, index) => {
    const position = index + 1;
    if (name === '') {
      refuse(
        `column ${position} of ${names.length} has no name; if it is a row number that pandas wrote, write with index=False`,
      );
    }
    // By number and not by name: in a file without a header the names would be values of its first row.
    const other = positions.get(name);
    if (other !== undefined) {
      refuse(`columns ${other} and ${position} of the header have the same name; has the file a header?`);
    }
    positions.set(name, position);
  });
}
