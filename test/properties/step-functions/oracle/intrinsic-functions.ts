import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type PathRoots, read } from './json-path.ts';
import { StateError } from './state-error.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html, one line each. */
const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  Array: (...items: unknown[]) => items,
  ArrayPartition: (list: unknown[], size: number) =>
    list.flatMap((_, at) => (at % size === 0 ? [list.slice(at, at + size)] : [])),
  ArrayContains: (list: unknown[], wanted: unknown) => list.some((item) => isDeepStrictEqual(item, wanted)),
  ArrayRange: (first: number, last: number, step: number) => {
    const numbers: number[] = [];
    for (let at = first; step > 0 ? at <= last : at >= last; at += step) numbers.push(at);
    return numbers;
  },
  ArrayGetItem: (list: unknown[], index: number) => {
    if (index < 0 || index >= list.length) throw new TypeError('outside');
    return list[index];
  },
  ArrayLength: (list: unknown[]) => {
    if (!Array.isArray(list)) throw new TypeError('no list');
    return list.length;
  },
  ArrayUnique: (list: unknown[]) =>
    list.filter((item, at) => list.findIndex((other) => isDeepStrictEqual(other, item)) === at),
  Base64Encode: (text: string) => Buffer.from(text, 'utf8').toString('base64'),
  Base64Decode: (text: string) => Buffer.from(text, 'base64').toString('utf8'),
  Hash: (text: string, algorithm: string) =>
    createHash(algorithm.replace('-', '').toLowerCase()).update(text).digest('hex'),
  JsonMerge: (left: object, right: object) => {
    if (!isRecord(left) || !isRecord(right)) throw new TypeError('no object');
    return { ...left, ...right };
  },
  JsonToString: (value: unknown) => JSON.stringify(value),
  StringToJson: (text: string) => JSON.parse(text),
  MathAdd: (left: number, right: number) => {
    if (typeof left !== 'number' || typeof right !== 'number') throw new TypeError('no number');
    return left + right;
  },
  StringSplit: (text: string, separators: string) =>
    text.split(new RegExp(`[${separators}]`)).filter((part) => part !== ''),
  Format: (template: string, ...values: unknown[]) => {
    const parts = template.split('{}');
    if (parts.length !== values.length + 1) throw new TypeError('wrong number');
    return parts.map((part, at) => (at === 0 ? part : `${shown(values[at - 1])}${part}`)).join('');
  },
};

/** Lists and objects are shown as Java shows them. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (!isRecord(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}=${shown(item)}`)
    .join(', ')}}`;
}

/** `$.path`, or `States.Name(argument, …)`. Throws Nowhere, StateError. */
export function reference(text: string, roots: PathRoots, uuid: string): unknown {
  return text.startsWith('$') ? read(text, roots) : call(text, roots, uuid);
}

function call(text: string, roots: PathRoots, uuid: string): unknown {
  const [, name, inside] = /^States\.(\w+)\((.*)\)$/.exec(text) as unknown as [string, string, string];
  if (name === 'UUID') return uuid;
  const values = split(inside).map((argument) => {
    if (argument.startsWith("'")) return argument.slice(1, -1);
    return /^[$S]/.test(argument) ? reference(argument, roots, uuid) : JSON.parse(argument);
  });
  try {
    return FUNCTIONS[name]!(...(values as never[]));
  } catch {
    throw new StateError('States.IntrinsicFailure');
  }
}

/** Commas outside of quotes and brackets separate. */
function split(inside: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = '';
  for (const character of inside) {
    if (character === "'") quoted = !quoted;
    if (!quoted && '([{'.includes(character)) depth++;
    if (!quoted && ')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0 && !quoted) {
      found.push(part.trim());
      part = '';
    } else part += character;
  }
  return part.trim() === '' ? found : [...found, part.trim()];
}
