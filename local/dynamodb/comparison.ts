import { type AttributeValue, attribute, type Item, typeOf } from './attribute-value.ts';
import { compareDecimals, parseDecimal } from './decimal.ts';

/** Deep equality: sets without regard to order, types never converted. */
export function equalValues(left: AttributeValue, right: AttributeValue): boolean {
  if ('L' in left && 'L' in right) {
    return (
      left.L.length === right.L.length && left.L.every((value, at) => equalValues(value, right.L[at] as AttributeValue))
    );
  }
  if ('M' in left && 'M' in right) return equalItems(left.M, right.M);
  if ('SS' in left && 'SS' in right) return sameMembers(left.SS, right.SS);
  if ('NS' in left && 'NS' in right) return sameMembers(left.NS, right.NS);
  if ('BS' in left && 'BS' in right) return sameMembers(left.BS, right.BS);
  const type = typeOf(left);
  // Numbers and binaries are canonical text, so equal values have equal text.
  return type === typeOf(right) && scalar(left, type) === scalar(right, type);
}

export function equalItems(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const other = attribute(right, name);
    return other !== undefined && equalValues(left[name] as AttributeValue, other);
  });
}

const scalar = (value: AttributeValue, type: string): unknown => (value as Record<string, unknown>)[type];

const sameMembers = (left: readonly string[], right: readonly string[]): boolean => {
  const members = new Set(left);
  return left.length === right.length && right.every((member) => members.has(member));
};

/** Order of two scalars of the same type (S by UTF-8 bytes, N by value, B by bytes); undefined when they have none. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if ('S' in left && 'S' in right) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if ('N' in left && 'N' in right) return compareDecimals(parseDecimal(left.N), parseDecimal(right.N));
  if ('B' in left && 'B' in right) {
    return Buffer.compare(Buffer.from(left.B, 'base64'), Buffer.from(right.B, 'base64'));
  }
  return undefined;
}
