import type { QueryLanguage, StateType } from '../asl.ts';
import { parseResource } from '../interpreter/resource.ts';
import { isExpression } from '../language/jsonata.ts';
import { isObject } from '../language/jsonpath.ts';
import { parseTimestamp } from '../language/timestamp.ts';
import { checkChoices } from './check-choices.ts';
import { checkErrorHandlers } from './check-error-handlers.ts';
import { labelFault } from './check-label.ts';
import { checkMapRun } from './check-map-run.ts';
import { checkExpressions, checkTemplate, isJsonPath, isReferencePath } from './check-values.ts';
import { checkAssign } from './check-variables.ts';
import { JSONATA_FIELDS, JSONPATH_FIELDS, OPTIMISED, SHARED_FIELDS } from './fields.ts';
import type { Issues } from './issue.ts';

export interface Target {
  readonly target: string;
  readonly at: string;
}

export interface StateCheck {
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly issues: Issues;
  /** State names seen so far: unique within the machine. */
  readonly names: Set<string>;
  readonly checkProgram: (
    program: Record<string, unknown>,
    location: string,
    language: QueryLanguage,
    check: StateCheck,
  ) => void;
}

/** Checks one state; returns where it can go. */
export function checkState(
  state: Record<string, unknown>,
  place: string,
  inherited: QueryLanguage,
  check: StateCheck,
): Target[] {
  const { issues } = check;
  const type = state.Type as StateType;
  if (type === undefined) {
    issues.schema('These fields are required: [Type]', place);
    return [];
  }
  // A list of one text is the text to hasOwn.
  if (typeof type !== 'string' || !Object.hasOwn(SHARED_FIELDS, type)) {
    issues.schema(`Value is not valid. Must be one of '${Object.keys(SHARED_FIELDS).join("', '")}'`, `${place}/Type`);
    return [];
  }
  const language = state.QueryLanguage ?? inherited;
  if (language !== 'JSONata' && language !== 'JSONPath') {
    issues.schema("Value is not valid. Must be one of 'JSONPath', 'JSONata'", `${place}/QueryLanguage`);
    return [];
  }
  if (inherited === 'JSONata' && language === 'JSONPath') {
    issues.schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", place);
  }
  checkFields(state, type, language, place, issues);
  checkTogether(state, place, issues);
  const targets = checkTransition(state, type, place, issues);
  if (type === 'Task') checkTask(state, place, check);
  if (type === 'Wait') checkWait(state, language, place, issues);
  if (type === 'Choice') targets.push(...checkChoices(state, language, place, issues));
  if (type === 'Parallel') checkBranches(state, place, inherited, check);
  if (type === 'Map') checkMap(state, place, inherited, check);
  targets.push(...checkErrorHandlers(state, language, place, issues));
  return targets;
}

function checkFields(
  state: Record<string, unknown>,
  type: StateType,
  language: QueryLanguage,
  place: string,
  issues: Issues,
): void {
  const own = language === 'JSONata' ? JSONATA_FIELDS[type] : JSONPATH_FIELDS[type];
  const others = language === 'JSONata' ? JSONPATH_FIELDS[type] : JSONATA_FIELDS[type];
  for (const [name, value] of Object.entries(state)) {
    if (SHARED_FIELDS[type].includes(name) || own.includes(name)) {
      checkField(name, value, language, `${place}/${name}`, place, issues);
    } else if (others.includes(name)) {
      issues.schema(`The field '${name}' is not supported by the query language ${language}`, place);
    } else issues.schema(`Field '${name}' is not supported`, place);
  }
}

const TEMPLATES = new Set(['Parameters', 'ResultSelector', 'ItemSelector', 'Credentials']);
const PATHS = new Set([
  'InputPath',
  'OutputPath',
  'ItemsPath',
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'MaxConcurrencyPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
]);
const NULLABLE = new Set(['InputPath', 'OutputPath', 'ResultPath']);
const EXPRESSIONS = new Set([
  'Arguments',
  'Output',
  'Items',
  'ItemSelector',
  'Credentials',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Seconds',
  'Timestamp',
  'Error',
  'Cause',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
]);
const TEXTS = new Set(['Error', 'Cause', 'ErrorPath', 'CausePath', 'Comment']);
const NUMBERS = new Set([
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Seconds',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
]);
/** Seconds, concurrency and counts. */
const LARGEST_NUMBER = 99_999_999;

function checkField(
  name: string,
  value: unknown,
  language: QueryLanguage,
  at: string,
  place: string,
  issues: Issues,
): void {
  if (name === 'Assign') {
    checkAssign(value, language, at, issues);
    return;
  }
  if (language === 'JSONata') {
    if (EXPRESSIONS.has(name)) checkExpressions(value, at, issues);
  } else {
    if (TEMPLATES.has(name)) checkTemplate(value, at, issues);
    const path = PATHS.has(name) || name === 'ResultPath';
    if (path && !(value === null && NULLABLE.has(name))) {
      const valid = typeof value === 'string' && (name === 'ResultPath' ? isReferencePath(value) : isJsonPath(value));
      if (!valid) issues.schema(`Value is not a ${name === 'ResultPath' ? 'Reference Path' : 'JSONPath'}`, at);
    }
    if ((name === 'ErrorPath' || name === 'CausePath') && typeof value === 'string') {
      const probe = { [`${name}.$`]: value };
      checkTemplate(probe, place, issues);
    }
  }
  if (TEXTS.has(name) && typeof value !== 'string') issues.schema('Expected value of type String', at);
  if (NUMBERS.has(name) && !(language === 'JSONata' && isExpression(value))) {
    const least = name === 'TimeoutSeconds' || name === 'HeartbeatSeconds' ? 1 : 0;
    const whole = name === 'ToleratedFailurePercentage' || Number.isInteger(value);
    if (typeof value !== 'number' || !whole || value < least || value > LARGEST_NUMBER)
      issues.schema(`Value is not an integer from ${least} to ${LARGEST_NUMBER}`, at);
  }
}

/** Of each pair a state may have one. */
const EITHER_OR = [
  ['Error', 'ErrorPath'],
  ['Cause', 'CausePath'],
  ['TimeoutSeconds', 'TimeoutSecondsPath'],
  ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
  ['MaxConcurrency', 'MaxConcurrencyPath'],
  ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
  ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
] as const;

function checkTogether(state: Record<string, unknown>, place: string, issues: Issues): void {
  for (const [one, other] of EITHER_OR) {
    if (state[one] !== undefined && state[other] !== undefined) {
      issues.schema(`Only one of '${one}' and '${other}' may be set`, place);
    }
  }
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    issues.schema("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", place);
  }
}

function checkTransition(state: Record<string, unknown>, type: StateType, place: string, issues: Issues): Target[] {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return [];
  const { Next: next, End: end } = state;
  if (next === undefined && end !== true) issues.schema("These fields are required: [Next] or 'End': true", place);
  if (next !== undefined && end === true) issues.schema("Only one of 'Next' and 'End' may be set", place);
  if (next === undefined) return [];
  if (typeof next !== 'string') {
    issues.schema('Expected value of type String', `${place}/Next`);
    return [];
  }
  return [{ target: next, at: `${place}/Next` }];
}

function checkTask(state: Record<string, unknown>, place: string, { type, issues }: StateCheck): void {
  const { Resource: resource, Credentials: credentials } = state;
  if (typeof resource !== 'string') {
    issues.schema('These fields are required: [Resource]', place);
    return;
  }
  const unknown = () =>
    issues.schema(
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
      `${place}/Resource`,
    );
  if (credentials !== undefined) {
    const role = isObject(credentials) ? (credentials.RoleArn ?? credentials['RoleArn.$']) : undefined;
    if (role === undefined) issues.schema("The field 'RoleArn' is required but was missing", `${place}/Credentials`);
  }
  const parsed = parseResource(resource);
  if (!parsed) {
    unknown();
    return;
  }
  if (parsed.kind === 'Activity' && type === 'EXPRESS') {
    issues.schema('Express state machine does not support Activity ARN', `${place}/Resource`);
    return;
  }
  if (parsed.kind !== 'Task') return;
  if (type === 'EXPRESS' && parsed.pattern === 'waitForTaskToken') {
    // The two spaces are AWS's.
    issues.schema(
      "Express state machine does not support '.waitForTaskToken' service integration ",
      `${place}/Resource`,
    );
    return;
  }
  if (type === 'EXPRESS' && parsed.pattern !== 'request-response') {
    issues.schema("Express state machine does not support '.sync' service integration", `${place}/Resource`);
    return;
  }
  if (parsed.resourceType.startsWith('aws-sdk:')) {
    if (parsed.pattern === 'sync' || parsed.pattern === 'sync:2') unknown();
    return;
  }
  const patterns = OPTIMISED[parsed.resourceType]?.[parsed.action];
  if (!patterns || (parsed.pattern !== 'request-response' && !patterns.includes(parsed.pattern))) unknown();
}

function checkWait(state: Record<string, unknown>, language: QueryLanguage, place: string, issues: Issues): void {
  const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((name) => state[name] !== undefined);
  if (given.length !== 1)
    issues.schema("Exactly one of 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath' must be set", place);
  const { Timestamp: timestamp } = state;
  if (timestamp === undefined || (language === 'JSONata' && isExpression(timestamp))) return;
  if (typeof timestamp !== 'string' || parseTimestamp(timestamp) === undefined) {
    issues.schema('String does not match RFC3339 timestamp', `${place}/Timestamp`);
  }
}

function checkBranches(
  state: Record<string, unknown>,
  place: string,
  language: QueryLanguage,
  check: StateCheck,
): void {
  const { Branches: branches } = state;
  if (!Array.isArray(branches) || branches.length === 0) {
    check.issues.schema('These fields are required: [Branches]', place);
    return;
  }
  branches.forEach((branch: unknown, index) => {
    const at = `${place}/Branches[${index}]`;
    if (isObject(branch)) check.checkProgram(branch, at, language, check);
    else check.issues.schema('Expected value of type Object', at);
  });
}

function checkMap(state: Record<string, unknown>, place: string, language: QueryLanguage, check: StateCheck): void {
  const name = state.ItemProcessor !== undefined ? 'ItemProcessor' : 'Iterator';
  const processor = state[name];
  if (!isObject(processor)) {
    check.issues.schema('These fields are required: [ItemProcessor]', place);
    return;
  }
  const mode = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig.Mode : undefined;
  if (mode !== undefined && mode !== 'INLINE' && mode !== 'DISTRIBUTED') {
    check.issues.schema(
      "Value is not valid. Must be one of 'INLINE', 'DISTRIBUTED'",
      `${place}/${name}/ProcessorConfig/Mode`,
    );
  }
  if (mode !== 'DISTRIBUTED') {
    for (const field of ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label']) {
      if (state[field] !== undefined)
        check.issues.schema(`Field '${field}' is not supported by Map states in INLINE mode`, place);
    }
  }
  if (mode === 'DISTRIBUTED')
    checkMapRun(state, (state.QueryLanguage as QueryLanguage | undefined) ?? language, place, check.issues);
  const fault = state.Label === undefined ? undefined : labelFault(state.Label, check.issues.text);
  if (fault !== undefined) check.issues.label(fault, `${place}/Label`);
  if (state.Parameters !== undefined && state.ItemSelector !== undefined) {
    check.issues.schema("Only one of 'Parameters' and 'ItemSelector' may be set", place);
  }
  check.checkProgram(processor, `${place}/${name}`, language, check);
}
