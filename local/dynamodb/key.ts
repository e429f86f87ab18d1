import { createHash } from 'node:crypto';
import { type AttributeValue, attribute, type Item, typeOf } from './attribute-value.ts';
import { encodeDecimal, parseDecimal } from './decimal.ts';
import {
  type IndexDefinition,
  type KeyAttribute,
  type KeySchema,
  keyAttributes,
  type Table,
} from './table-definition.ts';
import { invalidParameters, validationError } from './validation.ts';

/** A primary key as the store orders it. */
export interface EncodedKey {
  readonly hash: Uint8Array;
  /** Empty for a key without a sort attribute. */
  readonly range: Uint8Array;
}

const MAX_HASH_BYTES = 2048;
const MAX_RANGE_BYTES = 1024;
const SCATTER_BYTES = 4;
const NOTHING = new Uint8Array();

/** Bytes whose order under memcmp is the order of the key values. */
export function encodeScalar(value: AttributeValue): Uint8Array {
  if ('S' in value) return Buffer.from(value.S);
  if ('N' in value) return encodeDecimal(parseDecimal(value.N));
  if ('B' in value) return Buffer.from(value.B, 'base64');
  throw new Error(`A key attribute is S, N or B, not ${typeOf(value)}.`);
}

/**
 * A partition key goes behind a digest of itself, so that a Scan comes in no order that anybody could rely on, as on AWS,
 * and a segment of a parallel Scan is a range of digests.
 */
export function encodeHash(value: AttributeValue): Uint8Array {
  const bytes = encodeScalar(value);
  return Buffer.concat([createHash('md5').update(bytes).digest().subarray(0, SCATTER_BYTES), bytes]);
}

export const encodeKey = (schema: KeySchema, item: Item): EncodedKey => ({
  hash: encodeHash(attribute(item, schema.hash.name) as AttributeValue),
  range: schema.range ? encodeScalar(attribute(item, schema.range.name) as AttributeValue) : NOTHING,
});

export const extractKey = (schema: KeySchema, item: Item): Item =>
  Object.fromEntries(keyAttributes(schema).map(({ name }) => [name, attribute(item, name) as AttributeValue]));

/** Checks a `Key` member: exactly the key attributes, of their types. */
export function assertKey(table: Table, key: Item): void {
  const attributes = keyAttributes(table.key);
  const fits =
    Object.keys(key).length === attributes.length &&
    attributes.every(({ name, type }) => {
      const value = attribute(key, name);
      return value !== undefined && typeOf(value) === type;
    });
  if (!fits) throw validationError('The provided key element does not match the schema');
  assertKeyValues(table.key, key);
}

/** Checks that a whole item carries its table's key and, where it has them, keys of the indexes' types. */
export function assertItemKeys(table: Table, item: Item): void {
  for (const { name, type } of keyAttributes(table.key)) {
    const value = attribute(item, name);
    if (value === undefined) throw invalidParameters(`Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw invalidParameters(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
  }
  assertKeyValues(table.key, item);
  for (const index of table.indexes) assertIndexKey(index, item);
}

/** Key values are never empty, and are bounded. */
function assertKeyValues(schema: KeySchema, item: Item): void {
  for (const { name } of keyAttributes(schema)) {
    const kind = emptyKind(attribute(item, name));
    if (kind !== undefined) {
      throw validationError(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
      );
    }
  }
  if (scalarBytes(schema.hash, item) > MAX_HASH_BYTES) {
    throw invalidParameters(`Size of hashkey has exceeded the maximum size limit of${MAX_HASH_BYTES} bytes`);
  }
  if (schema.range && scalarBytes(schema.range, item) > MAX_RANGE_BYTES) {
    throw invalidParameters(
      `Aggregated size of all range keys has exceeded the size limit of ${MAX_RANGE_BYTES} bytes`,
    );
  }
}

const scalarBytes = ({ name }: KeyAttribute, item: Item): number =>
  encodeScalar(attribute(item, name) as AttributeValue).length;

const emptyKind = (value: AttributeValue | undefined): 'string' | 'binary' | undefined => {
  if (value === undefined) return undefined;
  if ('S' in value && value.S === '') return 'string';
  return 'B' in value && value.B === '' ? 'binary' : undefined;
};

function assertIndexKey(index: IndexDefinition, item: Item): void {
  for (const { name, type } of keyAttributes(index.key)) {
    const value = attribute(item, name);
    if (value === undefined) continue;
    if (typeOf(value) !== type) {
      throw invalidParameters(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      );
    }
    const kind = emptyKind(value);
    if (kind !== undefined) {
      throw validationError(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${index.name}, IndexKey: ${name}`,
      );
    }
  }
}

/** Whether the item is in the index: it has all of the index's key attributes. */
export const isIndexed = (index: IndexDefinition, item: Item): boolean =>
  keyAttributes(index.key).every(({ name }) => attribute(item, name) !== undefined);

/** The key that names a position in a table or in one of its indexes (LastEvaluatedKey). */
export const positionKey = (table: Table, index: IndexDefinition | undefined, item: Item): Item => ({
  ...(index ? extractKey(index.key, item) : {}),
  ...extractKey(table.key, item),
});
