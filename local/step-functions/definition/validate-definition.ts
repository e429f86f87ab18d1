import type { QueryLanguage } from '../asl.ts';
import { isObject } from '../language/jsonpath.ts';
import { checkState, type StateCheck } from './check-state.ts';
import { type Issue, Issues } from './issue.ts';
import { jsonFault } from './json-fault.ts';

export { type Issue, refusalMessage } from './issue.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const LONGEST_DEFINITION_BYTES = 1_048_576;
/** Deeper nesting than any definition has, shallower than what would exhaust the stack of those who read it. */
const DEEPEST_DEFINITION = 200;

export interface DefinitionCheck {
  readonly issues: readonly Issue[];
  /** The definition, when it is at least JSON. */
  readonly definition?: Record<string, unknown>;
}

/** Checks a definition's text as CreateStateMachine does. Never throws. */
export function validateDefinition(text: string, type: 'STANDARD' | 'EXPRESS'): DefinitionCheck {
  const issues = new Issues(text);
  const refuse = (code: string, message: string, location = '/'): DefinitionCheck => ({
    issues: [{ severity: 'ERROR', code, message, location }],
  });
  if (Buffer.byteLength(text) > LONGEST_DEFINITION_BYTES)
    return refuse('INVALID_JSON_DESCRIPTION', 'The definition is longer than 1 MB');
  if (text.trim() === '') return refuse('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', '');
  const fault = jsonFault(text);
  if (fault) {
    const place = `[Source: (String)"${shortened(text)}; line: ${fault.line}, column: ${fault.column}]`;
    return refuse('INVALID_JSON_DESCRIPTION', `${fault.message}\n at ${place}`, place);
  }
  const definition: unknown = JSON.parse(text);
  if (!isObject(definition)) return refuse('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object', '');
  if (depthOf(definition) > DEEPEST_DEFINITION)
    return refuse('INVALID_JSON_DESCRIPTION', 'The definition is nested too deep');
  const language = definition.QueryLanguage ?? 'JSONPath';
  if (language !== 'JSONPath' && language !== 'JSONata') {
    issues.schema("Value is not valid. Must be one of 'JSONPath', 'JSONata'", '/QueryLanguage');
    return { issues: issues.all, definition };
  }
  if (definition.TimeoutSeconds !== undefined && !isPositiveInteger(definition.TimeoutSeconds)) {
    issues.schema('Value is not a positive integer', '/TimeoutSeconds');
  }
  for (const name of Object.keys(definition)) {
    if (!TOP_LEVEL.has(name)) issues.schema(`Field '${name}' is not supported`, '/');
  }
  checkProgram(definition, '', language, { type, issues, names: new Set(), checkProgram });
  return { issues: issues.all, definition };
}

/** AWS's parser shows the first 500 characters of what it read. */
const shortened = (text: string): string =>
  text.length > 500 ? `${text.slice(0, 500)}"[truncated ${text.length - 500} chars]` : `${text}"`;

const TOP_LEVEL = new Set(['Comment', 'Version', 'TimeoutSeconds', 'QueryLanguage', 'StartAt', 'States']);

export const isPositiveInteger = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;

function depthOf(value: unknown, depth = 0): number {
  if (depth > DEEPEST_DEFINITION || typeof value !== 'object' || value === null) return depth;
  return Object.values(value).reduce<number>((deepest, item) => Math.max(deepest, depthOf(item, depth + 1)), depth);
}

/** StartAt and States, of the machine itself, a branch or an item processor. */
function checkProgram(
  program: Record<string, unknown>,
  location: string,
  language: QueryLanguage,
  check: StateCheck,
): void {
  const { issues } = check;
  const missing = ['States', 'StartAt'].filter((name) => program[name] === undefined);
  if (missing.length > 0) {
    issues.schema(`These fields are required: [${missing.join(', ')}]`, location);
    return;
  }
  const { StartAt: start, States: states } = program;
  if (typeof start !== 'string') {
    issues.schema('Expected value of type String', `${location}/StartAt`);
    return;
  }
  if (!isObject(states)) {
    issues.schema('Expected value of type Object', `${location}/States`);
    return;
  }
  if (Object.keys(states).length === 0) {
    issues.schema('At least one state is required', `${location}/States`);
    return;
  }
  if (!Object.hasOwn(states, start)) issues.missingTarget(`Missing 'Next' target: ${start}`, `${location}/StartAt`);
  const reached = new Set([start]);
  for (const [name, state] of Object.entries(states)) {
    const place = `${location}/States/${name}`;
    if (name.length > 80) issues.schema('State name exceeds the limit of 80 characters', place);
    if (check.names.has(name)) issues.schema(`Duplicate state name: ${name}`, place);
    check.names.add(name);
    if (!isObject(state)) {
      issues.schema('Expected value of type Object', place);
      continue;
    }
    for (const { target, at } of checkState(state, place, language, check)) {
      reached.add(target);
      if (!Object.hasOwn(states, target)) issues.missingTarget(`Missing 'Next' target: ${target}`, at);
    }
  }
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) issues.missingTarget(`State "${name}" is not reachable.`, `${location}/States/${name}`);
  }
}
