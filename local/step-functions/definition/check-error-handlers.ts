import type { QueryLanguage } from '../asl.ts';
import { isObject } from '../language/jsonpath.ts';
import type { Target } from './check-state.ts';
import { checkExpressions, isReferencePath } from './check-values.ts';
import { checkAssign } from './check-variables.ts';
import type { Issues } from './issue.ts';

const RETRIER = new Set([
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
]);
const CATCHER = {
  JSONata: new Set(['ErrorEquals', 'Next', 'Output', 'Assign', 'Comment']),
  JSONPath: new Set(['ErrorEquals', 'Next', 'ResultPath', 'Assign', 'Comment']),
};

/** Retry and Catch. Returns where the catchers lead. */
export function checkErrorHandlers(
  state: Record<string, unknown>,
  language: QueryLanguage,
  place: string,
  issues: Issues,
): Target[] {
  const targets: Target[] = [];
  each(state.Retry, `${place}/Retry`, issues, (retrier, at) => {
    supported(retrier, RETRIER, at, issues);
    between(retrier, 'IntervalSeconds', 1, 99_999_999, at, issues);
    between(retrier, 'MaxAttempts', 0, 99_999_999, at, issues);
    between(retrier, 'MaxDelaySeconds', 1, 31_622_400, at, issues);
    const { BackoffRate: rate } = retrier;
    if (rate !== undefined && !(typeof rate === 'number' && rate >= 1)) {
      issues.schema('Value is not a number of at least 1', `${at}/BackoffRate`);
    }
    const { JitterStrategy: jitter } = retrier;
    if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
      issues.schema("Value is not valid. Must be one of 'FULL', 'NONE'", `${at}/JitterStrategy`);
    }
  });
  each(state.Catch, `${place}/Catch`, issues, (catcher, at) => {
    supported(catcher, CATCHER[language], at, issues);
    if (typeof catcher.Next === 'string') targets.push({ target: catcher.Next, at: `${at}/Next` });
    else issues.schema('These fields are required: [Next]', at);
    const { ResultPath: path } = catcher;
    if (path !== undefined && path !== null && !(typeof path === 'string' && isReferencePath(path))) {
      issues.schema('Value is not a Reference Path', `${at}/ResultPath`);
    }
    if (language === 'JSONata') checkExpressions(catcher.Output, `${at}/Output`, issues);
    checkAssign(catcher.Assign, language, `${at}/Assign`, issues);
  });
  return targets;
}

function each(
  value: unknown,
  at: string,
  issues: Issues,
  check: (item: Record<string, unknown>, at: string) => void,
): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) {
    issues.schema('Expected value of type Array', at);
    return;
  }
  value.forEach((item: unknown, index) => {
    const place = `${at}[${index}]`;
    if (!isObject(item)) {
      issues.schema('Expected value of type Object', place);
      return;
    }
    const { ErrorEquals: names } = item;
    if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string')) {
      issues.schema('These fields are required: [ErrorEquals]', place);
    } else if (names.includes('States.ALL') && (names.length > 1 || index < value.length - 1)) {
      issues.schema("'States.ALL' must appear alone, and in the last item", `${place}/ErrorEquals`);
    }
    check(item, place);
  });
}

function supported(item: Record<string, unknown>, names: ReadonlySet<string>, at: string, issues: Issues): void {
  for (const name of Object.keys(item)) if (!names.has(name)) issues.schema(`Field '${name}' is not supported`, at);
}

function between(
  item: Record<string, unknown>,
  name: string,
  least: number,
  most: number,
  at: string,
  issues: Issues,
): void {
  const value = item[name];
  if (value === undefined) return;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    issues.schema(`Value is not an integer from ${least} to ${most}`, `${at}/${name}`);
  }
}
