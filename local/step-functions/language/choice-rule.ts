import type { ChoiceRule } from '../asl.ts';
import { PathNotFound, type PathScope, readPath } from './jsonpath.ts';
import { runtimeProblem } from './problem.ts';
import { parseTimestamp, timestampNanoseconds } from './timestamp.ts';

type Rule = Readonly<Record<string, unknown>>;

/** Whether a JSONPath rule of a Choice holds. Throws Problem when its Variable is not there. */
export function ruleHolds(rule: ChoiceRule | Rule, scope: PathScope): boolean {
  if (Array.isArray(rule.And)) return rule.And.every((inner: Rule) => ruleHolds(inner, scope));
  if (Array.isArray(rule.Or)) return rule.Or.some((inner: Rule) => ruleHolds(inner, scope));
  if (rule.Not !== undefined) return !ruleHolds(rule.Not as Rule, scope);
  const path = rule.Variable as string;
  const operator = Object.keys(rule).find((name) => isComparison(name)) as string;
  const expected = rule[operator];
  let value: unknown;
  try {
    value = readPath(path, scope);
  } catch (error) {
    if (!(error instanceof PathNotFound)) throw error;
    if (operator === 'IsPresent') return expected === false;
    throw runtimeProblem(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
  }
  if (operator.startsWith('Is')) return TYPE_TESTS[operator]!(value) === expected;
  if (!operator.endsWith('Path')) return compare(operator, value, expected);
  let other: unknown;
  try {
    other = readPath(expected as string, scope);
  } catch (error) {
    if (!(error instanceof PathNotFound)) throw error;
    throw runtimeProblem(`Invalid path '${expected}': The choice state's condition path references an invalid value.`);
  }
  return compare(operator.slice(0, -'Path'.length), value, other);
}

const TYPE_TESTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsNull: (value) => value === null,
  IsPresent: () => true,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => typeof value === 'string' && parseTimestamp(value) !== undefined,
};

type Ordered = number | bigint | string | boolean;

const KINDS: Readonly<Record<string, (value: unknown) => Ordered | undefined>> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Timestamp: (value) => (typeof value === 'string' ? timestampNanoseconds(value) : undefined),
};

const ORDERS: Readonly<Record<string, (left: Ordered, right: Ordered) => boolean>> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
};

/** `StringMatches`, `NumericLessThanEquals`, …: the names a comparison may have, with their `…Path` twins. */
export const COMPARISONS: readonly string[] = [
  ...Object.keys(TYPE_TESTS),
  'StringMatches',
  ...Object.keys(KINDS).flatMap((kind) =>
    Object.keys(ORDERS)
      .filter((order) => kind !== 'Boolean' || order === 'Equals')
      .flatMap((order) => [`${kind}${order}`, `${kind}${order}Path`]),
  ),
];

const comparisonNames = new Set(COMPARISONS);
export const isComparison = (name: string): boolean => comparisonNames.has(name);

/** Values of another type than the comparison's do not hold, they are no error. */
function compare(operator: string, value: unknown, expected: unknown): boolean {
  if (operator === 'StringMatches') return typeof value === 'string' && globMatches(expected as string, value);
  const [, kind, order] = /^(String|Numeric|Boolean|Timestamp)(.+)$/.exec(operator) as unknown as [
    string,
    string,
    string,
  ];
  const left = KINDS[kind]!(value);
  const right = KINDS[kind]!(expected);
  return left !== undefined && right !== undefined && ORDERS[order]!(left, right);
}

/** `*` is any run of characters; `\\*` and `\\\\` stand for themselves. Linear in both, so no pattern can stall the engine. */
function globMatches(pattern: string, text: string): boolean {
  const tokens: (string | null)[] = [];
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\' && at + 1 < pattern.length) tokens.push(pattern[++at] as string);
    else tokens.push(pattern[at] === '*' ? null : (pattern[at] as string));
  }
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (token < tokens.length && tokens[token] === null) {
      star = token++;
      starAt = at;
    } else if (token < tokens.length && tokens[token] === text[at]) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (tokens[token] === null) token++;
  return token === tokens.length;
}
