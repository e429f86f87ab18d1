import { type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import type { RangeBounds } from '../items.ts';
import { encodeScalar } from '../key.ts';
import type { KeyAttribute, KeySchema } from '../table-definition.ts';
import { invalidParameters, validationError } from '../validation.ts';
import { type Comparator, type Condition, type Operand, parseCondition, pathsOf } from './condition.ts';
import type { Placeholders } from './placeholders.ts';
import { invalidExpression } from './tokens.ts';

const KIND = 'KeyConditionExpression';

/** Which partition a Query reads, and between which sort keys. */
export interface KeyCondition {
  /** The partition key attribute with its wanted value. */
  readonly hash: Item;
  readonly bounds: RangeBounds;
}

/** One simple condition on one key attribute. */
type Restriction =
  | { readonly comparator: Comparator | 'begins_with'; readonly value: AttributeValue }
  | { readonly comparator: 'between'; readonly value: AttributeValue; readonly high: AttributeValue };

/** `pk = :p AND sk …`: an equality on the partition key and at most one range on the sort key. */
export function parseKeyCondition(text: string, schema: KeySchema, placeholders: Placeholders): KeyCondition {
  const parts = flatten(parseCondition(KIND, text, placeholders));
  const restrictions = new Map<string, Restriction>();
  for (const part of parts) {
    const { name, restriction } = restrictionOf(part);
    if (restrictions.has(name)) {
      throw validationError('KeyConditionExpressions must only contain one condition per key');
    }
    restrictions.set(name, restriction);
  }
  const hash = take(restrictions, schema.hash);
  if (!hash) throw validationError(`Query condition missed key schema element: ${schema.hash.name}`);
  if (hash.comparator !== '=') throw validationError('Query key condition not supported');
  const range = schema.range && take(restrictions, schema.range);
  if (restrictions.size > 0) {
    const missed = schema.range && !range ? schema.range.name : undefined;
    throw validationError(
      missed === undefined
        ? 'Query key condition not supported'
        : `Query condition missed key schema element: ${missed}`,
    );
  }
  return { hash: { [schema.hash.name]: hash.value }, bounds: range ? boundsOf(range) : {} };
}

function flatten(condition: Condition): readonly Condition[] {
  if (condition.kind === 'and') return [...flatten(condition.left), ...flatten(condition.right)];
  if (condition.kind === 'or' || condition.kind === 'not') {
    throw invalidExpression(KIND, `Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`);
  }
  return [condition];
}

const FLIPPED: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function restrictionOf(condition: Condition): { name: string; restriction: Restriction } {
  for (const path of pathsOf(condition)) {
    if (path.length > 1) {
      throw invalidExpression(KIND, 'KeyConditionExpressions cannot have conditions on nested attributes');
    }
  }
  switch (condition.kind) {
    case 'compare': {
      const swapped = condition.left.kind === 'value';
      const [subject, object] = swapped ? [condition.right, condition.left] : [condition.left, condition.right];
      const comparator = swapped ? FLIPPED[condition.comparator] : condition.comparator;
      if (comparator === '<>') throw invalidOperator('<>');
      return { name: keyName(subject), restriction: { comparator, value: constant(object) } };
    }
    case 'between':
      return {
        name: keyName(condition.operand),
        restriction: { comparator: 'between', value: constant(condition.low), high: constant(condition.high) },
      };
    case 'function': {
      if (condition.name !== 'begins_with') throw invalidOperator(condition.name);
      const [subject, prefix] = condition.operands as [Operand, Operand];
      return { name: keyName(subject), restriction: { comparator: 'begins_with', value: constant(prefix) } };
    }
    default:
      throw invalidOperator(condition.kind.toUpperCase());
  }
}

const invalidOperator = (operator: string) =>
  invalidExpression(KIND, `Invalid operator used in KeyConditionExpression: ${operator}`);

function keyName(operand: Operand): string {
  if (operand.kind === 'path') return operand.path[0];
  throw invalidExpression(KIND, 'KeyConditionExpressions must compare a key attribute with a constant');
}

function constant(operand: Operand): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  throw invalidExpression(KIND, 'KeyConditionExpressions must compare a key attribute with a constant');
}

function take(restrictions: Map<string, Restriction>, key: KeyAttribute): Restriction | undefined {
  const restriction = restrictions.get(key.name);
  if (!restriction) return undefined;
  restrictions.delete(key.name);
  for (const value of [restriction.value, 'high' in restriction ? restriction.high : restriction.value]) {
    if (typeOf(value) !== key.type) {
      throw invalidParameters('Condition parameter type does not match schema type');
    }
  }
  if (isEmpty(restriction.value) && restriction.comparator !== 'begins_with') {
    throw invalidParameters(
      `The AttributeValue for a key attribute cannot contain an empty ${key.type === 'S' ? 'string' : 'binary'} value. Key: ${key.name}`,
    );
  }
  return restriction;
}

const isEmpty = (value: AttributeValue): boolean =>
  ('S' in value && value.S === '') || ('B' in value && value.B === '');

function boundsOf(restriction: Restriction): RangeBounds {
  const key = encodeScalar(restriction.value);
  switch (restriction.comparator) {
    case '=':
      return { from: { key, inclusive: true }, to: { key, inclusive: true } };
    case '<':
    case '<=':
      return { to: { key, inclusive: restriction.comparator === '<=' } };
    case '>':
    case '>=':
      return { from: { key, inclusive: restriction.comparator === '>=' } };
    case 'between':
      return {
        from: { key, inclusive: true },
        to: { key: encodeScalar((restriction as { high: AttributeValue }).high), inclusive: true },
      };
    default: {
      const end = firstAfterPrefix(key);
      return { from: { key, inclusive: true }, ...(end ? { to: { key: end, inclusive: false } } : {}) };
    }
  }
}

/** The first bytes that no longer begin with the prefix; undefined when every larger text does. */
function firstAfterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end[at] as number;
    if (byte === 0xff) continue;
    end[at] = byte + 1;
    return end.subarray(0, at + 1);
  }
  return undefined;
}
