import { Nowhere, type PathRoots, read } from './json-path.ts';
import { StateError } from './state-error.ts';

type Rule = Readonly<Record<string, unknown>>;

/** https://states-language.net/spec.html#choice-state, for JSONPath. Throws StateError where a rule's path leads nowhere. */
export function holds(rule: Rule, roots: PathRoots): boolean {
  if (rule.And) return (rule.And as Rule[]).every((one) => holds(one, roots));
  if (rule.Or) return (rule.Or as Rule[]).some((one) => holds(one, roots));
  if (rule.Not) return !holds(rule.Not as Rule, roots);
  const [name, operand] = Object.entries(rule).find(
    ([key]) => key !== 'Variable' && key !== 'Next' && key !== 'Assign',
  )!;
  const found = lookUp(rule.Variable as string, roots);
  if (name === 'IsPresent') return (found !== undefined) === operand;
  if (!found) throw new StateError('States.Runtime');
  const { value } = found;
  switch (name) {
    case 'IsNull':
      return (value === null) === operand;
    case 'IsString':
      return (typeof value === 'string') === operand;
    case 'IsNumeric':
      return (typeof value === 'number') === operand;
    case 'IsBoolean':
      return (typeof value === 'boolean') === operand;
    case 'IsTimestamp':
      return isTimestamp(value) === operand;
    case 'StringMatches':
      return typeof value === 'string' && glob(operand as string).test(value);
  }
  const other = name.endsWith('Path') ? lookUp(operand as string, roots) : { value: operand };
  if (!other) throw new StateError('States.Runtime');
  const [, kind, order] = /^(String|Numeric|Boolean|Timestamp)(.*?)(?:Path)?$/.exec(name) as unknown as string[];
  if (!isOf(kind!, value) || !isOf(kind!, other.value)) return false;
  const [left, right] = [value, other.value].map((one) => (kind === 'Timestamp' ? Date.parse(one as string) : one)) as [
    number,
    number,
  ];
  switch (order) {
    case 'Equals':
      return left === right;
    case 'LessThan':
      return left < right;
    case 'LessThanEquals':
      return left <= right;
    case 'GreaterThan':
      return left > right;
    case 'GreaterThanEquals':
      return left >= right;
  }
  throw new Error(`The oracle does not know the comparison ${name}`);
}

function lookUp(path: string, roots: PathRoots): { readonly value: unknown } | undefined {
  try {
    return { value: read(path, roots) };
  } catch (error) {
    if (error instanceof Nowhere) return undefined;
    throw error;
  }
}

const isOf = (kind: string, value: unknown): boolean =>
  kind === 'Timestamp'
    ? isTimestamp(value)
    : typeof value === { String: 'string', Numeric: 'number', Boolean: 'boolean' }[kind];

const isTimestamp = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));

const glob = (pattern: string): RegExp => new RegExp(`^${pattern.split('*').join('[^]*')}$`);
