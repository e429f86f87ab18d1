import { BlockList, isIP } from 'node:net';
import { matchesArnPattern, matchesWildcard } from './wildcard.ts';

/** Condition key → value or values of this request. Keys are compared without regard to case. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

type Scalar = string | number | boolean;
/** Operator → condition key → wanted value or values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, Scalar | readonly Scalar[]>>>>;

/** Whether one value of the request satisfies one value of the policy. */
type Comparison = (actual: string, wanted: string) => boolean;

interface Operator {
  readonly compare: Comparison;
  /** A negated operator holds when no wanted value matches, and when the key is absent. */
  readonly negated: boolean;
  /** Policy variables are replaced in string and ARN operators only. */
  readonly variables: boolean;
}

const positive = (compare: Comparison, variables = false): Operator => ({ compare, negated: false, variables });
const negative = (compare: Comparison, variables = false): Operator => ({ compare, negated: true, variables });

const equals: Comparison = (actual, wanted) => actual === wanted;
const equalsIgnoringCase: Comparison = (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase();
const like: Comparison = (actual, wanted) => matchesWildcard(wanted, actual);
const arn: Comparison = (actual, wanted) => matchesArnPattern(wanted, actual);
const numeric =
  (test: (actual: number, wanted: number) => boolean): Comparison =>
  (actual, wanted) =>
    actual.trim() !== '' && wanted.trim() !== '' && test(Number(actual), Number(wanted));
const date =
  (test: (actual: number, wanted: number) => boolean): Comparison =>
  (actual, wanted) =>
    test(epochMs(actual), epochMs(wanted));

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', positive(equals, true)],
  ['StringNotEquals', negative(equals, true)],
  ['StringEqualsIgnoreCase', positive(equalsIgnoringCase, true)],
  ['StringNotEqualsIgnoreCase', negative(equalsIgnoringCase, true)],
  ['StringLike', positive(like, true)],
  ['StringNotLike', negative(like, true)],
  ['ArnEquals', positive(arn, true)],
  ['ArnLike', positive(arn, true)],
  ['ArnNotEquals', negative(arn, true)],
  ['ArnNotLike', negative(arn, true)],
  ['NumericEquals', positive(numeric((a, b) => a === b))],
  ['NumericNotEquals', negative(numeric((a, b) => a === b))],
  ['NumericLessThan', positive(numeric((a, b) => a < b))],
  ['NumericLessThanEquals', positive(numeric((a, b) => a <= b))],
  ['NumericGreaterThan', positive(numeric((a, b) => a > b))],
  ['NumericGreaterThanEquals', positive(numeric((a, b) => a >= b))],
  ['DateEquals', positive(date((a, b) => a === b))],
  ['DateNotEquals', negative(date((a, b) => a === b))],
  ['DateLessThan', positive(date((a, b) => a < b))],
  ['DateLessThanEquals', positive(date((a, b) => a <= b))],
  ['DateGreaterThan', positive(date((a, b) => a > b))],
  ['DateGreaterThanEquals', positive(date((a, b) => a >= b))],
  ['Bool', positive(equalsIgnoringCase)],
  ['IpAddress', positive(inAddressRange)],
  ['NotIpAddress', negative(inAddressRange)],
  ['BinaryEquals', positive(equals)],
]);

const OPERATOR_TEXT = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/;

export function isConditionOperator(text: string): boolean {
  const [, , name, ifExists] = OPERATOR_TEXT.exec(text) ?? [];
  return name !== undefined && (OPERATORS.has(name) || (name === 'Null' && ifExists === undefined));
}

/** True when every operator holds for every key. An operator that AWS does not have holds for nothing. */
export function conditionsHold(conditions: ConditionBlock, context: RequestContext): boolean {
  const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(
        operator,
        values.get(key.toLowerCase()),
        (Array.isArray(wanted) ? wanted : [wanted]).map((value) => String(value)),
        context,
      ),
    ),
  );
}

function holds(
  text: string,
  actual: string | readonly string[] | undefined,
  wanted: readonly string[],
  context: RequestContext,
): boolean {
  const match = OPERATOR_TEXT.exec(text);
  if (!match) return false;
  const [, quantifier, name, ifExists] = match;
  if (name === 'Null') return wanted.some((value) => value.toLowerCase() === String(actual === undefined));

  const operator = OPERATORS.get(name as string);
  if (!operator) return false;
  const present = actual === undefined ? [] : typeof actual === 'string' ? [actual] : actual;
  if (present.length === 0) {
    if (ifExists !== undefined || quantifier === 'ForAllValues') return true;
    return quantifier !== 'ForAnyValue' && operator.negated;
  }
  const candidates = operator.variables ? resolveAll(wanted, context) : wanted;
  const one = (value: string) =>
    candidates.some((candidate) => operator.compare(value, candidate)) !== operator.negated;
  return quantifier === 'ForAnyValue' ? present.some(one) : present.every(one);
}

const resolveAll = (texts: readonly string[], context: RequestContext): readonly string[] =>
  texts.map((text) => substitute(text, context)).filter((text) => text !== undefined);

/**
 * Replaces policy variables: `${aws:username}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`. Undefined when one has no
 * value in this request, which makes the statement not match.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function substitute(text: string, context: RequestContext): string | undefined {
  if (!text.includes('${')) return text;
  let missing = false;
  const resolved = text.replace(/\$\{([^}]*)\}/g, (_whole, inside: string) => {
    if (inside === '*' || inside === '?' || inside === '$') return inside;
    const [, key, fallback] = /^([^,]*?)(?:\s*,\s*'([^']*)')?$/.exec(inside) ?? [];
    const value = Object.entries(context).find(([name]) => name.toLowerCase() === key?.toLowerCase())?.[1];
    if (typeof value === 'string') return value;
    if (fallback !== undefined) return fallback;
    missing = true;
    return '';
  });
  return missing ? undefined : resolved;
}

/** ISO 8601 or epoch seconds, as AWS takes either. */
function epochMs(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function inAddressRange(actual: string, wanted: string): boolean {
  const family = isIP(actual);
  const [address = '', prefix] = wanted.split('/');
  if (family === 0 || isIP(address) !== family) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const longest = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? longest : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > longest) return false;
  const range = new BlockList();
  range.addSubnet(address, bits, type);
  return range.check(actual, type);
}
