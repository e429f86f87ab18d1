import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../aws-error.ts';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import type { Call, JsonObject, LambdaResult, Principal, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { createStepFunctions, type StepFunctions } from './step-functions.ts';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/machine-role`;
const caller: Principal = { kind: 'user', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann`, userId: 'ann' };
const call: Call = { principal: caller, accountId: ACCOUNT, region: REGION, requestId: 'r' };

type LambdaAnswer = (event: JsonObject, principal: Principal) => LambdaResult | Promise<LambdaResult>;

/** One account with nothing in it but Step Functions, and functions as the test says. */
class Account {
  readonly store = new Store(':memory:');
  readonly clock = new VirtualClock();
  readonly functions: Record<string, LambdaAnswer> = {};
  readonly events: { detailType: string; detail: JsonObject }[] = [];
  readonly asked: { service: string; operation: string; input: JsonObject; principal: Principal }[] = [];
  #generation = 0;
  stepFunctions: StepFunctions = this.open();

  open(): StepFunctions {
    const services: Services = {
      invokeLambda: async (arn, payload, principal) => {
        const answer = this.functions[arn.split(':function:')[1]!];
        if (!answer) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
        return answer(JSON.parse(payload), principal);
      },
      expectLambda: () => {},
      queueLambda: async () => {},
      startExecution: async (arn, input, _principal, name) => this.stepFunctions.startExecution(arn, input, name),
      sendMessage: async () => {},
      putEvent: async () => {},
      emitServiceEvent: (_accountId, { detailType, detail }) =>
        void this.events.push({ detailType, detail: detail as JsonObject }),
      callOperation: async (service, operation, input, principal) => {
        this.asked.push({ service, operation, input, principal });
        if (service === 'states') return this.do(operation, input);
        if (service === 'events')
          return { Entries: [{ ErrorCode: 'InvalidArgument', ErrorMessage: 'no' }], FailedEntryCount: 1 };
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      },
    };
    const context = {
      accountId: ACCOUNT,
      region: REGION,
      store: this.store,
      directory: '',
      clock: this.clock,
      ids: seededIds(`g${this.#generation++}`),
      log: () => {},
    };
    this.stepFunctions = createStepFunctions(context, services);
    return this.stepFunctions;
  }

  /** What a `kill -9` leaves: the store. */
  async restart(): Promise<void> {
    await this.stepFunctions.background.stop();
    this.open().background.start();
    await this.stepFunctions.settled();
  }

  async do(operation: string, input: JsonObject): Promise<JsonObject> {
    return this.stepFunctions.service.operations[operation]!(input, call);
  }

  async machine(name: string, definition: JsonObject): Promise<string> {
    const { stateMachineArn } = await this.do('CreateStateMachine', {
      name,
      definition: JSON.stringify(definition),
      roleArn: ROLE,
    });
    return stateMachineArn as string;
  }

  async start(stateMachineArn: string, input: unknown = {}, name = 'run'): Promise<string> {
    const { executionArn } = await this.do('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) });
    await this.settled();
    return executionArn as string;
  }

  /** In-flight functions answer in microtasks here, so a few turns of the loop are enough. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await this.stepFunctions.settled();
  }

  async describe(executionArn: string): Promise<JsonObject> {
    return this.do('DescribeExecution', { executionArn });
  }

  async types(executionArn: string): Promise<string[]> {
    const { events } = await this.do('GetExecutionHistory', { executionArn, maxResults: 1000 });
    return (events as { type: string }[]).map(({ type }) => type);
  }
}

const answer = (value: unknown): LambdaResult => ({ statusCode: 200, payload: JSON.stringify(value) });
const failure = (errorType: string, errorMessage = ''): LambdaResult => ({
  statusCode: 200,
  payload: JSON.stringify({ errorType, errorMessage, trace: [] }),
  functionError: 'Unhandled',
});
const invoke = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% { "input": $states.input, "context": $states.context } %}' },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...more,
});
const one = (state: JsonObject): JsonObject => ({ QueryLanguage: 'JSONata', StartAt: 'Only', States: { Only: state } });

let account: Account;
beforeEach(() => {
  account = new Account();
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

  it('is stopped when its parent times out', async () => {
    await account.machine('child', child);
    await account.start(await account.machine('p', parent('sync:2', { TimeoutSeconds: 30 })), { n: 5 });
    account.clock.advance(30_000);
    await account.settled();
    expect(await childOf()).toMatchObject({ status: 'ABORTED' });
  });
});

describe('StartExecution', () => {
  const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 10, End: true } } };

  it('is the same execution for the same name and input while it runs, and refused for another input or afterwards', async () => {
    const machine = await account.machine('m', wait);
    const run = await account.start(machine, { a: 1 });
    expect(await account.start(machine, { a: 1 })).toBe(run);
    await expect(account.start(machine, { a: 2 })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    account.clock.advance(10_000);
    await account.settled();
    await expect(account.start(machine, { a: 1 })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    account.clock.advance(91 * 24 * 3_600_000);
    expect(await account.start(machine, { a: 2 })).toBe(run);
    expect(await account.types(run)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
  });

  it('refuses names, inputs and machines that are none', async () => {
    const machine = await account.machine('m', wait);
    await expect(account.start(machine, {}, 'a b')).rejects.toMatchObject({ code: 'InvalidName' });
    await expect(account.start(machine, {}, 'x'.repeat(81))).rejects.toMatchObject({ code: 'InvalidName' });
    await expect(account.do('StartExecution', { stateMachineArn: machine, input: '{' })).rejects.toMatchObject({
      code: 'InvalidExecutionInput',
    });
    await expect(account.start(`${machine}x`)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
  });

  it('emits a status change when an execution starts and when it ends', async () => {
    await account.start(await account.machine('m', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }), {
      a: 1,
    });
    expect(account.events.map(({ detail }) => [detail.status, detail.output])).toEqual([
      ['RUNNING', null],
      ['SUCCEEDED', '{"a":1}'],
    ]);
  });
});

describe('RedriveExecution', () => {
  it('goes on from the failed branch only, keeps the history and counts', async () => {
    let broken = true;
    const calls: string[] = [];
    account.functions.good = () => {
      calls.push('good');
      return answer('good');
    };
    account.functions.bad = (event) => {
      const { RedriveCount } = (event.context as { Execution: { RedriveCount: number } }).Execution;
      calls.push(`bad ${RedriveCount}`);
      return broken ? failure('Broken') : answer('mended');
    };
    const branch = (name: string) => ({ StartAt: name, States: { [name]: invoke(name) } });
    const definition = one({ Type: 'Parallel', Branches: [branch('good'), branch('bad')], End: true });
    const run = await account.start(await account.machine('m', definition));
    expect(await account.describe(run)).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      redriveStatus: 'REDRIVABLE',
    });
    const before = await account.types(run);
    broken = false;
    await account.do('RedriveExecution', { executionArn: run });
    await account.settled();
    expect(await account.describe(run)).toMatchObject({
      status: 'SUCCEEDED',
      output: '["good","mended"]',
      redriveCount: 1,
      redriveStatus: 'NOT_REDRIVABLE',
    });
    expect(calls).toEqual(['good', 'bad 0', 'bad 1']);
    const after = await account.types(run);
    expect(after.slice(0, before.length + 1)).toEqual([...before, 'ExecutionRedriven']);
    await expect(account.do('RedriveExecution', { executionArn: run })).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
    });
  });
});

describe('GetExecutionHistory', () => {
  it('pages in both directions, and leaves the data out when asked to', async () => {
    const run = await account.start(
      await account.machine('m', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }),
      { secret: 1 },
    );
    const pages = async (reverseOrder: boolean) => {
      const ids: number[] = [];
      let nextToken: unknown;
      do {
        const page = await account.do('GetExecutionHistory', {
          executionArn: run,
          maxResults: 3,
          reverseOrder,
          ...(nextToken !== undefined && { nextToken }),
        });
        ids.push(...(page.events as { id: number }[]).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return ids;
    };
    expect(await pages(false)).toEqual([1, 2, 3, 4]);
    expect(await pages(true)).toEqual([4, 3, 2, 1]);
    const bare = await account.do('GetExecutionHistory', { executionArn: run, includeExecutionData: false });
    expect(JSON.stringify(bare)).not.toContain('secret');
  });
});

describe('CreateStateMachine', () => {
  it('refuses an invalid definition with the place of each fault', async () => {
    await expect(
      account.machine('m', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }),
    ).rejects.toMatchObject({
      code: 'InvalidDefinition',
      message:
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next'",
    });
  });

  it('refuses by name what is valid and not done here', async () => {
    const sns = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Arguments: {}, End: true };
    await expect(account.machine('m', one(sns))).rejects.toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining('sns:publish'),
    });
  });

  it('is idempotent, and refuses another machine under the name', async () => {
    const pass = (comment: string) => ({ StartAt: 'P', States: { P: { Type: 'Pass', Comment: comment, End: true } } });
    const arn = await account.machine('m', pass('a'));
    expect(await account.machine('m', pass('a'))).toBe(arn);
    await expect(account.machine('m', pass('b'))).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
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

describe('the CloudFormation resource', () => {
  it('makes a machine with its substitutions, and an update keeps the executions under way on their own definition', async () => {
    const handler = account.stepFunctions.resources.find(({ type }) => type === 'AWS::StepFunctions::StateMachine')!;
    const request = (seconds: number) => ({
      stackName: 'stack',
      logicalId: 'Machine',
      artifact: () => new Uint8Array(),
      properties: {
        StateMachineName: 'm',
        RoleArn: ROLE,
        DefinitionString: `{"StartAt":"W","States":{"W":{"Type":"Wait","Comment":"\${Who}","Seconds":${seconds},"End":true}}}`,
        DefinitionSubstitutions: { Who: 'says "hi"' },
      },
    });
    const { physicalId, attributes } = await handler.put(request(10));
    expect(attributes).toMatchObject({ Arn: physicalId, Name: 'm' });
    const run = await account.start(physicalId);
    await handler.put(request(99));
    account.clock.advance(10_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED' });
    const { definition } = await account.do('DescribeStateMachineForExecution', { executionArn: run });
    expect(JSON.parse(definition as string).States.W).toMatchObject({ Seconds: 10, Comment: 'says "hi"' });
  });
});

describe('an activity', () => {
  it('hands its task to a worker, who ends it with the token', async () => {
    const { activityArn } = await account.do('CreateActivity', { name: 'label' });
    const machine = await account.machine('m', {
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: activityArn, End: true } },
    });
    const polled = account.do('GetActivityTask', { activityArn, workerName: 'w' });
    const run = await account.start(machine, { n: 1 });
    const { taskToken, input } = await polled;
    expect(input).toBe('{"n":1}');
    await account.do('SendTaskSuccess', { taskToken, output: '"done"' });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(await account.types(run)).toContain('ActivityStarted');
  });
});
