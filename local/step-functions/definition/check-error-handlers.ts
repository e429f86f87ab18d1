import type { QueryLanguage } from '../asl.ts';
import { isObject } from '../language/jsonpath.ts';
import type { Target } from './check-state.ts';
import { checkExpressions, checkTemplate, isReferencePath } from './check-values.ts';
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
    atLeast(retrier, 'IntervalSeconds', 1, true, at, issues);
    atLeast(retrier, 'MaxAttempts', 0, true, at, issues);
    atLeast(retrier, 'BackoffRate', 1, false, at, issues);
    atLeast(retrier, 'MaxDelaySeconds', 1, true, at, issues);
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
    if (language === 'JSONPath') checkTemplate(catcher.Assign, `${at}/Assign`, issues);
    else for (const name of ['Output', 'Assign']) checkExpressions(catcher[name], `${at}/${name}`, issues);
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

function atLeast(
  item: Record<string, unknown>,
  name: string,
  least: number,
  whole: boolean,
  at: string,
  issues: Issues,
): void {
  const value = item[name];
  if (value === undefined) return;
  if (typeof value !== 'number' || value < least || (whole && !Number.isInteger(value))) {
    issues.schema(`Value is not ${whole ? 'an integer' : 'a number'} of at least ${least}`, `${at}/${name}`);
  }
}
