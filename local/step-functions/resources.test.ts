import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../service.ts';
import { pass, ROLE, TestAccount, wait } from './test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});

function put(kind: string, properties: JsonObject, previous?: { physicalId: string }, logicalId = 'Thing') {
  const handler = account.stepFunctions.resources.find(({ type }) => type === `AWS::StepFunctions::${kind}`)!;
  return handler.put({
    stackName: 'stack',
    logicalId,
    artifact: () => new Uint8Array(),
    properties,
    ...(previous && { previous: { ...previous, properties: {} } }),
  });
}
const machine = (definition: JsonObject, more: JsonObject = {}) =>
  put('StateMachine', { StateMachineName: 'm', RoleArn: ROLE, Definition: definition, ...more });

describe('AWS::StepFunctions::StateMachine', () => {
  it('makes a machine with its substitutions, and an update keeps the executions under way on their own definition', async () => {
    const request = (seconds: number) => ({
      StateMachineName: 'm',
      RoleArn: ROLE,
      DefinitionString: `{"StartAt":"W","States":{"W":{"Type":"Wait","Comment":"\${Who}","Seconds":${seconds},"End":true}}}`,
      DefinitionSubstitutions: { Who: 'says "hi"' },
    });
    const { physicalId, attributes } = await put('StateMachine', request(10));
    expect(attributes).toEqual({ Arn: physicalId, Name: 'm', StateMachineRevisionId: 'INITIAL' });
    const run = await account.start(physicalId);
    await put('StateMachine', request(99));
    account.clock.advance(10_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED' });
    const { definition } = await account.do('DescribeStateMachineForExecution', { executionArn: run });
    expect(JSON.parse(definition as string).States.W).toMatchObject({ Seconds: 10, Comment: 'says "hi"' });
  });

  it('makes an Express machine, keeps its tags and configuration, and refuses a key of the customer’s', async () => {
    const { physicalId } = await machine(pass(), {
      StateMachineType: 'EXPRESS',
      Tags: [{ Key: 'k', Value: 'v' }],
      TracingConfiguration: { Enabled: true },
      EncryptionConfiguration: { Type: 'AWS_OWNED_KEY' },
    });
    expect(await account.do('DescribeStateMachine', { stateMachineArn: physicalId })).toMatchObject({
      type: 'EXPRESS',
      tracingConfiguration: { enabled: true },
    });
    expect(await account.do('ListTagsForResource', { resourceArn: physicalId })).toEqual({
      tags: [{ key: 'k', value: 'v' }],
    });
    const EncryptionConfiguration = { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: 'k' };
    await expect(machine(pass(), { StateMachineName: 'n', EncryptionConfiguration })).rejects.toMatchObject({
      code: 'NotImplemented',
    });
  });

  it('that leaves its stack while it runs is gone when its executions are', async () => {
    const { physicalId } = await machine(wait(10));
    const run = await account.start(physicalId);
    await account.stepFunctions.resources[0]!.delete(physicalId);
    expect(await account.do('DescribeStateMachine', { stateMachineArn: physicalId })).toMatchObject({
      status: 'DELETING',
    });
    await account.do('StopExecution', { executionArn: run });
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: physicalId })).toMatch(/DoesNotExist/);
  });
});

describe('AWS::StepFunctions::StateMachineVersion and StateMachineAlias', () => {
  it('publish what the template says and move the alias on', async () => {
    const first = await machine(pass('a'));
    const revision = (one: typeof first) => one.attributes.StateMachineRevisionId;
    const version = (one: typeof first, previous?: { physicalId: string }) =>
      put('StateMachineVersion', { StateMachineArn: one.physicalId, StateMachineRevisionId: revision(one) }, previous);
    const alias = (versionArn: string, previous?: { physicalId: string }) =>
      put(
        'StateMachineAlias',
        { Name: 'LIVE', RoutingConfiguration: [{ StateMachineVersionArn: versionArn, Weight: 100 }] },
        previous,
      );
    const one = await version(first);
    const live = await alias(one.physicalId);
    expect([one.physicalId, live.physicalId]).toEqual([`${first.physicalId}:1`, `${first.physicalId}:LIVE`]);
    const second = await machine(pass('b'));
    const two = await version(second, one);
    expect(two.physicalId).toBe(`${first.physicalId}:2`);
    await alias(two.physicalId, live);
    const run = await account.start(live.physicalId);
    expect(await account.describe(run)).toMatchObject({ stateMachineVersionArn: two.physicalId });
    await expect(version(first)).rejects.toMatchObject({ code: 'ConflictException' });
  });
});

it('AWS::StepFunctions::Activity keeps its tags', async () => {
  const { physicalId } = await put('Activity', { Name: 'a', Tags: [{ Key: 'k', Value: 'v' }] });
  expect(await account.do('ListTagsForResource', { resourceArn: physicalId })).toEqual({
    tags: [{ key: 'k', value: 'v' }],
  });
});
