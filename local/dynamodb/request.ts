import { notImplemented } from '../aws-error.ts';
import { shown, structureOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import { validationError } from './validation.ts';

/** Parameters of the API before expressions; AWS keeps them for old programs only. */
const LEGACY = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

/** Refuses by name the members of an item operation that are not done here. */
export function refuseUnsupported(operation: string, input: JsonObject): void {
  for (const member of LEGACY) {
    if (input[member] !== undefined)
      throw notImplemented(`${member} of dynamodb:${operation} (legacy; use expressions)`);
  }
  for (const member of ['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']) {
    if (input[member] !== undefined && input[member] !== 'NONE') {
      throw notImplemented(`${member} ${shown(input[member])} of dynamodb:${operation}`);
    }
  }
}

/** A member with a closed set of values. */
export function enumeration<T extends string>(
  input: JsonObject,
  member: string,
  values: readonly T[],
  otherwise: T,
): T {
  const value = input[member];
  if (value === undefined || value === null) return otherwise;
  if (values.includes(value as T)) return value as T;
  const field = member[0]?.toLowerCase() + member.slice(1);
  throw validationError(
    `1 validation error detected: Value '${shown(value)}' at '${field}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
  );
}

/** An object member; an empty object when absent. */
export const objectMember = (input: JsonObject, member: string): JsonObject => structureOf(input[member] ?? {}, member);
