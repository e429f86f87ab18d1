import type { QueryLanguage } from '../asl.ts';
import { isObject } from '../language/jsonpath.ts';
import { checkExpressions, checkTemplate } from './check-values.ts';
import type { Issues } from './issue.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
const LONGEST_NAME = 80;
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/** An Assign, of a state, a catcher or a choice rule: names that variables can have, and values in the state's language. */
export function checkAssign(assign: unknown, language: QueryLanguage, at: string, issues: Issues): void {
  if (assign === undefined) return;
  if (!isObject(assign)) {
    issues.schema('Expected value of type Object', at);
    return;
  }
  for (const key of Object.keys(assign)) {
    const name = language === 'JSONPath' ? key.replace(/\.\$$/, '') : key;
    if (name === 'states') issues.schema("The variable name 'states' is reserved", at);
    else if (!NAME.test(name)) issues.schema(`The variable name '${name}' is not valid`, at);
    else if (name.length > LONGEST_NAME) {
      issues.schema(`The variable name '${name}' exceeds the limit of ${LONGEST_NAME} characters`, at);
    }
  }
  if (language === 'JSONPath') checkTemplate(assign, at, issues);
  else checkExpressions(assign, at, issues);
}
