import { BlockList, isIP } from 'node:net';
import type { PolicyText } from './policy-variables.ts';
import type { RequestContext } from './request-context.ts';
import { compileArnPattern } from './wildcard.ts';

/** Whether one value of the request satisfies one value of the policy. */
type Comparison = (actual: string, wanted: PolicyText, context: RequestContext) => boolean;

export interface Operator {
  readonly compare: Comparison;
  /** A negated operator holds when no wanted value matches, and when the key is absent. */
  readonly negated: boolean;
  /** Policy variables are replaced in string and ARN operators only. */
  readonly hasVariables: boolean;
}

const positive = (compare: Comparison, hasVariables = false): Operator => ({ compare, negated: false, hasVariables });
const negative = (compare: Comparison, hasVariables = false): Operator => ({ compare, negated: true, hasVariables });

const resolved =
  (test: (actual: string, wanted: string) => boolean): Comparison =>
  (actual, wanted, context) => {
    const text = wanted.resolve(context);
    return text !== undefined && test(actual, text);
  };
const equals = resolved((actual, wanted) => actual === wanted);
const equalsIgnoringCase = resolved((actual, wanted) => actual.toLowerCase() === wanted.toLowerCase());
const like: Comparison = (actual, wanted, context) => wanted.matches(actual, context);
const arn = resolved((actual, wanted) => compileArnPattern(wanted)(actual));
const numeric = (test: (actual: number, wanted: number) => boolean): Comparison =>
  resolved((actual, wanted) => actual.trim() !== '' && wanted.trim() !== '' && test(Number(actual), Number(wanted)));
const date = (test: (actual: number, wanted: number) => boolean): Comparison =>
  resolved((actual, wanted) => test(epochMs(actual), epochMs(wanted)));

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
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
  ['IpAddress', positive(resolved(inAddressRange))],
  ['NotIpAddress', negative(resolved(inAddressRange))],
  ['BinaryEquals', positive(equals)],
]);

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
