import { describe, expect, it } from 'vitest';
import { refusalMessage, validateDefinition } from './validate-definition.ts';

type Json = Record<string, unknown>;
const end = { Type: 'Succeed' };
const machine = (state: Json, more: Json = {}, others: Json = {}): string =>
  JSON.stringify({ StartAt: 'S', States: { S: state, ...others }, ...more });
const refusal = (text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  refusalMessage(validateDefinition(text, type).issues);
const refused = (message: string) => `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${message}'`;

const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:111111111111:function:f', End: true };
const jsonata = { QueryLanguage: 'JSONata' };

describe('a definition is taken', () => {
  it.each<[string, string]>([
    ['of a state in JSONata inside a machine in JSONPath', machine({ ...pass, ...jsonata, Output: '{% 1 %}' })],
    ['with a timeout of one second', machine(pass, { TimeoutSeconds: 1, Comment: 'c', Version: '1.0' })],
    ['with paths in brackets after a dot', machine({ ...pass, InputPath: "$.a.['b c']" })],
    [
      'with intrinsic functions inside others',
      machine({ ...pass, Parameters: { 'a.$': "States.Format('{}', States.Array($.a))" } }),
    ],
    [
      'with all limits of a retrier reached',
      machine({
        ...task,
        Retry: [
          {
            ErrorEquals: ['E'],
            IntervalSeconds: 99_999_999,
            MaxAttempts: 99_999_999,
            MaxDelaySeconds: 31_622_400,
            BackoffRate: 1,
          },
        ],
      }),
    ],
    ['that never retries', machine({ ...task, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }] })],
    ['with a heartbeat below the timeout', machine({ ...task, TimeoutSeconds: 10, HeartbeatSeconds: 9 })],
    ['with variables in any script', machine({ ...pass, Assign: { größe: 1, 'name.$': '$.n', _x1: 2 } })],
    ['with a name of 80 characters', machine(end, { StartAt: 'n'.repeat(80), States: { ['n'.repeat(80)]: end } })],
    ['of a Fail without anything', machine({ Type: 'Fail' })],
    ['of a Fail whose error is made by a function', machine({ Type: 'Fail', ErrorPath: "States.Format('{}', $.a)" })],
  ])('%s', (_, text) => {
    expect(refusal(text)).toBeUndefined();
  });
});

describe('a definition is refused', () => {
  it.each<[string, string, string]>([
    ['without states', '{}', 'These fields are required: [States, StartAt] at /'],
    ['with a state of no type', machine({ End: true }), 'These fields are required: [Type] at /States/S'],
    [
      'with a field of the other language',
      machine({ ...task, Arguments: {} }),
      "The field 'Arguments' is not supported by the query language JSONPath at /States/S",
    ],
    [
      'with a field of JSONPath in JSONata',
      machine({ ...task, Parameters: {} }, jsonata),
      "The field 'Parameters' is not supported by the query language JSONata at /States/S",
    ],
    [
      'in JSONPath inside JSONata',
      machine({ ...pass, QueryLanguage: 'JSONPath' }, jsonata),
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S",
    ],
    [
      'with a template that holds no path',
      machine({ ...pass, Parameters: { 'a.$': 'b' } }),
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
    ],
    [
      'with an intrinsic function nobody knows',
      machine({ ...pass, Parameters: { 'a.$': 'States.Sum(1)' } }),
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
    ],
    [
      'with intrinsic functions eleven deep',
      machine({ ...pass, Parameters: { 'a.$': `${'States.Array('.repeat(11)}1${')'.repeat(11)}` } }),
      "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
    ],
    [
      'with a filter whose regular expression is none',
      machine({ ...pass, InputPath: '$[?(@ =~ /[/)]' }),
      'Value is not a JSONPath at /States/S/InputPath',
    ],
    [
      'with a timestamp of no day',
      machine({ Type: 'Wait', Timestamp: '2023-02-30T00:00:00Z', End: true }),
      'String does not match RFC3339 timestamp at /States/S/Timestamp',
    ],
    [
      'that waits longer than AWS does',
      machine({ Type: 'Wait', Seconds: 100_000_000, End: true }),
      'Value is not an integer from 0 to 99999999 at /States/S/Seconds',
    ],
    [
      'with two ways to say the error',
      machine({ Type: 'Fail', Error: 'E', ErrorPath: '$.e' }),
      "Only one of 'Error' and 'ErrorPath' may be set at /States/S",
    ],
    [
      'with two ways to say the timeout',
      machine({ ...task, TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' }),
      "Only one of 'TimeoutSeconds' and 'TimeoutSecondsPath' may be set at /States/S",
    ],
    [
      'with a heartbeat as long as the timeout',
      machine({ ...task, TimeoutSeconds: 10, HeartbeatSeconds: 10 }),
      "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds' at /States/S",
    ],
    [
      'with States.ALL beside other errors',
      machine({ ...task, Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] }),
      "'States.ALL' must appear alone, and in the last item at /States/S/Retry[0]/ErrorEquals",
    ],
    [
      'with States.ALL before other retriers',
      machine({ ...task, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }),
      "'States.ALL' must appear alone, and in the last item at /States/S/Retry[0]/ErrorEquals",
    ],
    [
      'with a jitter nobody knows',
      machine({ ...task, Retry: [{ ErrorEquals: ['E'], JitterStrategy: 'HALF' }] }),
      "Value is not valid. Must be one of 'FULL', 'NONE' at /States/S/Retry[0]/JitterStrategy",
    ],
    [
      'with a longer delay than AWS allows',
      machine({ ...task, Retry: [{ ErrorEquals: ['E'], MaxDelaySeconds: 31_622_401 }] }),
      'Value is not an integer from 1 to 31622400 at /States/S/Retry[0]/MaxDelaySeconds',
    ],
    [
      'that backs off by less than one',
      machine({ ...task, Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.9 }] }),
      'Value is not a number of at least 1 at /States/S/Retry[0]/BackoffRate',
    ],
    [
      'that assigns the reserved variable',
      machine({ ...pass, Assign: { states: 1 } }),
      "The variable name 'states' is reserved at /States/S/Assign",
    ],
    [
      'that assigns to no name',
      machine({ ...pass, Assign: { 'a-b': 1 } }),
      "The variable name 'a-b' is not valid at /States/S/Assign",
    ],
    [
      'that assigns to a name too long',
      machine({ ...pass, Assign: { ['v'.repeat(81)]: 1 } }),
      `The variable name '${'v'.repeat(81)}' exceeds the limit of 80 characters at /States/S/Assign`,
    ],
    [
      'that assigns no object in a catcher',
      machine({ ...task, Catch: [{ ErrorEquals: ['E'], Next: 'T', Assign: [] }] }, {}, { T: end }),
      'Expected value of type Object at /States/S/Catch[0]/Assign',
    ],
    [
      'with a rule of two comparisons',
      machine(
        { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, IsString: true, Next: 'T' }] },
        {},
        { T: end },
      ),
      'must be set at /States/S/Choices[0]',
    ],
    [
      'with a rule whose operand has another type',
      machine({ Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: '1', Next: 'T' }] }, {}, { T: end }),
      'The value of NumericEquals has the wrong type at /States/S/Choices[0]/NumericEquals',
    ],
    [
      'with a Next inside an inner rule',
      machine(
        { Type: 'Choice', Choices: [{ Not: { Variable: '$', IsNull: true, Next: 'T' }, Next: 'T' }] },
        {},
        { T: end },
      ),
      "Field 'Next' is not supported in a nested rule at /States/S/Choices[0]/Not",
    ],
    [
      'with a condition that is no expression',
      machine({ Type: 'Choice', Choices: [{ Condition: 'true', Next: 'T' }] }, jsonata, { T: end }),
      'The value of Condition must be a boolean or a JSONata expression at /States/S/Choices[0]/Condition',
    ],
    [
      'with JSONata that does not parse',
      machine({ ...pass, Output: '{% 1 + %}' }, jsonata),
      'The JSONata expression is invalid: S0207',
    ],
    [
      'with the same state name in a branch',
      machine({ Type: 'Parallel', End: true, Branches: [{ StartAt: 'S', States: { S: end } }] }),
      'Duplicate state name: S at /States/S/Branches[0]/States/S',
    ],
    [
      'with a name of 81 characters',
      JSON.stringify({ StartAt: 'n'.repeat(81), States: { ['n'.repeat(81)]: end } }),
      'State name exceeds the limit of 80 characters',
    ],
    [
      'with credentials of no role',
      machine({ ...task, Credentials: {} }),
      "The field 'RoleArn' is required but was missing at /States/S/Credentials",
    ],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toContain('Invalid State Machine Definition:');
    expect(refusal(text)).toContain(message);
  });

  it('with every fault told at once', () => {
    expect(refusal(machine({ ...task, Next: 'Nowhere', End: undefined }, { Extra: 1 }))).toBe(
      `${refused("Field 'Extra' is not supported at /").slice(0, -1)}, MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/S/Next'`,
    );
  });

  it('when a state can never be reached', () => {
    expect(refusal(machine(pass, {}, { T: end }))).toContain('State "T" is not reachable. at /States/T');
  });

  it.each([
    ['arn:aws:states:::lambda:invoke.waitForTaskToken', "'.waitForTaskToken' service integration"],
    ['arn:aws:states:::states:startExecution.sync', "'.sync' service integration"],
    ['arn:aws:states:us-east-1:111111111111:activity:a', 'Activity ARN'],
  ])('of an Express machine that asks for %s, which a Standard one may', (resource, message) => {
    expect(refusal(machine({ ...task, Resource: resource }))).toBeUndefined();
    expect(refusal(machine({ ...task, Resource: resource }), 'EXPRESS')).toContain(message);
  });
});
