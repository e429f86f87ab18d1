import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { pass, ROLE, TestAccount } from '../test-account.ts';

let account: TestAccount;
let machine: string;
let run: string;
const definition = {
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 10, Next: 'Last' }, Last: { Type: 'Wait', Seconds: 99, End: true } },
};
beforeEach(async () => {
  account = new TestAccount();
  machine = await account.machine('m', definition);
  run = await account.start(machine);
  await account.do('DeleteStateMachine', { stateMachineArn: machine });
});
const status = async () => (await account.do('DescribeStateMachine', { stateMachineArn: machine })).status;

describe('a state machine that is deleted while it runs', () => {
  it('is DELETING, and takes no start, update or name again', async () => {
    expect(await status()).toBe('DELETING');
    const message = `StateMachineDeleting: State Machine is being deleted: '${machine}'`;
    expect(await account.refusal('StartExecution', { stateMachineArn: machine })).toBe(message);
    expect(await account.refusal('UpdateStateMachine', { stateMachineArn: machine, roleArn: ROLE })).toBe(message);
    expect(await account.refusal('PublishStateMachineVersion', { stateMachineArn: machine })).toBe(message);
    const again: JsonObject = { name: 'm', roleArn: ROLE, definition: JSON.stringify(definition) };
    expect(await account.refusal('CreateStateMachine', again)).toBe(message);
  });

  it('ends its executions at their next transition, and is gone with the last', async () => {
    expect(await account.describe(run)).toMatchObject({
      status: 'RUNNING',
      redriveStatusReason: 'State machine is in DELETING status',
    });
    account.clock.advance(10_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'ABORTED' });
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: machine })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${machine}'`,
    );
    expect(await account.machine('m', pass())).toBe(machine);
    expect(await status()).toBe('ACTIVE');
  });

  it('is still DELETING after a restart, and gone when its execution is stopped', async () => {
    await account.restart();
    expect(await status()).toBe('DELETING');
    await account.do('StopExecution', { executionArn: run });
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: machine })).toMatch(
      /^StateMachineDoesNotExist/,
    );
  });
});

it('a state machine with nothing under way is gone at once, and deleting it again is no error', async () => {
  const idle = await account.machine('idle', pass());
  for (let time = 0; time < 2; time++) {
    await account.do('DeleteStateMachine', { stateMachineArn: idle });
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: idle })).toMatch(/DoesNotExist/);
  }
});
