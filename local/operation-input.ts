import { AwsError, notImplemented } from './aws-error.ts';
import type { JsonObject } from './service.ts';

/** Refuses by name what an operation is asked and does not do. */
export function takeOnly(operation: string, input: JsonObject, members: readonly string[]): void {
  for (const name of Object.keys(input)) {
    if (!members.includes(name)) throw notImplemented(`${operation} with ${name}`);
  }
}

export function requiredText(input: JsonObject, name: string): string {
  const value = input[name];
  if (value === undefined || value === null)
    throw violation(`Value null at '${memberPath(name)}'`, 'Member must not be null');
  if (typeof value !== 'string') throw violation(`Value at '${memberPath(name)}'`, 'Member must be a string');
  if (value === '') {
    throw violation(`Value '' at '${memberPath(name)}'`, 'Member must have length greater than or equal to 1');
  }
  return value;
}

/** A value as a message may show it: of a structure, that it is one. */
export const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'a structure' : String(value);

/** A structure of an input. Throws SerializationException where the wire has something else under that name. */
export function structureOf(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new AwsError('SerializationException', `The member ${name} is not a structure.`);
}

/** A list of structures; empty where there is none. Throws SerializationException. */
export function structuresOf(value: unknown, name: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new AwsError('SerializationException', `The member ${name} is not a list.`);
  return value.map((entry) => structureOf(entry, name));
}

/** A list of texts; empty where there is none. Throws SerializationException. */
export function textsOf(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw new AwsError('SerializationException', `The member ${name} is not a list of strings.`);
}

/** A text, which may be empty; a member that is null is absent. Throws SerializationException. */
export function textOf(input: JsonObject, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new AwsError('SerializationException', `The member ${name} is not a string.`);
}

export const optionalText = (input: JsonObject, name: string): string | undefined =>
  input[name] === undefined ? undefined : requiredText(input, name);

/** One of `choices`, or `fallback` when it is not given. */
export function optionalChoice<T extends string>(
  input: JsonObject,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const value = optionalText(input, name) ?? fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) {
    throw violation(
      `Value '${value}' at '${memberPath(name)}'`,
      `Member must satisfy enum value set: [${choices.join(', ')}]`,
    );
  }
  return choice;
}

/** A blob: base64 on the wire, bytes when another service of this process asks. */
export function requiredBytes(input: JsonObject, name: string, longestBytes: number): Buffer {
  const value = input[name];
  const bytes = value instanceof Uint8Array ? Buffer.from(value) : fromBase64(requiredText(input, name), name);
  if (bytes.length === 0 || bytes.length > longestBytes) {
    throw violation(
      `Value at '${memberPath(name)}'`,
      `Member must have length between 1 and ${longestBytes}, inclusive`,
    );
  }
  return bytes;
}

export function optionalInteger(
  input: JsonObject,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw violation(
      `Value '${shown(value)}' at '${memberPath(name)}'`,
      `Member must have value between ${least} and ${most}`,
    );
  }
  return value;
}

function fromBase64(text: string, name: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new AwsError('SerializationException', `The member ${name} is not base64.`);
  }
  return Buffer.from(text, 'base64');
}

export const violation = (what: string, constraint: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: ${what} failed to satisfy constraint: ${constraint}`,
  );

const memberPath = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
