import { createHash } from 'node:crypto';
import type { Ids } from '../../ids.ts';
import { type Intrinsic, parseIntrinsic } from './intrinsic-syntax.ts';
import { isObject, type PathScope, readPath } from './jsonpath.ts';
import { Problem } from './problem.ts';

const intrinsicFailure = (message: string): Problem => new Problem('States.IntrinsicFailure', message);

/** Evaluates `States.…(…)`. Throws Problem `States.IntrinsicFailure`, PathNotFound, IntrinsicSyntaxError. */
export function evaluateIntrinsic(text: string, scope: PathScope, ids: Ids): unknown {
  return evaluate(parseIntrinsic(text), scope, ids, text);
}

function evaluate(node: Intrinsic, scope: PathScope, ids: Ids, text: string): unknown {
  if (node.kind === 'value') return node.value;
  if (node.kind === 'text') return withoutEscapes(node.raw);
  if (node.kind === 'path') return readPath(node.path, scope);
  const fn = isIntrinsicName(node.name) ? FUNCTIONS[node.name] : undefined;
  if (!fn) throw intrinsicFailure(`Invalid intrinsic function: States.${node.name}`);
  const [least, most] = ARITY[node.name] ?? [0, Number.POSITIVE_INFINITY];
  if (node.args.length < least || node.args.length > most) throw argumentProblem(node.name, text);
  const template = node.args[0];
  if (node.name === 'Format' && template?.kind === 'text') {
    const rest = node.args.slice(1).map((arg) => evaluate(arg, scope, ids, text));
    return format(template.raw, rest, text);
  }
  return fn(
    node.args.map((arg) => evaluate(arg, scope, ids, text)),
    ids,
    text,
  );
}

const withoutEscapes = (raw: string): string => raw.replace(/\\(['{}\\])/g, '$1');

type IntrinsicFunction = (args: readonly unknown[], ids: Ids, text: string) => unknown;

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Format: ([template, ...rest], _ids, text) => format(aString(template, 'Format', text), rest, text),
  StringToJson: ([value], _ids, text) => {
    const source = aString(value, 'StringToJson', text);
    if (source.trim() === '') return null;
    try {
      return JSON.parse(source);
    } catch {
      throw intrinsicFailure(
        `The function '${text}' had the following error: Invalid JSON was passed to 'States.StringToJson'`,
      );
    }
  },
  JsonToString: ([value]) => JSON.stringify(value),
  Array: (args) => [...args],
  ArrayPartition: ([list, size], _ids, text) => {
    const items = aList(list, 'ArrayPartition', text);
    const length = aNumber(size, 'ArrayPartition', text);
    const step = Math.round(length);
    if (step <= 0) throw argumentProblem('ArrayPartition', text);
    const chunks: unknown[][] = [];
    for (let from = 0; from < items.length; from += step) chunks.push(items.slice(from, from + step));
    return chunks;
  },
  ArrayContains: ([list, value], _ids, text) => {
    const wanted = canonical(value);
    return aList(list, 'ArrayContains', text).some((item) => canonical(item) === wanted);
  },
  ArrayRange: ([first, last, by], _ids, text) => {
    const [from, to, step] = [first, last, by].map((value) => anInteger(value, 'ArrayRange', text)) as [
      number,
      number,
      number,
    ];
    return range(from, to, step, () => argumentProblem('ArrayRange', text));
  },
  ArrayGetItem: ([list, index], _ids, text) => {
    const items = aList(list, 'ArrayGetItem', text);
    const at = aNumber(index, 'ArrayGetItem', text);
    if (!Number.isInteger(at) || at < 0 || at >= items.length) throw argumentProblem('ArrayGetItem', text);
    return items[at];
  },
  ArrayLength: ([list], _ids, text) => aList(list, 'ArrayLength', text).length,
  ArrayUnique: ([list], _ids, text) => [
    ...new Map(aList(list, 'ArrayUnique', text).map((item) => [canonical(item), item])).values(),
  ],
  Base64Encode: ([value], _ids, text) => Buffer.from(aShortString(value, 'Base64Encode', text)).toString('base64'),
  Base64Decode: ([value], _ids, text) => {
    const encoded = aShortString(value, 'Base64Decode', text);
    if (!BASE64.test(encoded)) throw argumentProblem('Base64Decode', text);
    return Buffer.from(encoded, 'base64').toString('utf8');
  },
  Hash: ([value, algorithm], _ids, text) =>
    hash(typeof value === 'string' ? aShortString(value, 'Hash', text) : value, aString(algorithm, 'Hash', text), () =>
      argumentProblem('Hash', text),
    ),
  JsonMerge: ([left, right, deep], _ids, text) => {
    if (!isObject(left) || !isObject(right) || deep !== false) throw argumentProblem('JsonMerge', text);
    return { ...left, ...right };
  },
  MathRandom: ([from, to, seed], ids, text) => {
    const low = anInteger(from, 'MathRandom', text);
    const high = anInteger(to, 'MathRandom', text);
    if (low > high) throw argumentProblem('MathRandom', text);
    const random = seed === undefined ? ids.random() : seededRandom(aNumber(seed, 'MathRandom', text));
    return Math.floor(low + random * (high - low));
  },
  MathAdd: ([left, right], _ids, text) => anInteger(left, 'MathAdd', text) + anInteger(right, 'MathAdd', text),
  StringSplit: ([value, separators], _ids, text) => {
    const separator = aString(separators, 'StringSplit', text);
    return splitByAny(aString(value, 'StringSplit', text), separator);
  },
  UUID: (_args, ids) => ids.uuid(),
};

/** How many arguments each takes, at least and at most. */
const ARITY: Readonly<Record<string, readonly [least: number, most: number]>> = {
  Format: [1, Number.POSITIVE_INFINITY],
  StringToJson: [1, 1],
  JsonToString: [1, 1],
  ArrayPartition: [2, 2],
  ArrayContains: [2, 2],
  ArrayRange: [3, 3],
  ArrayGetItem: [2, 2],
  ArrayLength: [1, 1],
  ArrayUnique: [1, 1],
  Base64Encode: [1, 1],
  Base64Decode: [1, 1],
  Hash: [2, 2],
  JsonMerge: [3, 3],
  MathRandom: [2, 3],
  MathAdd: [2, 2],
  StringSplit: [2, 2],
  UUID: [0, 0],
};

export const isIntrinsicName = (name: string): boolean => Object.hasOwn(FUNCTIONS, name);

const argumentProblem = (name: string, text: string): Problem =>
  intrinsicFailure(`The function '${text}' had the following error: Invalid arguments in States.${name}`);

function aString(value: unknown, name: string, text: string): string {
  if (typeof value !== 'string') throw argumentProblem(name, text);
  return value;
}

function aNumber(value: unknown, name: string, text: string): number {
  if (typeof value !== 'number') throw argumentProblem(name, text);
  return value;
}

/** Encoding and hashing take no more. */
const LONGEST_TEXT = 10_000;

function aShortString(value: unknown, name: string, text: string): string {
  const given = aString(value, name, text);
  if (given.length > LONGEST_TEXT) throw argumentProblem(name, text);
  return given;
}

/** Rounded to the nearest, in 32 bits. */
function anInteger(value: unknown, name: string, text: string): number {
  const rounded = Math.round(aNumber(value, name, text));
  if (rounded < -(2 ** 31) || rounded > 2 ** 31 - 1) throw argumentProblem(name, text);
  return rounded;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function aList(value: unknown, name: string, text: string): readonly unknown[] {
  if (!Array.isArray(value)) throw argumentProblem(name, text);
  return value;
}

/** `{}` takes the next argument; `\{` and `\}` are braces. */
function format(template: string, args: readonly unknown[], text: string): string {
  let used = 0;
  const result = template.replace(/\\(['{}\\])|\{\}/g, (match, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    if (used >= args.length) {
      throw intrinsicFailure(
        `The function '${text}' had the following error: Number of arguments do not match the occurrences of {}`,
      );
    }
    const value = args[used++];
    return match === '{}' ? shownInFormat(value) : match;
  });
  if (used !== args.length) {
    throw intrinsicFailure(
      `The function '${text}' had the following error: Number of arguments do not match the occurrences of {}`,
    );
  }
  return result;
}

/** States.Format shows lists and objects as Java's collections do. */
function shownInFormat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shownInFormat).join(', ')}]`;
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}=${shownInFormat(item)}`)
    .join(', ')}}`;
}

/** Each character of `separators` separates; empty parts are dropped. */
function splitByAny(value: string, separators: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of value) {
    if (separators.includes(character)) {
      if (part !== '') parts.push(part);
      part = '';
    } else part += character;
  }
  if (part !== '') parts.push(part);
  return parts;
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

export function hash(value: unknown, algorithm: string, problem: () => Error): string {
  const name = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (!name) throw problem();
  return createHash(name)
    .update(typeof value === 'string' ? value : JSON.stringify(value))
    .digest('hex');
}

/** AWS allows a thousand. */
const LONGEST_RANGE = 1_000;

export function range(first: number, last: number, step: number, problem: () => Error): number[] {
  if (step === 0) throw problem();
  const count = Math.floor((last - first) / step) + 1;
  if (count > LONGEST_RANGE) throw problem();
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);
}

/** The same seed gives the same number (mulberry32); AWS's own sequence is not published. */
export function seededRandom(seed: number): number {
  let state = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}

/** JSON text with sorted keys: equal exactly when the values are. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) {
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
