import type { JsonObject } from '../../service.ts';
import { type AttributeValue, parseAttributeValue } from '../attribute-value.ts';
import { validationError } from '../validation.ts';
import { type ExpressionKind, invalidExpression } from './tokens.ts';

/** What `#name` and `:value` stand for in one request, and which of them its expressions have used. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unusedNames: Set<string>;
  readonly #unusedValues: Set<string>;

  /** `expressions` are the request's expressions, as far as it has any: placeholders without one are an error. */
  constructor(input: JsonObject, expressions: readonly unknown[]) {
    const hasExpression = expressions.some((expression) => expression !== undefined);
    this.#names = readNames(input.ExpressionAttributeNames, hasExpression);
    this.#values = readValues(input.ExpressionAttributeValues, hasExpression);
    this.#unusedNames = new Set(this.#names.keys());
    this.#unusedValues = new Set(this.#values.keys());
  }

  name(kind: ExpressionKind, reference: string): string {
    const name = this.#names.get(reference);
    if (name === undefined) {
      throw invalidExpression(
        kind,
        `An expression attribute name used in the document path is not defined; attribute name: ${reference}`,
      );
    }
    this.#unusedNames.delete(reference);
    return name;
  }

  value(kind: ExpressionKind, reference: string): AttributeValue {
    const value = this.#values.get(reference);
    if (value === undefined) {
      throw invalidExpression(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${reference}`,
      );
    }
    this.#unusedValues.delete(reference);
    return value;
  }

  /** Call when every expression of the request was parsed. */
  assertAllUsed(): void {
    for (const [member, unused] of [
      ['ExpressionAttributeNames', this.#unusedNames],
      ['ExpressionAttributeValues', this.#unusedValues],
    ] as const) {
      if (unused.size > 0) {
        throw validationError(`Value provided in ${member} unused in expressions: keys: {${[...unused].join(', ')}}`);
      }
    }
  }
}

function readNames(raw: unknown, hasExpression: boolean): Map<string, string> {
  const names = new Map<string, string>();
  for (const [reference, name] of entries(raw, 'ExpressionAttributeNames', hasExpression)) {
    assertReference(reference, /^#[A-Za-z0-9_]+$/, 'ExpressionAttributeNames');
    if (typeof name !== 'string' || name === '') {
      throw validationError(`ExpressionAttributeNames contains invalid value: the name for ${reference} is empty`);
    }
    names.set(reference, name);
  }
  return names;
}

function readValues(raw: unknown, hasExpression: boolean): Map<string, AttributeValue> {
  const values = new Map<string, AttributeValue>();
  for (const [reference, value] of entries(raw, 'ExpressionAttributeValues', hasExpression)) {
    assertReference(reference, /^:[A-Za-z0-9_]+$/, 'ExpressionAttributeValues');
    try {
      values.set(reference, parseAttributeValue(value));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw validationError(`ExpressionAttributeValues contains invalid value: ${detail} for key ${reference}`);
    }
  }
  return values;
}

function entries(raw: unknown, member: string, hasExpression: boolean): [string, unknown][] {
  if (raw === undefined || raw === null) return [];
  if (!hasExpression) throw validationError(`${member} can only be specified when using expressions`);
  const list = Object.entries(raw as JsonObject);
  if (list.length === 0) throw validationError(`${member} must not be empty`);
  return list;
}

function assertReference(reference: string, pattern: RegExp, member: string): void {
  if (!pattern.test(reference)) {
    throw validationError(`${member} contains invalid key: Syntax error; key: "${reference}"`);
  }
}
