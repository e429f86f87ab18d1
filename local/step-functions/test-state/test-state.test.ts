import { ListStateMachinesCommand, SFNClient, TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../../server/test-runtime.ts';
import type { JsonObject } from '../../service.ts';

type Definition = Readonly<Record<string, unknown>>;
type Request = Omit<TestStateCommandInput, 'definition' | 'input'> & { readonly input?: unknown };

let runtime: TestRuntime;
let client: SFNClient;

beforeAll(async () => {
  runtime = await startTestRuntime();
  // The SDK would ask sync-127.0.0.1, which is no host.
  client = new SFNClient({ ...runtime.client(DEV), disableHostPrefix: true });
});
afterAll(() => runtime.dispose());

async function tested(definition: Definition, { input, ...request }: Request = {}) {
  const { $metadata: _, ...answer } = await client.send(
    new TestStateCommand({
      definition: JSON.stringify(definition),
      ...(input !== undefined && { input: JSON.stringify(input) }),
      ...request,
    }),
  );
  return { ...answer, ...(answer.output !== undefined && { output: JSON.parse(answer.output) }) };
}

async function role(name: string, action: string): Promise<string> {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: ['states.amazonaws.com', 'lambda.amazonaws.com'] },
    Action: 'sts:AssumeRole',
  };
  const policy: JsonObject = { Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
  const { attributes } = await runtime.put(
    DEV,
    'AWS::IAM::Role',
    {
      RoleName: name,
      AssumeRolePolicyDocument: { Statement: [trust] },
      Policies: [{ PolicyName: 'p', PolicyDocument: policy }],
    },
    `Role${name}`,
  );
  return attributes.Arn as string;
}

const task = (more: Definition = {}): Definition => ({
  Type: 'Task',
  QueryLanguage: 'JSONata',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'adder', Payload: '{% $states.input %}' },
  Next: 'After',
  ...more,
});
const failing = (error: string) => ({ errorOutput: { error, cause: 'because' } });

describe('a Task without a mock', () => {
  test('is really done, with the role that was given', async () => {
    const [may, mayNot] = [await role('may', 'lambda:InvokeFunction'), await role('may-not', 'sqs:SendMessage')];
    const code = { 'index.mjs': strToU8('export const handler = async ({ a, b }) => ({ sum: a + b });') };
    await runtime.put(
      DEV,
      'AWS::Lambda::Function',
      {
        FunctionName: 'adder',
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: may,
        Code: { S3Bucket: 'deployment', S3Key: 'code.zip' },
      },
      'Adder',
      { 'code.zip': zipSync(code) },
    );
    const definition = task({ Output: '{% $states.result.Payload.sum %}' });
    const input = { a: 1, b: 2 };
    expect(await tested(definition, { input, roleArn: may })).toEqual({
      output: 3,
      nextState: 'After',
      status: 'SUCCEEDED',
    });
    const denied = await tested(definition, { input, roleArn: mayNot });
    expect(denied).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('is not authorized to perform') });
  });

  test('fails as an execution would where the role does not exist', async () => {
    const answer = await tested(task(), { roleArn: `arn:aws:iam::${DEV}:role/nobody`, input: {} });
    expect(answer.status).toBe('FAILED');
    expect(answer.error).toBeDefined();
  });

  test.each([
    { case: 'without a role', definition: task(), code: 'ValidationException', says: 'RoleArn must be specified' },
    {
      case: 'with a token',
      definition: task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
      roleArn: `arn:aws:iam::${DEV}:role/any`,
      code: 'InvalidDefinition',
      says: 'only when a mock is specified',
    },
  ])('is refused $case', async ({ definition, code, says, ...request }) => {
    await expect(tested(definition, request)).rejects.toMatchObject({
      name: code,
      message: expect.stringContaining(says),
    });
  });

  test('is refused by name where its service is not here', async () => {
    const definition = task({ Resource: 'arn:aws:states:::apigateway:invoke' });
    await expect(tested(definition, { roleArn: `arn:aws:iam::${DEV}:role/any` })).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('apigateway:invoke'),
    });
  });
});

describe('a mocked error', () => {
  const handlers = {
    Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'Rescue' }],
  };

  test('is retriable while its retrier has attempts left, after the time that the next one waits', async () => {
    const answer = await tested(task(handlers), {
      mock: failing('Busy'),
      stateConfiguration: { retrierRetryCount: 1 },
      inspectionLevel: 'DEBUG',
    });
    expect(answer).toMatchObject({ status: 'RETRIABLE', error: 'Busy', cause: 'because' });
    expect(answer.inspectionData?.errorDetails).toEqual({ retryIndex: 0, retryBackoffIntervalSeconds: 6 });
    expect(answer).not.toHaveProperty('nextState');
  });

  test('is caught once the retrier is exhausted', async () => {
    const answer = await tested(task(handlers), {
      mock: failing('Busy'),
      stateConfiguration: { retrierRetryCount: 2 },
      inspectionLevel: 'DEBUG',
    });
    expect(answer).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'Rescue', output: 'Busy' });
    expect(answer.inspectionData?.errorDetails).toEqual({ retryIndex: 0, catchIndex: 0 });
  });

  test('fails a state that does not handle it', async () => {
    expect(await tested(task(), { mock: failing('Busy') })).toEqual({
      status: 'FAILED',
      error: 'Busy',
      cause: 'because',
    });
  });
});

describe('inspection', () => {
  const jsonpath = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    InputPath: '$.inner',
    Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token', 'x.$': '$.x' } },
    ResultSelector: { 'y.$': '$.y' },
    ResultPath: '$.made',
    OutputPath: '$.made.y',
    End: true,
  };

  test('shows each step from the input to the output', async () => {
    const answer = await tested(jsonpath, {
      input: { inner: { x: 1 } },
      mock: { result: '{"y":2,"z":3}' },
      context: '{"Task":{"Token":"the token"}}',
      inspectionLevel: 'TRACE',
    });
    expect(answer.output).toBe(2);
    const seen = Object.entries(answer.inspectionData ?? {}).map(([name, text]) => [name, JSON.parse(text as string)]);
    expect(Object.fromEntries(seen)).toEqual({
      input: { inner: { x: 1 } },
      afterInputPath: { x: 1 },
      afterParameters: { FunctionName: 'f', Payload: { token: 'the token', x: 1 } },
      result: { y: 2, z: 3 },
      afterResultSelector: { y: 2 },
      afterResultPath: { inner: { x: 1 }, made: { y: 2 } },
    });
  });

  test('is left out at level INFO', async () => {
    expect(await tested(jsonpath, { input: { inner: { x: 1 } }, mock: { result: '{"y":2}' } })).not.toHaveProperty(
      'inspectionData',
    );
  });

  test('shows the variables as the state leaves them', async () => {
    const definition = { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { b: '{% $a + 1 %}' }, End: true };
    const { inspectionData } = await tested(definition, { variables: '{"a":1}', inspectionLevel: 'DEBUG' });
    expect(JSON.parse(inspectionData?.variables ?? '')).toEqual({ a: 1, b: 2 });
  });

  test('shows what a Map makes of the data that its ItemReader would have read', async () => {
    const definition = {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Arguments: { Bucket: 'b', Key: 'k' },
      },
      ItemSelector: { twice: '{% $number($states.context.Map.Item.Value.n) * 2 %}' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Each',
        States: { Each: { Type: 'Pass', End: true } },
      },
      MaxConcurrency: 3,
      ToleratedFailurePercentage: 40,
      End: true,
    };
    const request = { mock: { result: '[1,2]' }, inspectionLevel: 'DEBUG' } as const;
    const answer = await tested(definition, {
      ...request,
      stateConfiguration: { mapItemReaderData: 'n\n1\n2\n', mapIterationFailureCount: 0 },
    });
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: [1, 2] });
    expect(answer.inspectionData).toMatchObject({
      afterItemSelector: '[{"twice":2},{"twice":4}]',
      maxConcurrency: 3,
      toleratedFailurePercentage: 40,
    });
    const one = await tested(definition, {
      ...request,
      stateConfiguration: { mapItemReaderData: 'n\n1\n2\n', mapIterationFailureCount: 1 },
    });
    expect(one).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });
});

describe('the state that is tested', () => {
  const whole = {
    QueryLanguage: 'JSONata',
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Parallel',
        End: true,
        Branches: [{ StartAt: 'Deep', States: { Deep: { Type: 'Pass', Output: '{% 1 + 1 %}', End: true } } }],
      },
    },
  };

  test('may stand deep in a whole definition, whose language it has', async () => {
    expect(await tested(whole, { stateName: 'Deep' })).toEqual({ status: 'SUCCEEDED', output: 2 });
  });

  test.each([
    { case: 'a state that is not there', request: { stateName: 'Other' }, says: 'State not found in definition' },
    { case: 'a Parallel without a mock', request: { stateName: 'Fan' }, says: 'does not support Map or Parallel' },
    {
      case: 'a mock of a Pass',
      request: { stateName: 'Deep', mock: { result: '1' } },
      says: "State type 'Pass' is not supported when a mock is specified",
    },
    {
      case: 'a result that is not one for each branch',
      request: { stateName: 'Fan', mock: { result: '[1,2]' } },
      says: 'there are 1 branches and 2 elements',
    },
    {
      case: 'an error from a state that the branches do not have',
      request: { stateName: 'Fan', mock: failing('E'), stateConfiguration: { errorCausedByState: 'Other' } },
      says: "no state 'Other'",
    },
    { case: 'an input that is no JSON', request: { stateName: 'Deep', input: undefined }, text: '{', says: 'Invalid' },
  ])('$case is refused, and the words say why', async ({ request, text, says }) => {
    const command = new TestStateCommand({
      definition: JSON.stringify(whole),
      ...request,
      ...(text !== undefined && { input: text }),
    });
    await expect(client.send(command)).rejects.toThrow(says);
  });
});

describe('a mocked result', () => {
  const start = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution',
    Parameters: { StateMachineArn: 'm' },
    End: true,
  };
  const result = (value: unknown, fieldValidationMode?: 'STRICT' | 'PRESENT' | 'NONE') =>
    tested(start, {
      mock: { result: JSON.stringify(value), ...(fieldValidationMode && { fieldValidationMode }) },
    });

  test('must be an answer of the service, as strictly as was asked', async () => {
    await expect(result({ ExecutionArn: 'a' })).rejects.toThrow("Required field 'StartDate' is missing");
    await expect(result({ ExecutionArn: 'a', StartDate: true })).rejects.toThrow("Field 'StartDate' must be a string");
    await expect(result({ StartDate: true }, 'PRESENT')).rejects.toThrow("Field 'StartDate' must be a string");
    expect(await result({ StartDate: 's' }, 'PRESENT')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await result({ StartDate: true }, 'NONE')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await result({ ExecutionArn: 'a', StartDate: 's', Later: 1 })).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('cannot come with an error', async () => {
    const both = { result: '{}', errorOutput: { error: 'E' } };
    await expect(tested(start, { mock: both })).rejects.toThrow('only one of the following fields');
  });
});

test('nothing is left behind', async () => {
  await tested({ Type: 'Pass', End: true });
  const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines).toEqual([]);
});
