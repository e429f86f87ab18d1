import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, LambdaResult, Principal } from '../service.ts';
import { ACCOUNT, answer, failure, invoke, one, REGION, ROLE, TestAccount } from './test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});

describe('a task that invokes a function', () => {
  it('passes the arguments as the role of the state machine and takes the payload of the answer', async () => {
    let principal: Principal | undefined;
    account.functions.double = (event, who) => {
      principal = who;
      return answer((event.input as { n: number }).n * 2);
    };
    const run = await account.start(await account.machine('m', one(invoke('double'))), { n: 21 });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '42' });
    expect(principal).toMatchObject({
      kind: 'assumed-role',
      roleArn: ROLE,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/machine-role/run`,
    });
  });

  it('reaches ErrorEquals with the name the function threw, and has the answer as its cause', async () => {
    account.functions.fails = () => failure('EvidenceMissing', 'none for c-1');
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Judge',
      States: {
        Judge: invoke('fails', {
          Catch: [
            {
              ErrorEquals: ['EvidenceMissing'],
              Output: '{% $parse($states.errorOutput.Cause).errorMessage %}',
              Next: 'Held',
            },
          ],
        }),
        Held: { Type: 'Succeed' },
      },
    };
    const run = await account.start(await account.machine('m', definition));
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '"none for c-1"' });
  });

  it('fails as Lambda.ResourceNotFoundException when there is no such function', async () => {
    const run = await account.start(await account.machine('m', one(invoke('absent'))));
    const described = await account.describe(run);
    expect(described).toMatchObject({ status: 'FAILED', error: 'Lambda.ResourceNotFoundException' });
    expect(described.cause).toMatch(
      /^Function not found: .*:absent \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]+; Proxy: null\)$/,
    );
  });

  it('is tried again after growing delays, each attempt with its RetryCount, until MaxAttempts', async () => {
    const tries: [number, unknown][] = [];
    account.functions.busy = (event) => {
      tries.push([account.clock.now(), (event.context as { State: { RetryCount: number } }).State.RetryCount]);
      return failure('Busy');
    };
    const state = invoke('busy', {
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 10, BackoffRate: 3, MaxDelaySeconds: 20, MaxAttempts: 2 }],
    });
    const begun = account.clock.now();
    const run = await account.start(await account.machine('m', one(state)));
    while (account.clock.next()) await account.settled();
    expect(tries.map(([at, count]) => [(at - begun) / 1000, count])).toEqual([
      [0, 0],
      [10, 1],
      [30, 2],
    ]);
    expect(await account.describe(run)).toMatchObject({ status: 'FAILED', error: 'Busy' });
  });

  it('is invoked again after a restart, as the same attempt, when it was in flight', async () => {
    const contexts: unknown[] = [];
    account.functions.slow = (event) => {
      contexts.push(event.context);
      return contexts.length === 1 ? new Promise<LambdaResult>(() => {}) : answer('done');
    };
    const run = await account.start(await account.machine('m', one(invoke('slow'))));
    await account.restart();
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(contexts).toHaveLength(2);
    expect(contexts[1]).toEqual(contexts[0]);
    expect((await account.types(run)).filter((type) => type === 'TaskScheduled')).toHaveLength(1);
  });
});

describe('a task that waits for a token', () => {
  const definition = one(
    invoke('ask', {
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      Output: '{% $states.result %}',
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 600,
    }),
  );
  let token: string;
  beforeEach(() => {
    account.functions.ask = (event) => {
      token = event.token as string;
      return answer(null);
    };
  });

  it('takes the answer after a restart, once', async () => {
    const run = await account.start(await account.machine('m', definition));
    await account.restart();
    await account.do('SendTaskSuccess', { taskToken: token, output: '{"approved":true}' });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '{"approved":true}' });
    expect(await account.types(run)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    await expect(account.do('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await expect(account.do('SendTaskFailure', { taskToken: 'invented' })).rejects.toMatchObject({
      code: 'InvalidToken',
    });
    await expect(account.do('SendTaskSuccess', { taskToken: token, output: '{' })).rejects.toMatchObject({
      code: 'InvalidOutput',
    });
  });

  it('times out when no heartbeat comes, and not while they come', async () => {
    const run = await account.start(await account.machine('m', definition));
    for (let minute = 0; minute < 3; minute++) {
      account.clock.advance(500_000);
      await account.settled();
      await account.do('SendTaskHeartbeat', { taskToken: token });
    }
    expect(await account.describe(run)).toMatchObject({ status: 'RUNNING' });
    account.clock.advance(600_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await expect(account.do('SendTaskHeartbeat', { taskToken: token })).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });
});

describe('a nested execution', () => {
  const parent = (pattern: string, more: JsonObject = {}) =>
    one({
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution.${pattern}`,
      Arguments: {
        StateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:child`,
        Input: { n: '{% $states.input.n %}' },
      },
      End: true,
      ...more,
    });
  const child = {
    StartAt: 'Sleep',
    States: { Sleep: { Type: 'Wait', Seconds: 60, Next: 'End' }, End: { Type: 'Pass', End: true } },
  };
  const childOf = async (): Promise<JsonObject> => {
    const { executions } = await account.do('ListExecutions', {
      stateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:child`,
    });
    expect(executions).toHaveLength(1);
    return (executions as JsonObject[])[0]!;
  };

  it('ends its parent with its output as JSON, across a restart of both', async () => {
    await account.machine('child', child);
    const run = await account.start(await account.machine('p', parent('sync:2')), { n: 5 });
    await account.restart();
    expect(await childOf()).toMatchObject({ status: 'RUNNING' });
    account.clock.advance(60_000);
    await account.settled();
    const { status, output } = await account.describe(run);
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output as string)).toMatchObject({ Status: 'SUCCEEDED', Input: { n: 5 }, Output: { n: 5 } });
    expect(await childOf()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('fails its parent as States.TaskFailed when it fails', async () => {
    await account.machine('child', { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Held', Cause: 'gate' } } });
    const run = await account.start(await account.machine('p', parent('sync')), { n: 5 });
    const described = await account.describe(run);
    expect(described).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(described.cause as string)).toMatchObject({
      Status: 'FAILED',
      Error: 'Held',
      Cause: 'gate',
      Input: '{"n":5}',
    });
  });

  it('is stopped when its parent is', async () => {
    await account.machine('child', child);
    const run = await account.start(await account.machine('p', parent('sync:2')), { n: 5 });
    await account.do('StopExecution', { executionArn: run, error: 'Operator', cause: 'enough' });
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
    expect(await childOf()).toMatchObject({ status: 'ABORTED' });
  });

  it('goes on over a restart when its parent did not wait for it', async () => {
    await account.machine('child', child);
    const fireAndForget = one({
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Arguments: { StateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:child`, Input: {} },
      End: true,
    });
    const run = await account.start(await account.machine('p', fireAndForget));
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED' });
    await account.restart();
    expect(await childOf()).toMatchObject({ status: 'RUNNING' });
  });

  it('is stopped when its parent times out', async () => {
    await account.machine('child', child);
    await account.start(await account.machine('p', parent('sync:2', { TimeoutSeconds: 30 })), { n: 5 });
    account.clock.advance(30_000);
    await account.settled();
    expect(await childOf()).toMatchObject({ status: 'ABORTED' });
  });
});

describe('integrations', () => {
  it('fails events:putEvents with a refused entry as EventBridge.FailedEntry, having named the execution in the event', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Arguments: { Entries: [{ Detail: { a: 1 }, DetailType: 'T', Source: 's' }] },
      End: true,
    };
    const run = await account.start(await account.machine('m', one(state)));
    expect(await account.describe(run)).toMatchObject({ status: 'FAILED', error: 'EventBridge.FailedEntry' });
    expect((account.asked[0]!.input.Entries as JsonObject[])[0]).toMatchObject({
      Detail: '{"a":1}',
      Resources: [run, expect.stringContaining(':stateMachine:m')],
    });
  });

  it('names the errors of a service as Step Functions does, optimised and through aws-sdk', async () => {
    const state = (resource: string) =>
      one({
        Type: 'Task',
        Resource: `arn:aws:states:::${resource}:getItem`,
        Arguments: { TableName: 't', Key: {} },
        End: true,
      });
    const optimised = await account.start(await account.machine('a', state('dynamodb')));
    expect(await account.describe(optimised)).toMatchObject({
      error: 'DynamoDB.ResourceNotFoundException',
      cause: expect.stringContaining('(Service: AmazonDynamoDBv2; Status Code: 400;'),
    });
    const sdk = await account.start(await account.machine('b', state('aws-sdk:dynamodb')));
    expect(await account.describe(sdk)).toMatchObject({
      error: 'DynamoDb.ResourceNotFoundException',
      cause: expect.stringContaining('(Service: DynamoDb, Status Code: 400,'),
    });
  });
});
