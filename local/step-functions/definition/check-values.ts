import { type Intrinsic, IntrinsicSyntaxError, parseIntrinsic } from '../language/intrinsic-syntax.ts';
import { isIntrinsicName } from '../language/intrinsics.ts';
import { compile, expressionText, isExpression } from '../language/jsonata.ts';
import { isObject } from '../language/jsonpath.ts';
import { JsonPathSyntaxError, parseJsonPath } from '../language/jsonpath-syntax.ts';
import type { Issues } from './issue.ts';

export function isJsonPath(text: string): boolean {
  try {
    parseJsonPath(text);
    return true;
  } catch (error) {
    if (error instanceof JsonPathSyntaxError) return false;
    throw error;
  }
}

/** A reference path leads to one place of the input: only names and indexes. */
export const isReferencePath = (text: string): boolean => {
  if (!isJsonPath(text)) return false;
  const { definite, segments } = parseJsonPath(text);
  return definite && segments.every(({ kind }) => kind !== 'function');
};

function isIntrinsicCall(text: string): boolean {
  try {
    return knowsNames(parseIntrinsic(text));
  } catch (error) {
    if (error instanceof IntrinsicSyntaxError) return false;
    throw error;
  }
}

const knowsNames = (node: Intrinsic): boolean =>
  node.kind !== 'call' || (isIntrinsicName(node.name) && node.args.every(knowsNames));

/** Each `name.$` of a payload template holds a path or an intrinsic function. */
export function checkTemplate(template: unknown, location: string, issues: Issues): void {
  if (Array.isArray(template)) {
    for (const [index, item] of template.entries()) checkTemplate(item, `${location}[${index}]`, issues);
    return;
  }
  if (!isObject(template)) return;
  for (const [name, value] of Object.entries(template)) {
    if (!name.endsWith('.$')) {
      checkTemplate(value, `${location}/${name}`, issues);
    } else if (typeof value !== 'string' || !(value.startsWith('$') ? isJsonPath(value) : isIntrinsicCall(value))) {
      issues.schema(
        `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`,
        location,
      );
    }
  }
}

/** Each `{% %}` of a value is JSONata that parses. */
export function checkExpressions(value: unknown, location: string, issues: Issues): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkExpressions(item, `${location}[${index}]`, issues);
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) checkExpressions(item, `${location}/${name}`, issues);
  } else if (isExpression(value)) {
    try {
      compile(expressionText(value));
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      issues.schema(
        `The JSONata expression is invalid: ${code ? `${code}: ` : ''}${message ?? String(error)}`,
        location,
      );
    }
  }
}
