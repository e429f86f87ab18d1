import { type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import { compareValues, equalValues } from '../comparison.ts';
import type { Comparator, Condition, ConditionFunction, Operand } from './condition.ts';
import { valueAt } from './document-path.ts';

/** Whether an item meets a condition. An absent item is an empty one. */
export function meetsCondition(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return meetsCondition(condition.left, item) && meetsCondition(condition.right, item);
    case 'or':
      return meetsCondition(condition.left, item) || meetsCondition(condition.right, item);
    case 'not':
      return !meetsCondition(condition.condition, item);
    case 'compare':
      return compare(condition.comparator, resolve(condition.left, item), resolve(condition.right, item));
    case 'between': {
      const value = resolve(condition.operand, item);
      return compare('>=', value, resolve(condition.low, item)) && compare('<=', value, resolve(condition.high, item));
    }
    case 'in': {
      const value = resolve(condition.operand, item);
      return condition.options.some((option) => compare('=', value, resolve(option, item)));
    }
    case 'function':
      return callFunction(condition.name, condition.operands, item);
  }
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case 'value':
      return operand.value;
    case 'path':
      return valueAt(item, operand.path);
    case 'size': {
      const value = valueAt(item, operand.path);
      const size = value === undefined ? undefined : sizeFunction(value);
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

/** `size()`: bytes of text and binary, members of a set, list or map; numbers, booleans and null have none. */
function sizeFunction(value: AttributeValue): number | undefined {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return setMembers(value)?.length;
}

const setMembers = (value: AttributeValue): readonly string[] | undefined =>
  'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined;

function compare(comparator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  // An attribute that is not there differs from everything, and is in no order with anything.
  if (left === undefined || right === undefined) return comparator === '<>';
  if (comparator === '=') return equalValues(left, right);
  if (comparator === '<>') return !equalValues(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function callFunction(name: ConditionFunction, operands: readonly Operand[], item: Item): boolean {
  const [subject, argument] = operands.map((operand) => resolve(operand, item));
  switch (name) {
    case 'attribute_exists':
      return subject !== undefined;
    case 'attribute_not_exists':
      return subject === undefined;
    case 'attribute_type':
      return subject !== undefined && argument !== undefined && 'S' in argument && typeOf(subject) === argument.S;
    case 'begins_with':
      return subject !== undefined && argument !== undefined && beginsWith(subject, argument);
    case 'contains':
      return subject !== undefined && argument !== undefined && contains(subject, argument);
  }
}

function beginsWith(subject: AttributeValue, prefix: AttributeValue): boolean {
  if ('S' in subject && 'S' in prefix) return subject.S.startsWith(prefix.S);
  if ('B' in subject && 'B' in prefix) {
    const start = Buffer.from(prefix.B, 'base64');
    return Buffer.from(subject.B, 'base64').subarray(0, start.length).equals(start);
  }
  return false;
}

function contains(subject: AttributeValue, member: AttributeValue): boolean {
  if ('S' in subject && 'S' in member) return subject.S.includes(member.S);
  if ('B' in subject && 'B' in member) {
    return Buffer.from(subject.B, 'base64').includes(Buffer.from(member.B, 'base64'));
  }
  if ('L' in subject) return subject.L.some((element) => equalValues(element, member));
  if ('SS' in subject && 'S' in member) return subject.SS.includes(member.S);
  if ('NS' in subject && 'N' in member) return subject.NS.includes(member.N);
  if ('BS' in subject && 'B' in member) return subject.BS.includes(member.B);
  return false;
}
