import {
  type Filter,
  type FilterPath,
  isDefinite,
  type JsonPath,
  type Operand,
  parseJsonPath,
  type Segment,
} from './jsonpath-syntax.ts';

/** What a path can be rooted in. */
export interface PathScope {
  readonly input: unknown;
  readonly context: unknown;
  variable(name: string): unknown;
}

/** A definite path that leads nowhere. The message is Jayway's. */
export class PathNotFound extends Error {
  override readonly name = 'PathNotFound';
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path; for an indefinite path the list of all. Throws PathNotFound, JsonPathSyntaxError. */
export function readPath(text: string, scope: PathScope): unknown {
  const path = parseJsonPath(text);
  const root = rootOf(path, scope);
  if (root === undefined) throw new PathNotFound(`Missing property in path $['${path.text.slice(1)}']`);
  const last = path.segments.at(-1);
  if (last?.kind !== 'function') return read(path.segments, path.definite, root);
  const before = path.segments.slice(0, -1);
  return applyFunction(last.name, read(before, isDefinite(before), root));
}

const read = (segments: readonly Segment[], definite: boolean, root: unknown): unknown =>
  definite ? readDefinite(segments, root) : readMany(segments, [root], root);

function rootOf(path: JsonPath, scope: PathScope): unknown {
  if (path.root.kind === 'input') return scope.input;
  if (path.root.kind === 'context') return scope.context;
  return scope.variable(path.root.name);
}

function readDefinite(segments: readonly Segment[], root: unknown): unknown {
  let value = root;
  let place = '$';
  segments.forEach((segment, position) => {
    const last = position === segments.length - 1;
    if (segment.kind === 'child') {
      const name = segment.names[0] as string;
      if (!isObject(value)) throw notAnObject(name, place, value);
      place += `['${name}']`;
      if (!Object.hasOwn(value, name)) {
        throw new PathNotFound(last ? `No results for path: ${place}` : `Missing property in path ${place}`);
      }
      value = value[name];
    } else if (segment.kind === 'index') {
      const index = segment.indexes[0] as number;
      if (!Array.isArray(value))
        throw new PathNotFound(
          `Filter: [${index}] can only be applied to arrays. Current context is: ${toText(value)}`,
        );
      place += `[${index}]`;
      const at = index < 0 ? value.length + index : index;
      if (at < 0 || at >= value.length) throw new PathNotFound(`No results for path: ${place}`);
      value = value[at];
    }
  });
  return value;
}

const notAnObject = (name: string, place: string, value: unknown): PathNotFound =>
  new PathNotFound(
    value === null || value === undefined
      ? `Missing property in path ${place}`
      : `Expected to find an object with property ['${name}'] in path ${place} but found '${javaClass(value)}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.`,
  );

const javaClass = (value: unknown): string => {
  const node = 'com.fasterxml.jackson.databind.node.';
  if (Array.isArray(value)) return `${node}ArrayNode`;
  if (typeof value === 'string') return `${node}TextNode`;
  if (typeof value === 'boolean') return `${node}BooleanNode`;
  return Number.isInteger(value) ? `${node}IntNode` : `${node}DoubleNode`;
};

const toText = (value: unknown): string => JSON.stringify(value);

function readMany(segments: readonly Segment[], from: readonly unknown[], root: unknown): unknown[] {
  let values = [...from];
  segments.forEach((segment) => {
    values = values.flatMap((value) => step(segment, value, root));
  });
  return values;
}

function step(segment: Segment, value: unknown, root: unknown): unknown[] {
  switch (segment.kind) {
    case 'child':
      if (!isObject(value)) return [];
      if (segment.names.length > 1) {
        return [
          Object.fromEntries(
            segment.names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]]),
          ),
        ];
      }
      return segment.names.flatMap((name) => (Object.hasOwn(value, name) ? [value[name]] : []));
    case 'index':
      if (!Array.isArray(value)) return [];
      return segment.indexes.flatMap((index) => {
        const at = index < 0 ? value.length + index : index;
        return at >= 0 && at < value.length ? [value[at]] : [];
      });
    case 'slice':
      return Array.isArray(value)
        ? value.slice(segment.from ?? 0, segment.to ?? value.length).filter((_, index) => index % segment.step === 0)
        : [];
    case 'wildcard':
      return childrenOf(value);
    case 'descend':
      return descendants(value);
    case 'filter':
      return childrenOfList(value).filter((item) => passes(segment.test, item, root));
    case 'function':
      return [applyFunction(segment.name, value)];
  }
}

const childrenOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];

/** A filter runs over a list's items; over an object it tests the object itself, as Jayway does. */
const childrenOfList = (value: unknown): unknown[] => (Array.isArray(value) ? value : isObject(value) ? [value] : []);

function descendants(value: unknown): unknown[] {
  const found: unknown[] = [value];
  for (const child of childrenOf(value))
    if (typeof child === 'object' && child !== null) found.push(...descendants(child));
  return found;
}

function passes(test: Filter, item: unknown, root: unknown): boolean {
  switch (test.kind) {
    case 'and':
      return passes(test.left, item, root) && passes(test.right, item, root);
    case 'or':
      return passes(test.left, item, root) || passes(test.right, item, root);
    case 'not':
      return !passes(test.of, item, root);
    case 'exists':
      return readFilterPath(test.path, item, root) !== undefined;
    case 'compare':
      return compare(test.operator, readOperand(test.left, item, root), readOperand(test.right, item, root));
  }
}

const readOperand = (operand: Operand, item: unknown, root: unknown): unknown =>
  operand.kind === 'value' ? operand.value : readFilterPath(operand.path, item, root);

function readFilterPath(path: FilterPath, item: unknown, root: unknown): unknown {
  const found = readMany(path.segments, [path.from === '@' ? item : root], root);
  return found.length > 1 ? found : found[0];
}

function compare(operator: string, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return toText(left) === toText(right);
    case '!=':
      return toText(left) !== toText(right);
    case '=~':
      return typeof left === 'string' && right instanceof RegExp && right.test(left);
    case 'in':
      return Array.isArray(right) && right.some((item) => toText(item) === toText(left));
    case 'nin':
      return Array.isArray(right) && !right.some((item) => toText(item) === toText(left));
  }
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  if (operator === '>') return left > right;
  return left >= right;
}

const FUNCTIONS = new Set(['length', 'keys', 'min', 'max', 'sum', 'avg']);

function applyFunction(name: string, value: unknown): unknown {
  if (!FUNCTIONS.has(name)) throw new PathNotFound(`Function with name: ${name} does not exist.`);
  if (name === 'length') return childrenOf(value).length;
  if (name === 'keys' && isObject(value)) return Object.keys(value);
  const numbers = childrenOf(value).filter((item) => typeof item === 'number');
  if (numbers.length === 0) throw new PathNotFound(`Function ${name}() attempted to calculate value using empty array`);
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (name === 'min') return Math.min(...numbers);
  if (name === 'max') return Math.max(...numbers);
  if (name === 'sum') return sum;
  return sum / numbers.length;
}

/**
 * `value` put at a reference path of a copy of `target`; objects that are not there yet are made.
 * Undefined when the path cannot be made (it runs through something that is no object), as `States.ResultPathMatchFailure` says.
 */
export function writePath(text: string, target: unknown, value: unknown): { readonly result: unknown } | undefined {
  const { segments } = parseJsonPath(text);
  return put(segments, 0, target, value);
}

function put(
  segments: readonly Segment[],
  depth: number,
  target: unknown,
  value: unknown,
): { result: unknown } | undefined {
  const segment = segments[depth];
  if (!segment) return { result: value };
  if (segment.kind === 'child' && segment.names.length === 1) {
    if (target !== undefined && !isObject(target)) return undefined;
    const name = segment.names[0] as string;
    const inner = put(segments, depth + 1, target && Object.hasOwn(target, name) ? target[name] : undefined, value);
    return inner && { result: { ...target, [name]: inner.result } };
  }
  if (segment.kind === 'index' && segment.indexes.length === 1 && Array.isArray(target)) {
    const index = segment.indexes[0] as number;
    if (index < 0 || index >= target.length) return undefined;
    const inner = put(segments, depth + 1, target[index], value);
    return inner && { result: target.with(index, inner.result) };
  }
  return undefined;
}
