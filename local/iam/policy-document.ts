import { AwsError, notImplemented } from '../aws-error.ts';
import { isConditionOperator } from './condition.ts';
import { asList, type PolicyDocument } from './policy.ts';

const STATEMENT_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextOrTexts = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((entry) => typeof entry === 'string'));

/**
 * Reads a policy as a template or an API call gives it: an object, or its JSON text. `where` names it in the error
 * (`AWS::SQS::QueuePolicy MyPolicy`). Throws MalformedPolicyDocument, or NotImplemented for what is not judged here: a
 * policy that would be misread is refused when it is set, not when it is used.
 */
export function readPolicyDocument(value: unknown, where: string): PolicyDocument {
  const document = typeof value === 'string' ? parseJson(value, where) : value;
  if (!isRecord(document)) throw malformed(where, 'it is not a JSON object');
  const statements = asList(document.Statement as unknown);
  if (statements.length === 0) throw malformed(where, 'it has no Statement');
  statements.forEach((statement, index) => {
    checkStatement(statement, `${where}, statement ${index + 1}`);
  });
  return document as unknown as PolicyDocument;
}

function checkStatement(statement: unknown, where: string): void {
  if (!isRecord(statement)) throw malformed(where, 'it is not a JSON object');
  for (const element of Object.keys(statement)) {
    if (!STATEMENT_ELEMENTS.has(element)) throw malformed(where, `unknown element ${element}`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw malformed(where, `Effect must be Allow or Deny, not ${JSON.stringify(statement.Effect)}`);
  }
  if (statement.NotPrincipal !== undefined) throw notImplemented(`NotPrincipal (${where})`);
  if ((statement.Action === undefined) === (statement.NotAction === undefined)) {
    throw malformed(where, 'it needs one of Action and NotAction');
  }
  if (statement.Resource !== undefined && statement.NotResource !== undefined) {
    throw malformed(where, 'it has both Resource and NotResource');
  }
  for (const element of ['Action', 'NotAction', 'Resource', 'NotResource'] as const) {
    if (statement[element] !== undefined && !isTextOrTexts(statement[element])) {
      throw malformed(where, `${element} must be a string or a list of strings`);
    }
  }
  checkPrincipal(statement.Principal, where);
  checkCondition(statement.Condition, where);
}

function checkPrincipal(principal: unknown, where: string): void {
  if (principal === undefined || principal === '*') return;
  if (!isRecord(principal)) throw malformed(where, 'Principal must be "*" or an object');
  for (const [kind, names] of Object.entries(principal)) {
    if (kind !== 'AWS' && kind !== 'Service') throw notImplemented(`Principal ${kind} (${where})`);
    if (!isTextOrTexts(names)) throw malformed(where, `Principal.${kind} must be a string or a list of strings`);
  }
}

function checkCondition(condition: unknown, where: string): void {
  if (condition === undefined) return;
  if (!isRecord(condition)) throw malformed(where, 'Condition must be an object');
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator)) throw malformed(where, `unknown condition operator ${operator}`);
    if (!isRecord(keys)) throw malformed(where, `Condition.${operator} must be an object`);
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(where, 'it is not JSON');
  }
}

const malformed = (where: string, what: string): AwsError =>
  new AwsError('MalformedPolicyDocument', `The policy of ${where} is not valid: ${what}.`);
