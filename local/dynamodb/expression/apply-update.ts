import { type AttributeValue, attribute, type Item, typeOf } from '../attribute-value.ts';
import { addDecimals, formatDecimal, negateDecimal, parseDecimal } from '../decimal.ts';
import { validationError } from '../validation.ts';
import { type DocumentPath, valueAt } from './document-path.ts';
import type { UpdateExpression, UpdateValue } from './update.ts';

/**
 * The item after the update. Every right-hand side sees the item as it was before; list positions in REMOVE are those
 * before, too.
 */
export function applyUpdate(update: UpdateExpression, before: Item): Item {
  let item = before;
  const values = update.set.map(({ path, value }) => ({ path, value: evaluate(value, before) }));
  for (const { path, value } of values) item = setAt(item, path, value);
  for (const { path, value } of update.add) item = setAt(item, path, added(valueAt(before, path), value));
  for (const { path, value } of update.delete) {
    const left = subtracted(valueAt(before, path), value);
    if (left === 'untouched') continue;
    item = left === 'empty' ? removeAt(item, path) : setAt(item, path, left);
  }
  // From the highest position down, so that removing one does not move another.
  for (const path of [...update.remove].sort(byPositionDescending)) item = removeAt(item, path);
  return item;
}

function byPositionDescending(left: DocumentPath, right: DocumentPath): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const [a, b] = [left[at] as string | number, right[at] as string | number];
    if (a === b) continue;
    if (typeof a === 'number' && typeof b === 'number') return b - a;
    return String(a) < String(b) ? -1 : 1;
  }
  return right.length - left.length;
}

function evaluate(value: UpdateValue, item: Item): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path':
      return existing(valueAt(item, value.path));
    case 'if_not_exists':
      return valueAt(item, value.path) ?? evaluate(value.otherwise, item);
    case 'list_append': {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (!('L' in left) || !('L' in right)) throw incorrectOperand();
      return { L: [...left.L, ...right.L] };
    }
    case 'plus':
    case 'minus': {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (!('N' in left) || !('N' in right)) throw incorrectOperand();
      const operand = parseDecimal(right.N);
      return sumOf(left.N, value.kind === 'plus' ? operand : negateDecimal(operand));
    }
  }
}

const sumOf = (left: string, right: ReturnType<typeof parseDecimal>): AttributeValue => ({
  N: formatDecimal(addDecimals(parseDecimal(left), right)),
});

const incorrectOperand = () => validationError('An operand in the update expression has an incorrect data type');

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value !== undefined) return value;
  throw validationError('The provided expression refers to an attribute that does not exist in the item');
}

function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (current === undefined) return value;
  if ('N' in current && 'N' in value) return sumOf(current.N, parseDecimal(value.N));
  if ('SS' in current && 'SS' in value) return { SS: union(current.SS, value.SS) };
  if ('NS' in current && 'NS' in value) return { NS: union(current.NS, value.NS) };
  if ('BS' in current && 'BS' in value) return { BS: union(current.BS, value.BS) };
  throw incorrectOperand();
}

const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
];

function subtracted(
  current: AttributeValue | undefined,
  value: AttributeValue,
): AttributeValue | 'empty' | 'untouched' {
  if (current === undefined) return 'untouched';
  const type = typeOf(current);
  if (type !== typeOf(value)) throw incorrectOperand();
  const taken = new Set(membersOf(value));
  const left = membersOf(current).filter((member) => !taken.has(member));
  // A set is never empty: with its last member the attribute goes.
  return left.length === 0 ? 'empty' : ({ [type]: left } as unknown as AttributeValue);
}

const membersOf = (value: AttributeValue): readonly string[] =>
  'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : [];

const invalidPath = () => validationError('The document path provided in the update expression is invalid for update');

function setAt(item: Item, path: DocumentPath, value: AttributeValue): Item {
  const [name, ...rest] = path;
  return { ...item, [name]: setIn(attribute(item, name), rest, value) };
}

function setIn(
  container: AttributeValue | undefined,
  path: readonly (string | number)[],
  value: AttributeValue,
): AttributeValue {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (container === undefined) throw invalidPath();
  if (typeof step === 'string') {
    if (!('M' in container)) throw invalidPath();
    return { M: { ...container.M, [step]: setIn(attribute(container.M, step), rest, value) } };
  }
  if (!('L' in container)) throw invalidPath();
  // Past the end, the value is appended: a list has no holes.
  const at = Math.min(step, container.L.length);
  const list = [...container.L];
  list[at] = setIn(container.L[at], rest, value);
  return { L: list };
}

function removeAt(item: Item, path: DocumentPath): Item {
  const [name, ...rest] = path;
  const value = attribute(item, name);
  if (rest.length === 0) return without(item, name);
  if (value === undefined) throw invalidPath();
  return { ...item, [name]: removeIn(value, rest) };
}

function removeIn(container: AttributeValue, path: readonly (string | number)[]): AttributeValue {
  const [step, ...rest] = path;
  if (typeof step === 'string') {
    if (!('M' in container)) throw invalidPath();
    const value = attribute(container.M, step);
    if (rest.length === 0) return { M: without(container.M, step) };
    if (value === undefined) throw invalidPath();
    return { M: { ...container.M, [step]: removeIn(value, rest) } };
  }
  if (!('L' in container)) throw invalidPath();
  const at = step as number;
  const value = container.L[at];
  if (rest.length === 0) return { L: container.L.filter((_element, position) => position !== at) };
  if (value === undefined) throw invalidPath();
  return { L: container.L.map((element, position) => (position === at ? removeIn(element, rest) : element)) };
}

const without = (item: Item, name: string): Item =>
  Object.fromEntries(Object.entries(item).filter(([key]) => key !== name));
