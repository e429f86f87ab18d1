import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { pass, TestAccount, wait } from '../test-account.ts';

let account: TestAccount;
let machine: string;
beforeEach(async () => {
  account = new TestAccount();
  machine = await account.machine('m', pass());
});

const update = (comment: string, more: JsonObject = {}) =>
  account.do('UpdateStateMachine', {
    stateMachineArn: machine,
    definition: JSON.stringify(pass(comment)),
    ...more,
  });
const publish = async (more: JsonObject = {}) =>
  (await account.do('PublishStateMachineVersion', { stateMachineArn: machine, ...more }))
    .stateMachineVersionArn as string;
const listed = async (more: JsonObject = {}) => {
  const page = await account.do('ListStateMachineVersions', { stateMachineArn: machine, ...more });
  return {
    arns: (page.stateMachineVersions as JsonObject[]).map((one) => one.stateMachineVersionArn),
    nextToken: page.nextToken,
  };
};

describe('a published version', () => {
  it('is the same one until the machine changes, and the next number afterwards', async () => {
    expect(await publish()).toBe(`${machine}:1`);
    expect(await publish()).toBe(`${machine}:1`);
    await update('b');
    expect(await publish()).toBe(`${machine}:2`);
    expect((await listed()).arns).toEqual([`${machine}:2`, `${machine}:1`]);
  });

  it('keeps definition, role and description while the machine moves on', async () => {
    await publish({ description: 'the first' });
    const { revisionId } = await update('b');
    expect(await account.do('DescribeStateMachine', { stateMachineArn: `${machine}:1` })).toMatchObject({
      stateMachineArn: `${machine}:1`,
      name: 'm',
      description: 'the first',
      definition: JSON.stringify(pass()),
    });
    expect(await account.do('DescribeStateMachine', { stateMachineArn: machine })).toMatchObject({
      stateMachineArn: machine,
      definition: JSON.stringify(pass('b')),
      revisionId,
    });
  });

  it('is published only at the revision that is asked for', async () => {
    expect(await publish({ revisionId: 'INITIAL' })).toBe(`${machine}:1`);
    const { revisionId: second } = await update('b');
    const { revisionId: third } = await update('c');
    expect(await account.refusal('PublishStateMachineVersion', { stateMachineArn: machine, revisionId: second })).toBe(
      `ConflictException: Failed to publish the State Machine version for revision ${second}. The current State Machine revision is ${third}.`,
    );
    expect((await listed()).arns).toEqual([`${machine}:1`]);
  });

  it('takes its number with it when it is deleted', async () => {
    await publish();
    await account.do('DeleteStateMachineVersion', { stateMachineVersionArn: `${machine}:1` });
    await account.do('DeleteStateMachineVersion', { stateMachineVersionArn: `${machine}:1` });
    expect((await listed()).arns).toEqual([]);
    expect(await publish()).toBe(`${machine}:2`);
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: `${machine}:1` })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${machine}:1'`,
    );
  });

  it('cannot be updated', async () => {
    await publish();
    const input = { stateMachineArn: `${machine}:1`, definition: JSON.stringify(pass('x')) };
    expect(await account.refusal('UpdateStateMachine', input)).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${machine}:1'`,
    );
  });

  it('is listed in pages, the newest first', async () => {
    for (const comment of ['a', 'b', 'c']) await update(comment, { publish: true });
    const first = await listed({ maxResults: 2 });
    expect(first.arns).toEqual([`${machine}:3`, `${machine}:2`]);
    const second = await listed({ maxResults: 2, nextToken: first.nextToken });
    expect(second).toEqual({ arns: [`${machine}:1`], nextToken: undefined });
  });

  it('is what an execution runs that is started by it, and says so', async () => {
    await publish();
    await update('b');
    const run = await account.start(`${machine}:1`);
    const described = await account.describe(run);
    expect(described).toMatchObject({ stateMachineArn: machine, stateMachineVersionArn: `${machine}:1` });
    expect(described).not.toHaveProperty('stateMachineAliasArn');
    expect(await account.do('DescribeStateMachineForExecution', { executionArn: run })).toMatchObject({
      stateMachineArn: `${machine}:1`,
      definition: JSON.stringify(pass()),
    });
    await account.start(machine, {}, 'other');
    const { executions } = await account.do('ListExecutions', { stateMachineArn: `${machine}:1` });
    expect((executions as JsonObject[]).map(({ name }) => name)).toEqual(['run']);
    expect(account.events.at(0)!.detail).toMatchObject({
      stateMachineVersionArn: `${machine}:1`,
      stateMachineAliasArn: null,
    });
  });

  it('stays the one that an execution runs, over a restart and after it was deleted', async () => {
    const waiting = await account.machine('w', wait(10), { publish: true });
    const run = await account.start(`${waiting}:1`);
    await account.do('DeleteStateMachineVersion', { stateMachineVersionArn: `${waiting}:1` });
    await account.restart();
    account.clock.advance(10_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineVersionArn: `${waiting}:1`,
    });
    expect(await account.refusal('StartExecution', { stateMachineArn: `${waiting}:1` })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${waiting}:1'`,
    );
  });
});

describe('publish', () => {
  it('makes the first version with the machine, and the same request again makes no other', async () => {
    const input = {
      name: 'n',
      roleArn: 'arn:aws:iam::111111111111:role/machine-role',
      definition: JSON.stringify(pass()),
      publish: true,
      versionDescription: 'first',
    };
    const created = await account.do('CreateStateMachine', input);
    expect(created.stateMachineVersionArn).toBe(`${created.stateMachineArn}:1`);
    expect(await account.do('CreateStateMachine', input)).toEqual(created);
    expect(await account.refusal('CreateStateMachine', { ...input, versionDescription: 'other' })).toMatch(
      /^StateMachineAlreadyExists/,
    );
  });

  it('makes no second version of an update that changes nothing', async () => {
    const nothing = { stateMachineArn: machine, publish: true };
    const first = await account.do('UpdateStateMachine', nothing);
    expect(first).toEqual({ updateDate: expect.any(Date), stateMachineVersionArn: `${machine}:1` });
    expect((await account.do('UpdateStateMachine', nothing)).stateMachineVersionArn).toBe(`${machine}:1`);
  });

  it('is needed for a description', async () => {
    expect(await account.refusal('UpdateStateMachine', { stateMachineArn: machine, versionDescription: 'x' })).toBe(
      'ValidationException: Version description can only be set when publish is true',
    );
  });
});
