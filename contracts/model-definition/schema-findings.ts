import * as v from 'valibot';
import { type Finding, suggestion } from './cross-checks.ts';

type Issue = v.BaseIssue<unknown>;
type Schema<T> = v.BaseSchema<unknown, T, Issue>;

/** All that is wrong with a value, in the words of somebody who writes YAML. `output` is there unless more than unknown fields are. */
export function checkSchema<T>(
  schema: Schema<T>,
  value: unknown,
): { readonly output?: T; readonly findings: Finding[] } {
  const unknownFields: Finding[] = [];
  let rest = value;
  // valibot tells one unknown field of each object, so those found are taken out until no more are.
  for (;;) {
    const result = v.safeParse(schema, rest);
    if (result.success) return { output: result.output, findings: unknownFields };
    const unknown = result.issues.filter(isUnknownField);
    if (unknown.length === 0) return { findings: [...unknownFields, ...findingsOf(result.issues, schema)] };
    unknownFields.push(...findingsOf(unknown, schema));
    for (const issue of unknown) {
      const path = (issue.path ?? []).map((item) => item.key);
      rest = without(rest, path);
    }
  }
}

function without(value: unknown, path: readonly unknown[]): unknown {
  const [key, ...rest] = path;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === String(key) ? without(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (name !== key) return [[name, item]];
      return rest.length === 0 ? [] : [[name, without(item, rest)]];
    }),
  );
}

/** A field that the schema does not have. */
const isUnknownField = (issue: Issue): boolean =>
  issue.type === 'strict_object' && issue.expected === 'never' && !isList(issue);

/** valibot takes a list for an object with fields 0, 1, 2 …; nobody who writes YAML does. */
const isList = (issue: Issue): boolean => issue.type === 'strict_object' && Array.isArray(issue.path?.at(-1)?.input);

function findingsOf(issues: readonly Issue[], schema: unknown): Finding[] {
  const lists = new Set<unknown>();
  return issues.flatMap((issue) => {
    if (!isList(issue)) return [findingOf(issue, schema)];
    // One problem for the list, not one for each field that it lacks.
    const list = issue.path?.at(-1)?.input;
    if (lists.has(list)) return [];
    lists.add(list);
    const path = (issue.path ?? []).slice(0, -1).map((item) => item.key as string | number);
    return [{ path, message: 'must be a map of fields, it is a list' }];
  });
}

function findingOf(issue: Issue, schema: unknown): Finding {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const name = String(path.at(-1) ?? '');

  if (isUnknownField(issue)) {
    const known = fieldsAt(schema, path.slice(0, -1), issue);
    return { path, message: `unknown field \`${name}\``, ...suggestionOr(name, known, 'possible') };
  }
  if (issue.received === 'undefined') return { path, message: `\`${name}\` is missing` };
  if (issue.type === 'picklist' || issue.type === 'variant' || issue.type === 'literal') {
    const possible = choicesOf(issue);
    const input = typeof issue.input === 'object' ? issue.received : String(issue.input);
    return {
      path,
      message: `\`${input}\` is none of ${possible.map((value) => `\`${value}\``).join(', ')}`,
      ...hintFor(input, possible),
    };
  }
  if (issue.kind !== 'schema') return { path, message: `${issue.message}, it is ${JSON.stringify(issue.input)}` };
  return { path, message: `must be ${kindOf(issue.expected)}, it is ${kindOf(issue.received)}`, ...quoteHint(issue) };
}

const choicesOf = ({ expected }: Issue): string[] =>
  [...(expected ?? '').matchAll(/"([^"]*)"/g)].map(([, value]) => value!);

const suggestionOr = (name: string, known: readonly string[], word: string): { hint?: string } => {
  const near = suggestion(name, known);
  return near.hint !== undefined || known.length === 0 ? near : { hint: `${word}: ${known.join(', ')}` };
};

/** Names that other tools use for the types here. */
const OTHER_TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'category` or `text',
  str: 'category` or `text',
  enum: 'category',
  categorical: 'category',
  float: 'number',
  double: 'number',
  decimal: 'number',
  numeric: 'number',
  int: 'integer',
  bool: 'boolean',
};

function hintFor(input: string, possible: readonly string[]): { hint?: string } {
  const other = OTHER_TYPE_NAMES[input.toLowerCase()];
  if (possible.includes('integer') && other !== undefined) return { hint: `did you mean \`${other}\`?` };
  if (possible.includes('integer') && /date|time/.test(input))
    return { hint: 'dates are not supported: give days as an `integer`, or exclude the column as `text`' };
  return suggestion(input, possible);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  Object: 'a map of fields',
  Array: 'a list',
  boolean: 'a boolean',
  null: 'empty',
};

function kindOf(expected: string | null): string {
  const text = expected ?? '';
  if (text in KINDS) return KINDS[text]!;
  if (text.includes('|')) return text.replace(/[()]/g, '').split(' | ').map(kindOf).join(' or ');
  if (/^-?\d/.test(text)) return `the number ${text}`;
  if (text.startsWith('"')) return `the text ${text}`;
  return text === 'true' || text === 'false' ? `the boolean ${text}` : text;
}

const quoteHint = ({ expected, input }: Issue): { hint?: string } =>
  (expected ?? '').includes('string') && (typeof input === 'boolean' || typeof input === 'number')
    ? { hint: `write it in quotes: '${input}'` }
    : {};

/** The field names the schema has at a path, following the shape of the schema and, for a column, its type. */
function fieldsAt(root: unknown, path: readonly (string | number)[], issue: Issue): string[] {
  let schema = root;
  for (const key of path) schema = childSchema(schema, key);
  const parent = issue.path?.at(-1)?.input as { type?: unknown } | undefined;
  return Object.keys(entriesOf(schema, parent?.type));
}

function childSchema(schema: unknown, key: string | number): unknown {
  const { value, item } = unwrapped(schema) as { value?: unknown; item?: unknown };
  return entriesOf(schema, undefined)[String(key)] ?? value ?? item;
}

function entriesOf(schema: unknown, type: unknown): Record<string, unknown> {
  const { entries, options } = unwrapped(schema) as { entries?: Record<string, unknown>; options?: unknown[] };
  if (entries !== undefined) return entries;
  const option = (options ?? []).find((candidate) => {
    const { type: literal } = entriesOf(candidate, undefined) as { type?: { literal?: unknown } };
    return literal?.literal === type;
  });
  return option === undefined ? {} : entriesOf(option, undefined);
}

/** `optional(…)` and its kin hold the schema proper in `wrapped`. */
const unwrapped = (schema: unknown): object => {
  const { wrapped } = (schema ?? {}) as { wrapped?: unknown };
  return wrapped === undefined ? ((schema ?? {}) as object) : unwrapped(wrapped);
};
