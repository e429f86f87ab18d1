import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, LambdaResult } from '../../service.ts';
import { ACCOUNT, answer, invoke, one, pass, REGION, ROLE, TestAccount, wait } from '../test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});
const express = (definition: JsonObject, name = 'x') => account.machine(name, definition, { type: 'EXPRESS' });
const begin = (stateMachineArn: string, input: unknown = {}, more: JsonObject = {}) =>
  account.do('StartSyncExecution', { stateMachineArn, input: JSON.stringify(input), ...more });

describe('StartSyncExecution', () => {
  it('answers with the output and what it would have cost', async () => {
    const machine = await express(pass());
    const answered = await begin(machine, { a: 1 }, { name: 'run', traceHeader: 't' });
    expect(answered).toEqual({
      executionArn: expect.stringMatching(
        new RegExp(`^arn:aws:states:${REGION}:${ACCOUNT}:express:x:run:[0-9a-f-]{36}$`),
      ),
      stateMachineArn: machine,
      name: 'run',
      startDate: new Date(account.clock.now()),
      stopDate: new Date(account.clock.now()),
      status: 'SUCCEEDED',
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      outputDetails: { included: true },
      traceHeader: 't',
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 },
    });
  });

  it('answers with error and cause of an execution that failed', async () => {
    const fail = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'SomeFailure', Cause: 'why' } } };
    expect(await begin(await express(fail))).toMatchObject({
      status: 'FAILED',
      error: 'SomeFailure',
      cause: 'why',
      outputDetails: { included: true },
    });
  });

  it('waits for its tasks, and bills each 100 ms begun', async () => {
    account.functions.slow = () =>
      new Promise<LambdaResult>((resolve) => account.clock.at(account.clock.now() + 1234, () => resolve(answer(7))));
    const answered = begin(await express(one(invoke('slow'))));
    await account.settled();
    account.clock.advance(1234);
    expect(await answered).toMatchObject({
      status: 'SUCCEEDED',
      output: '7',
      billingDetails: { billedDurationInMilliseconds: 1300 },
    });
  });

  it('times out after five minutes, whatever the definition says', async () => {
    const answered = begin(await express({ ...wait(3600), TimeoutSeconds: 1000 }));
    await account.settled();
    account.clock.advance(300_000);
    expect(await answered).toMatchObject({ status: 'TIMED_OUT', stopDate: new Date(account.clock.now()) });
  });

  it('leaves the data out when only the metadata are asked for', async () => {
    const answered = await begin(await express(pass()), { secret: 1 }, { includedData: 'METADATA_ONLY' });
    expect(JSON.stringify(answered)).not.toContain('secret');
  });

  it('shows an execution its own ARN', async () => {
    const machine = await express(one({ Type: 'Pass', Output: '{% $states.context.Execution %}', End: true }));
    const { executionArn, output } = await begin(machine);
    expect(JSON.parse(output as string)).toMatchObject({ Id: executionArn, RoleArn: ROLE, RedriveCount: 0 });
  });

  it('is for Express machines only', async () => {
    const machine = await account.machine('standard', pass());
    expect(await account.refusal('StartSyncExecution', { stateMachineArn: machine })).toBe(
      'StateMachineTypeNotSupported: This operation is not supported by this type of state machine',
    );
  });

  it('runs the version that an alias leads to', async () => {
    const machine = await account.machine('v', pass(), { type: 'EXPRESS', publish: true });
    await account.do('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(wait(1000)) });
    const routingConfiguration = [{ stateMachineVersionArn: `${machine}:1`, weight: 100 }];
    await account.do('CreateStateMachineAlias', { name: 'LIVE', routingConfiguration });
    expect(await begin(`${machine}:LIVE`)).toMatchObject({ status: 'SUCCEEDED', stateMachineArn: machine });
  });
});

describe('StartExecution of an Express machine', () => {
  const inputs: unknown[] = [];
  let release: (value: LambdaResult) => void;
  let machine: string;
  beforeEach(async () => {
    inputs.length = 0;
    account.functions.work = (event) => {
      inputs.push(event.input);
      return new Promise<LambdaResult>((resolve) => {
        release = resolve;
      });
    };
    machine = await express(one(invoke('work')));
  });

  it('begins another execution under the same name, and none of them can be looked at', async () => {
    const first = await account.start(machine, { n: 1 }, 'same');
    const second = await account.start(machine, { n: 1 }, 'same');
    expect(first).toMatch(/:express:x:same:/);
    expect(second).not.toBe(first);
    expect(inputs).toEqual([{ n: 1 }, { n: 1 }]);
    for (const operation of ['DescribeExecution', 'StopExecution', 'GetExecutionHistory', 'RedriveExecution']) {
      expect(await account.refusal(operation, { executionArn: first })).toBe(
        "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'",
      );
    }
    expect(await account.refusal('ListExecutions', { stateMachineArn: machine })).toBe(
      'StateMachineTypeNotSupported: This operation is not supported by this type of state machine',
    );
    expect(account.events).toEqual([]);
  });

  const kept = () => account.store.prepare('SELECT count(*) AS n FROM sfn_execution').get()!.n;

  it('leaves nothing behind when it has ended', async () => {
    await account.start(machine);
    expect(kept()).toBe(1);
    release(answer('done'));
    await account.settled();
    expect(kept()).toBe(0);
  });

  it('goes on after a restart, at least once, and is forgotten then', async () => {
    await account.start(machine);
    await account.restart();
    expect(inputs).toHaveLength(2);
    release(answer('done'));
    await account.settled();
    expect(kept()).toBe(0);
  });
});

describe('a Standard execution', () => {
  const nested = (resource: string, input: JsonObject) =>
    one({ Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments: input, End: true });

  it('waits for an Express machine through aws-sdk:sfn:startSyncExecution', async () => {
    const child = await express(pass());
    const parent = nested('aws-sdk:sfn:startSyncExecution', { StateMachineArn: child, Input: '{"a":1}' });
    const run = await account.start(await account.machine('p', parent));
    const { status, output } = await account.describe(run);
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(output as string)).toMatchObject({ Status: 'SUCCEEDED', Output: '{"a":1}' });
  });

  it('starts an Express machine without waiting, and a machine by its alias', async () => {
    const child = await express(wait(10));
    const run = await account.start(
      await account.machine('p', nested('states:startExecution', { StateMachineArn: child, Input: {} })),
    );
    const { output } = await account.describe(run);
    expect(JSON.parse(output as string).ExecutionArn).toMatch(/:express:x:/);
    const versioned = await account.machine('v', pass(), { publish: true });
    const routingConfiguration = [{ stateMachineVersionArn: `${versioned}:1`, weight: 100 }];
    const { stateMachineAliasArn } = await account.do('CreateStateMachineAlias', {
      name: 'LIVE',
      routingConfiguration,
    });
    const byAlias = nested('states:startExecution.sync:2', { StateMachineArn: stateMachineAliasArn, Input: { b: 2 } });
    const second = await account.start(await account.machine('q', byAlias), {}, 'second');
    const described = await account.describe(second);
    expect(described).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.parse(described.output as string)).toMatchObject({ StateMachineArn: versioned, Output: { b: 2 } });
  });

  it('cannot wait for an Express machine through startExecution.sync', async () => {
    const child = await express(pass());
    const run = await account.start(
      await account.machine('p', nested('states:startExecution.sync', { StateMachineArn: child, Input: {} })),
    );
    expect(await account.describe(run)).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining('startExecution.sync of an EXPRESS state machine'),
    });
  });
});

describe('the definition of an Express machine', () => {
  const task = (resource: string) => ({
    StartAt: 'T',
    States: { T: { Type: 'Task', Resource: resource, Parameters: {}, End: true } },
  });
  // As AWS was recorded refusing them; the two spaces are its own.
  it.each([
    [
      'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      "Express state machine does not support '.waitForTaskToken' service integration  at",
    ],
    [
      'arn:aws:states:::states:startExecution.sync',
      "Express state machine does not support '.sync' service integration at",
    ],
    [`arn:aws:states:${REGION}:${ACCOUNT}:activity:a`, 'Express state machine does not support Activity ARN at'],
  ])('cannot have the resource %s', async (resource, message) => {
    const input = { name: 'x', roleArn: ROLE, type: 'EXPRESS', definition: JSON.stringify(task(resource)) };
    expect(await account.refusal('CreateStateMachine', input)).toBe(
      `InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${message} /States/T/Resource'`,
    );
  });
});
