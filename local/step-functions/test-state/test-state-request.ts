import { AwsError } from '../../aws-error.ts';
import { optionalChoice, optionalInteger, optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { JsonObject } from '../../service.ts';
import type { Program, QueryLanguage, State } from '../asl.ts';
import { jsonFault } from '../definition/json-fault.ts';
import { type Issue, refusalMessage, validateDefinition } from '../definition/validate-definition.ts';
import { parseResource } from '../interpreter/resource.ts';
import { isObject } from '../language/jsonpath.ts';
import { checkMockResult } from './check-mock-result.ts';
import { findState, programsOf } from './find-state.ts';

export type InspectionLevel = 'INFO' | 'DEBUG' | 'TRACE';

/** What stands for the state's work. */
export type StateMock =
  | { readonly result: unknown }
  | { readonly errorOutput: { readonly error?: string; readonly cause?: string } };

/** One call of TestState, checked. https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
export interface TestStateRequest {
  /** The name under which the definition has the state; undefined where it is the definition. */
  readonly stateName: string | undefined;
  readonly state: State;
  readonly language: QueryLanguage;
  readonly roleArn: string | undefined;
  readonly inputText: string;
  readonly variables: JsonObject;
  readonly context: JsonObject | undefined;
  readonly mock: StateMock | undefined;
  readonly inspectionLevel: InspectionLevel;
  readonly retrierRetryCount: number;
  readonly mapIterationFailureCount: number | undefined;
  /** What the ItemReader would have read, as it stands at its source. */
  readonly mapItemReaderData: string | undefined;
}

const MEMBERS = [
  'definition',
  'roleArn',
  'input',
  'inspectionLevel',
  'revealSecrets',
  'variables',
  'stateName',
  'mock',
  'context',
  'stateConfiguration',
];

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** Throws InvalidDefinition, InvalidExecutionInput and ValidationException as TestState does. */
export function readTestStateRequest(input: JsonObject): TestStateRequest {
  takeOnly('TestState', input, MEMBERS);
  const stateName = optionalText(input, 'stateName');
  const found = readState(requiredText(input, 'definition'), stateName);
  const roleArn = optionalText(input, 'roleArn');
  const mocked = memberObject(input, 'mock');
  const configuration = memberObject(input, 'stateConfiguration') ?? {};
  takeOnly('TestState with stateConfiguration', configuration, [
    'retrierRetryCount',
    'errorCausedByState',
    'mapIterationFailureCount',
    'mapItemReaderData',
  ]);
  refuseUntestable(found.state, mocked !== undefined, roleArn !== undefined);
  if (mocked && input.revealSecrets === true)
    throw invalid('TestState does not support RevealSecrets when a mock is specified.');
  if (!mocked && input.context !== undefined)
    throw invalid('TestState supports Context only when a mock is specified.');
  const mock = mocked && readMock(mocked, found.state);
  const least = { least: 0, most: 2 ** 31 - 1 };
  refuseUnknownCause(found.state, optionalText(configuration, 'errorCausedByState'), mock);
  return {
    stateName,
    ...found,
    roleArn,
    inputText: readInput(input),
    variables: jsonObject(input, 'variables') ?? {},
    context: jsonObject(input, 'context'),
    mock,
    inspectionLevel: optionalChoice(input, 'inspectionLevel', ['INFO', 'DEBUG', 'TRACE'] as const, 'INFO'),
    retrierRetryCount: optionalInteger(configuration, 'retrierRetryCount', least) ?? 0,
    mapIterationFailureCount: optionalInteger(configuration, 'mapIterationFailureCount', least),
    mapItemReaderData: optionalText(configuration, 'mapItemReaderData'),
  };
}

/** What a definition of one state is put into, to be checked as part of a machine. */
const ALONE = 'StateName';

function readState(text: string, stateName: string | undefined): Pick<TestStateRequest, 'state' | 'language'> {
  if (stateName !== undefined) {
    const definition = checked(text, (issues) => issues);
    const found = findState(definition as unknown as Program, stateName);
    if (!found) throw invalid('State not found in definition');
    return found;
  }
  const fault = jsonFault(text);
  if (fault) {
    const message = `INVALID_JSON_DESCRIPTION: ${fault.message} at /`;
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${message}'`);
  }
  const state: unknown = JSON.parse(text);
  const machine = checked(JSON.stringify({ StartAt: ALONE, States: { [ALONE]: state } }), (issues) =>
    issues
      // The states that it goes to are not there.
      .filter(({ code }) => code !== 'MISSING_TRANSITION_TARGET')
      .map((issue) => ({ ...issue, location: issue.location.replace(`/States/${ALONE}`, '') || '/' })),
  );
  return { state: (machine.States as Record<string, State>)[ALONE]!, language: 'JSONPath' };
}

function checked(text: string, which: (issues: readonly Issue[]) => readonly Issue[]): Record<string, unknown> {
  const { issues, definition } = validateDefinition(text, 'STANDARD');
  const refusal = refusalMessage(which(issues));
  if (refusal !== undefined) throw new AwsError('InvalidDefinition', refusal);
  return definition!;
}

function refuseUntestable(state: State, mocked: boolean, hasRole: boolean): void {
  const { Type: type } = state;
  if (mocked) {
    if (type !== 'Task' && type !== 'Map' && type !== 'Parallel')
      throw invalid(`State type '${type}' is not supported when a mock is specified`);
    return;
  }
  if (type === 'Map' || type === 'Parallel') {
    throw new AwsError(
      'InvalidDefinition',
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  }
  if (type !== 'Task') return;
  if (!hasRole) throw invalid('RoleArn must be specified when testing a Task state');
  const resource = parseResource(state.Resource!);
  if (resource?.kind === 'Activity' || (resource?.kind === 'Task' && resource.pattern !== 'request-response')) {
    throw new AwsError(
      'InvalidDefinition',
      'TestState supports Activity tasks and the .sync and .waitForTaskToken service integration patterns only when a mock is specified.',
    );
  }
}

function readMock(mock: JsonObject, state: State): StateMock {
  takeOnly('TestState with mock', mock, ['result', 'errorOutput', 'fieldValidationMode']);
  const mode = optionalChoice(mock, 'fieldValidationMode', ['STRICT', 'PRESENT', 'NONE'] as const, 'STRICT');
  if (mock.result !== undefined && mock.errorOutput !== undefined)
    throw invalid('A test mock should have only one of the following fields: [result, errorOutput].');
  const errorOutput = memberObject(mock, 'errorOutput');
  if (errorOutput) {
    takeOnly('TestState with mock.errorOutput', errorOutput, ['error', 'cause']);
    const [error, cause] = [optionalText(errorOutput, 'error'), optionalText(errorOutput, 'cause')];
    return { errorOutput: { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) } };
  }
  const text = mock.result;
  if (typeof text !== 'string')
    throw invalid('A test mock should have one of the following fields: [result, errorOutput].');
  if (jsonFault(text)) throw invalid('Mocked result must be valid JSON');
  const result: unknown = JSON.parse(text);
  checkMockResult(state, result, mode);
  return { result };
}

function refuseUnknownCause(state: State, name: string | undefined, mock: StateMock | undefined): void {
  if (name === undefined) return;
  if ((state.Type !== 'Map' && state.Type !== 'Parallel') || !mock || !('errorOutput' in mock))
    throw invalid('errorCausedByState needs a mocked error of a Map or Parallel state.');
  if (!programsOf(state).some((program) => findState(program, name)))
    throw invalid(`errorCausedByState: the ${state.Type} state has no state '${name}'.`);
}

function readInput(input: JsonObject): string {
  const text = input.input === undefined ? '{}' : requiredText(input, 'input');
  const fault = jsonFault(text);
  if (fault) throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${fault.message}'`);
  return text;
}

function memberObject(input: JsonObject, name: string): JsonObject | undefined {
  const { [name]: value } = input;
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalid(`${name} must be an object`);
  return value;
}

function jsonObject(input: JsonObject, name: string): JsonObject | undefined {
  const text = optionalText(input, name);
  if (text === undefined) return undefined;
  const fault = jsonFault(text);
  if (fault) throw invalid(`${name} must be valid JSON: ${fault.message}`);
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw invalid(`${name} must be a JSON object`);
  return value;
}
