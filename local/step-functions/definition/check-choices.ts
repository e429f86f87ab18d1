import type { QueryLanguage } from '../asl.ts';
import { COMPARISONS, isComparison } from '../language/choice-rule.ts';
import { isExpression } from '../language/jsonata.ts';
import { isObject } from '../language/jsonpath.ts';
import { parseTimestamp } from '../language/timestamp.ts';
import type { Target } from './check-state.ts';
import { checkExpressions, isJsonPath } from './check-values.ts';
import { checkAssign } from './check-variables.ts';
import type { Issues } from './issue.ts';

const ANNOTATIONS = new Set(['Comment', 'Assign', 'Next', 'Output']);

export function checkChoices(
  state: Record<string, unknown>,
  language: QueryLanguage,
  place: string,
  issues: Issues,
): Target[] {
  const { Choices: choices, Default: fallback } = state;
  if (!Array.isArray(choices) || choices.length === 0) {
    issues.schema('These fields are required: [Choices]', place);
    return [];
  }
  const targets: Target[] = [];
  choices.forEach((rule: unknown, index) => {
    const at = `${place}/Choices[${index}]`;
    if (!isObject(rule)) {
      issues.schema('Expected value of type Object', at);
      return;
    }
    if (typeof rule.Next !== 'string') issues.schema('These fields are required: [Next]', at);
    else targets.push({ target: rule.Next, at: `${at}/Next` });
    if (language === 'JSONata') checkCondition(rule, at, issues);
    else checkRule(rule, at, issues, true);
  });
  if (fallback !== undefined) {
    if (typeof fallback === 'string') targets.push({ target: fallback, at: `${place}/Default` });
    else issues.schema('Expected value of type String', `${place}/Default`);
  }
  return targets;
}

function checkCondition(rule: Record<string, unknown>, at: string, issues: Issues): void {
  for (const name of Object.keys(rule)) {
    if (name !== 'Condition' && !ANNOTATIONS.has(name)) issues.schema(`Field '${name}' is not supported`, at);
  }
  const { Condition: condition } = rule;
  if (condition === undefined) {
    issues.schema('These fields are required: [Condition]', at);
    return;
  }
  if (typeof condition !== 'boolean' && !isExpression(condition)) {
    issues.schema('The value of Condition must be a boolean or a JSONata expression', `${at}/Condition`);
  }
  for (const name of ['Condition', 'Output']) checkExpressions(rule[name], `${at}/${name}`, issues);
  checkAssign(rule.Assign, 'JSONata', `${at}/Assign`, issues);
}

function checkRule(rule: Record<string, unknown>, at: string, issues: Issues, top: boolean): void {
  if (!top && rule.Next !== undefined) issues.schema("Field 'Next' is not supported in a nested rule", at);
  checkAssign(rule.Assign, 'JSONPath', `${at}/Assign`, issues);
  for (const name of ['And', 'Or']) {
    if (rule[name] === undefined) continue;
    const inner = rule[name];
    if (!Array.isArray(inner) || inner.length === 0) {
      issues.schema('Expected value of type Array', `${at}/${name}`);
      return;
    }
    inner.forEach((one: unknown, index) => {
      if (isObject(one)) checkRule(one, `${at}/${name}[${index}]`, issues, false);
      else issues.schema('Expected value of type Object', `${at}/${name}[${index}]`);
    });
    return;
  }
  if (rule.Not !== undefined) {
    if (isObject(rule.Not)) checkRule(rule.Not, `${at}/Not`, issues, false);
    else issues.schema('Expected value of type Object', `${at}/Not`);
    return;
  }
  checkComparison(rule, at, issues);
}

function checkComparison(rule: Record<string, unknown>, at: string, issues: Issues): void {
  if (typeof rule.Variable !== 'string') {
    issues.schema('These fields are required: [Variable]', at);
    return;
  }
  if (!isJsonPath(rule.Variable)) issues.schema('Value is not a JSONPath', `${at}/Variable`);
  const names = Object.keys(rule).filter((name) => name !== 'Variable' && !ANNOTATIONS.has(name));
  const operators = names.filter(isComparison);
  for (const name of names) if (!isComparison(name)) issues.schema(`Field '${name}' is not supported`, at);
  if (operators.length !== 1) {
    issues.schema(`Exactly one of [${COMPARISONS.join(', ')}] must be set`, at);
    return;
  }
  const operator = operators[0] as string;
  const value = rule[operator];
  if (!operandFits(operator, value)) issues.schema(`The value of ${operator} has the wrong type`, `${at}/${operator}`);
}

function operandFits(operator: string, value: unknown): boolean {
  if (operator.endsWith('Path')) return typeof value === 'string' && isJsonPath(value);
  if (operator.startsWith('Is') || operator.startsWith('Boolean')) return typeof value === 'boolean';
  if (operator.startsWith('Numeric')) return typeof value === 'number';
  if (operator.startsWith('Timestamp')) return typeof value === 'string' && parseTimestamp(value) !== undefined;
  return typeof value === 'string';
}
