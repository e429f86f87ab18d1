import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { reference } from './intrinsic-functions.ts';
import { isRecord, Nowhere, type PathRoots, place, read } from './json-path.ts';
import { StateError } from './state-error.ts';

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** InputPath, OutputPath, ItemsPath and the like. Throws StateError. */
export function atPath(path: unknown, roots: PathRoots): unknown {
  if (path === undefined) return roots.input;
  if (path === null) return {};
  return orRuntimeError(() => copy(read(path as string, roots)));
}

/** A path or an intrinsic function. Throws StateError. */
export const atReference = (text: string, roots: PathRoots, uuid: string): unknown =>
  orRuntimeError(() => copy(reference(text, roots, uuid)));

/** A payload template: `name.$` holds a reference. Throws StateError. */
export function fill(template: unknown, roots: PathRoots, uuid: string): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, roots, uuid));
  if (!isRecord(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), atReference(value as string, roots, uuid)]
        : [name, fill(value, roots, uuid)],
    ),
  );
}

/** ResultPath. Throws StateError. */
export function withResult(path: unknown, input: unknown, result: unknown): unknown {
  if (path === undefined) return result;
  if (path === null) return input;
  const placed = place(path as string, input, result);
  if (!placed) throw new StateError('States.ResultPathMatchFailure');
  return placed.result;
}

function orRuntimeError<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Nowhere) throw new StateError('States.Runtime');
    throw error;
  }
}

export interface ExpressionScope {
  readonly states: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly random: number;
  readonly uuid: string;
}

/** Every `{% %}` of a value. Throws StateError. */
export async function evaluated(template: unknown, scope: ExpressionScope): Promise<unknown> {
  if (typeof template === 'string' && template.startsWith('{%')) return expression(template.slice(2, -2), scope);
  if (Array.isArray(template)) {
    const items: unknown[] = [];
    for (const item of template) items.push(await evaluated(item, scope));
    return items;
  }
  if (!isRecord(template)) return template;
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(template)) entries.push([name, await evaluated(value, scope)]);
  return Object.fromEntries(entries);
}

async function expression(text: string, { states, variables, random, uuid }: ExpressionScope): Promise<unknown> {
  let value: unknown;
  try {
    value = await jsonata(text).evaluate(undefined, {
      ...(copy(variables) as object),
      states: copy(states),
      uuid: () => uuid,
      random: () => random,
      hash: (of: string, algorithm: string) =>
        createHash(algorithm.replace('-', '').toLowerCase())
          .update(typeof of === 'string' ? of : JSON.stringify(of))
          .digest('hex'),
      parse: (json: string) => JSON.parse(json),
      range: (first: number, last: number, step: number) => {
        const numbers: number[] = [];
        for (let at = first; at <= last; at += step) numbers.push(at);
        return numbers.length === 1 ? numbers[0] : numbers;
      },
      partition: (of: unknown, size: number) => {
        const list = of === undefined ? [] : [of].flat();
        return list.flatMap((_, at) => (at % size === 0 ? [list.slice(at, at + size)] : []));
      },
    });
  } catch {
    throw new StateError('States.QueryEvaluationError');
  }
  if (value === undefined || typeof value === 'function') throw new StateError('States.QueryEvaluationError');
  return copy(value);
}
