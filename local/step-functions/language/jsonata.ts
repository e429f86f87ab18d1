import { createRequire } from 'node:module';
import type jsonata from 'jsonata';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import { BoundedRegExp } from './bounded-reg-exp.ts';
import { hash, range, seededRandom } from './intrinsics.ts';
import { distinct, sort } from './jsonata-lists.ts';
import { isObject } from './jsonpath.ts';
import { evaluationProblem } from './problem.ts';

/** What an expression sees: `$states` and the variables; `$` alone is nothing, as on AWS. */
export interface JsonataScope {
  readonly states: {
    readonly input: unknown;
    readonly context: unknown;
    readonly result?: unknown;
    readonly errorOutput?: unknown;
  };
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface JsonataEnvironment {
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Bounds on one evaluation: deeper recursion, or longer than this in real time, is an error of the expression. Without them
 * `($f := function() { $f() }; $f())` would take the whole runtime with it.
 */
const OPTIONS: jsonata.JsonataOptions = {
  stack: 500,
  timeout: 700,
  sequence: 1_000_000,
  // It only constructs them.
  RegexEngine: BoundedRegExp as unknown as RegExpConstructor,
};
const CACHE_LIMIT = 5_000;
const cache = new Map<string, jsonata.Expression>();

export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4;

export const expressionText = (value: string): string => value.slice(2, -2).trim();

/** Loaded when the first expression is: a machine without any does not wait for it. */
const parser = (): typeof jsonata => {
  loaded ??= createRequire(import.meta.url)('jsonata') as typeof jsonata;
  return loaded;
};
let loaded: typeof jsonata | undefined;

/** Throws the parser's own error: `{ code, position, token, message }`. */
export function compile(text: string): jsonata.Expression {
  const known = cache.get(text);
  if (known) return known;
  const expression = parser()(text, OPTIONS);
  // jsonata's own would make a text of a hundred million spaces, which nothing here can take.
  expression.registerFunction('pad', pad, '<s-ns?:s>');
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, expression);
  return expression;
}

const LONGEST_PADDED = 1_000_000;

/** `$pad`, as https://docs.jsonata.org/string-functions#pad has it: a negative width pads on the left. */
function pad(text: string | undefined, width: number, filler = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > LONGEST_PADDED)
    throw jsonataProblem(`$pad() makes texts of at most ${LONGEST_PADDED} characters`);
  const missing = Math.max(0, Math.trunc(Math.abs(width)) - [...text].length);
  const characters = [...(filler || ' ')];
  const padding = Array.from({ length: missing }, (_, at) => characters[at % characters.length]).join('');
  return width > 0 ? text + padding : padding + text;
}

/** The value of one expression (without its `{% %}`). Throws Problem `States.QueryEvaluationError` naming `field`. */
export async function evaluateExpression(
  text: string,
  field: string,
  scope: JsonataScope,
  environment: JsonataEnvironment,
): Promise<unknown> {
  let value: unknown;
  try {
    value = await compile(text).evaluate(undefined, bindings(scope, environment));
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    throw evaluationProblem(
      `The JSONata expression '${text}' specified for the field '${field}' threw an error during evaluation. ${code ? `${code}: ` : ''}${message ?? String(error)}`,
      field,
    );
  }
  if (value === undefined) {
    throw evaluationProblem(
      `The JSONata expression '${text}' specified for the field '${field}' returned nothing (undefined).`,
      field,
    );
  }
  if (typeof value === 'function' || isLambda(value)) {
    throw evaluationProblem(
      `The JSONata expression '${text}' specified for the field '${field}' returned an unsupported result type.`,
      field,
    );
  }
  return plain(value);
}

/** Every expression in a value, evaluated; the rest stands as it is. `field` grows with the place: `Output/a[0]/b`. */
export async function evaluateJsonataTemplate(
  template: unknown,
  field: string,
  scope: JsonataScope,
  environment: JsonataEnvironment,
): Promise<unknown> {
  if (isExpression(template)) return evaluateExpression(expressionText(template), field, scope, environment);
  if (Array.isArray(template)) {
    const items: unknown[] = [];
    for (const [index, item] of template.entries()) {
      items.push(await evaluateJsonataTemplate(item, `${field}[${index}]`, scope, environment));
    }
    return items;
  }
  if (isObject(template)) {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(template)) {
      result[name] = await evaluateJsonataTemplate(value, `${field}/${name}`, scope, environment);
    }
    return result;
  }
  return template;
}

const isLambda = (value: unknown): boolean =>
  isObject(value) && (value._jsonata_lambda === true || value._jsonata_function === true);

/** jsonata marks its sequences with extra properties; what leaves an expression is plain JSON. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, (item) => plain(item === undefined ? null : item));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined && typeof item !== 'function' && !isLambda(item))
        .map(([name, item]) => [name, plain(item)]),
    );
  }
  return value;
}

function bindings(scope: JsonataScope, { clock, ids }: JsonataEnvironment): Record<string, unknown> {
  const nowMs = clock.now();
  return {
    ...scope.variables,
    states: scope.states,
    // jsonata reads the wall clock; time here is the runtime's own.
    millis: () => nowMs,
    now: (picture?: string, timezone?: string) =>
      compile('$fromMillis($at, $picture, $timezone)').evaluate(undefined, { at: nowMs, picture, timezone }),
    partition: (list: unknown, size: unknown) => partition(list, size),
    distinct,
    sort,
    range: (first: number, last: number, step: number) => jsonataRange(first, last, step),
    hash: (value: unknown, algorithm: string) =>
      value === undefined
        ? undefined
        : hash(value, algorithm, () =>
            jsonataProblem(
              `$hash() does not know the algorithm ${algorithm}; it is one of MD5, SHA-1, SHA-256, SHA-384, SHA-512`,
            ),
          ),
    random: (seed?: number) => (seed === undefined ? ids.random() : seededRandom(seed)),
    uuid: () => ids.uuid(),
    parse: (text: unknown) => {
      if (typeof text !== 'string') throw jsonataProblem('$parse() takes a string of JSON');
      try {
        return JSON.parse(text);
      } catch {
        throw jsonataProblem('$parse() was given a string that is not valid JSON');
      }
    },
    // AWS: "$eval is not supported; use $parse".
    eval: undefined,
  };
}

const jsonataProblem = (message: string): Error => new Error(message);

/** A list of one is the one, as everywhere in JSONata: AWS was recorded answering `$range(1, 9, 9)` with 1. */
function jsonataRange(first: number, last: number, step: number): unknown {
  const problem = () =>
    jsonataProblem('$range() takes a start, an end and a step that is not 0, for at most 1000 numbers');
  if (![first, last, step].every(Number.isFinite)) throw problem();
  const numbers = range(first, last, step, problem);
  return numbers.length === 1 ? numbers[0] : numbers;
}

function partition(list: unknown, size: unknown): unknown[][] {
  if (typeof size !== 'number' || size < 1) throw jsonataProblem('$partition() takes an array and a positive size');
  const items = list === undefined ? [] : Array.isArray(list) ? list : [list];
  const length = Math.floor(size);
  const chunks: unknown[][] = [];
  for (let from = 0; from < items.length; from += length) chunks.push(items.slice(from, from + length));
  return chunks;
}
