import { AwsError } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';
import { canonicalNumber, decimalSize, parseDecimal } from './decimal.ts';
import { invalidParameters, validationError } from './validation.ts';

/** A value as the wire carries it; binary is base64 text, numbers are canonical decimal text. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] };

export type Item = { readonly [attribute: string]: AttributeValue };

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS';
const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']);

const MAX_NESTING = 32;
/** 400 KB, names and values together. */
export const MAX_ITEM_BYTES = 400 * 1024;

export const typeOf = (value: AttributeValue): AttributeType => Object.keys(value)[0] as AttributeType;

/** Own attributes only: an attribute may be called `constructor` or `__proto__`. */
export const attribute = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks a map of attributes from a request and brings its numbers and binaries to one form. */
export function parseItem(raw: unknown, depth = 0): Item {
  if (!isObject(raw))
    throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, parseAttributeValue(value, depth)]));
}

/** Throws ValidationException with DynamoDB's own message when the value is malformed. */
export function parseAttributeValue(raw: unknown, depth = 0): AttributeValue {
  const types = isObject(raw) ? Object.keys(raw).filter((key) => raw[key] !== undefined && raw[key] !== null) : [];
  const [type] = types;
  if (type === undefined || !TYPES.has(type)) {
    throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  if (types.length > 1) {
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  if (depth > MAX_NESTING) throw validationError('Nesting Levels have exceeded supported limits');
  return parseTyped(type as AttributeType, (raw as JsonObject)[type], depth);
}

function parseTyped(type: AttributeType, value: unknown, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: text(value, type) };
    case 'N':
      return { N: canonicalNumber(text(value, type)) };
    case 'B':
      return { B: canonicalBinary(text(value, type)) };
    case 'BOOL':
      if (typeof value !== 'boolean') throw wrongMember(type);
      return { BOOL: value };
    case 'NULL':
      if (value !== true) throw invalidParameters('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'L':
      if (!Array.isArray(value)) throw wrongMember(type);
      return { L: value.map((element) => parseAttributeValue(element, depth + 1)) };
    case 'M':
      if (!isObject(value)) throw wrongMember(type);
      return { M: parseItem(value, depth + 1) };
    case 'SS':
      return { SS: set(value, type, 'string', (member) => member) };
    case 'NS':
      return { NS: set(value, type, 'number', canonicalNumber) };
    case 'BS':
      return { BS: set(value, type, 'binary', canonicalBinary) };
  }
}

const wrongMember = (type: AttributeType) =>
  new AwsError('SerializationException', `The value of a ${type} attribute has a JSON type that it cannot have`, 400);

function text(value: unknown, type: AttributeType): string {
  if (typeof value !== 'string') throw wrongMember(type);
  return value;
}

const canonicalBinary = (base64: string): string => Buffer.from(base64, 'base64').toString('base64');

function set(value: unknown, type: AttributeType, kind: string, parse: (member: string) => string): readonly string[] {
  if (!Array.isArray(value)) throw wrongMember(type);
  if (value.length === 0) throw invalidParameters(`An ${kind} set  may not be empty`);
  const members = value.map((member) => parse(text(member, type)));
  if (new Set(members).size !== members.length) {
    throw invalidParameters(`Input collection [${members.join(', ')}] contains duplicates.`);
  }
  return members;
}

/** Bytes as DynamoDB counts them against the 400 KB of an item and the 1 MB of a page. */
export function sizeOfItem(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + sizeOfValue(value);
  return bytes;
}

const CONTAINER_OVERHEAD = 3;

function sizeOfValue(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return binarySize(value.B);
  if ('BOOL' in value || 'NULL' in value) return 1;
  if ('SS' in value) return sum(value.SS, (member) => Buffer.byteLength(member));
  if ('NS' in value) return sum(value.NS, numberSize);
  if ('BS' in value) return sum(value.BS, binarySize);
  if ('L' in value) return CONTAINER_OVERHEAD + sum(value.L, (element) => 1 + sizeOfValue(element));
  return CONTAINER_OVERHEAD + Object.keys(value.M).length + sizeOfItem(value.M);
}

const numberSize = (number: string): number => decimalSize(parseDecimal(number));
const binarySize = (base64: string): number => Buffer.byteLength(base64, 'base64');
const sum = <T>(values: readonly T[], size: (value: T) => number): number =>
  values.reduce((total, value) => total + size(value), 0);
