import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { pass, TestAccount } from '../test-account.ts';

let account: TestAccount;
let machine: string;
beforeEach(async () => {
  account = new TestAccount();
  machine = await account.machine('m', pass('1'), { publish: true });
  for (const comment of ['2', '3']) {
    const definition = JSON.stringify(pass(comment));
    await account.do('UpdateStateMachine', { stateMachineArn: machine, definition, publish: true });
  }
});

const routes = (...weights: number[]) =>
  weights.map((weight, index) => ({ stateMachineVersionArn: `${machine}:${index + 1}`, weight }));
const alias = async (routingConfiguration: unknown, name = 'PROD', more: JsonObject = {}) =>
  (await account.do('CreateStateMachineAlias', { name, routingConfiguration, ...more })).stateMachineAliasArn as string;

describe('an alias', () => {
  it('starts the version that it leads to, and the execution says both', async () => {
    const arn = await alias(routes(100));
    expect(arn).toBe(`${machine}:PROD`);
    const run = await account.start(arn);
    expect(run).toBe(`${machine.replace(':stateMachine:', ':execution:')}:run`);
    expect(await account.describe(run)).toMatchObject({
      stateMachineArn: machine,
      stateMachineVersionArn: `${machine}:1`,
      stateMachineAliasArn: arn,
    });
    const { executions } = await account.do('ListExecutions', { stateMachineArn: arn });
    expect(executions).toHaveLength(1);
  });

  it('spreads starts over two versions by their weights', async () => {
    const arn = await alias(routes(80, 20));
    const counts = { 1: 0, 2: 0 } as Record<string, number>;
    for (let index = 0; index < 400; index++) {
      const { executionArn } = await account.do('StartExecution', { stateMachineArn: arn });
      const { stateMachineVersionArn } = await account.describe(executionArn as string);
      counts[String(stateMachineVersionArn).split(':').at(-1)!]! += 1;
    }
    // The ids are seeded: the same draw every time. Four standard deviations of a fair draw are 32.
    expect(counts['1']! + counts['2']!).toBe(400);
    expect(Math.abs(counts['2']! - 80)).toBeLessThan(32);
  });

  it('never starts a version of weight 0', async () => {
    const arn = await alias(routes(0, 100));
    for (let index = 0; index < 50; index++) {
      const { executionArn } = await account.do('StartExecution', { stateMachineArn: arn });
      expect(await account.describe(executionArn as string)).toMatchObject({ stateMachineVersionArn: `${machine}:2` });
    }
  });

  it('is the same for the same request, and refused for another under its name', async () => {
    const arn = await alias(routes(100), 'PROD', { description: 'live' });
    expect(await alias(routes(100), 'PROD', { description: 'live' })).toBe(arn);
    const conflict =
      'ConflictException: Failed to create alias because an alias with the same name and a different routing configuration already exists.';
    const request = { name: 'PROD', routingConfiguration: routes(100) };
    expect(await account.refusal('CreateStateMachineAlias', { ...request, description: 'x' })).toBe(conflict);
    const other = { ...request, description: 'live', routingConfiguration: routes(50, 50) };
    expect(await account.refusal('CreateStateMachineAlias', other)).toBe(conflict);
  });

  it('is described, updated, listed and deleted', async () => {
    const arn = await alias(routes(100));
    await alias([{ stateMachineVersionArn: `${machine}:2`, weight: 100 }], 'TEST');
    account.clock.advance(1000);
    await account.do('UpdateStateMachineAlias', {
      stateMachineAliasArn: arn,
      description: 'new description',
      routingConfiguration: routes(50, 50),
    });
    expect(await account.do('DescribeStateMachineAlias', { stateMachineAliasArn: arn })).toEqual({
      stateMachineAliasArn: arn,
      name: 'PROD',
      description: 'new description',
      routingConfiguration: routes(50, 50),
      creationDate: new Date(account.clock.now() - 1000),
      updateDate: new Date(account.clock.now()),
    });
    const list = async (input: JsonObject) =>
      ((await account.do('ListStateMachineAliases', input)).stateMachineAliases as JsonObject[]).map(
        (one) => one.stateMachineAliasArn,
      );
    expect(await list({ stateMachineArn: machine })).toEqual([arn, `${machine}:TEST`]);
    expect(await list({ stateMachineArn: machine, maxResults: 1 })).toEqual([arn]);
    expect(await list({ stateMachineArn: `${machine}:1` })).toEqual([arn]);
    await account.do('DeleteStateMachineAlias', { stateMachineAliasArn: arn });
    await account.do('DeleteStateMachineAlias', { stateMachineAliasArn: arn });
    expect(await list({ stateMachineArn: machine })).toEqual([`${machine}:TEST`]);
    expect(await account.refusal('UpdateStateMachineAlias', { stateMachineAliasArn: arn, description: 'x' })).toBe(
      'ResourceNotFound: Request references a resource that does not exist.',
    );
    expect(await account.refusal('StartExecution', { stateMachineArn: arn })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${arn}'`,
    );
  });

  it('keeps its versions from being deleted', async () => {
    const arn = await alias(routes(100));
    const input = { stateMachineVersionArn: `${machine}:1` };
    expect(await account.refusal('DeleteStateMachineVersion', input)).toBe(
      'ConflictException: Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [PROD]',
    );
    await account.do('UpdateStateMachineAlias', { stateMachineAliasArn: arn, routingConfiguration: routes(0, 100) });
    expect(await account.refusal('DeleteStateMachineVersion', input)).toMatch(/^ConflictException/);
    const onlySecond = [{ stateMachineVersionArn: `${machine}:2`, weight: 100 }];
    await account.do('UpdateStateMachineAlias', { stateMachineAliasArn: arn, routingConfiguration: onlySecond });
    await account.do('DeleteStateMachineVersion', input);
  });

  it('goes with its machine', async () => {
    const arn = await alias(routes(100));
    await account.do('DeleteStateMachine', { stateMachineArn: machine });
    expect(await account.refusal('DescribeStateMachineAlias', { stateMachineAliasArn: arn })).toMatch(
      /^ResourceNotFound/,
    );
    await account.machine('m', pass());
    expect((await account.do('ListStateMachineVersions', { stateMachineArn: machine })).stateMachineVersions).toEqual(
      [],
    );
  });

  const item = (version: number, weight: number) =>
    `RoutingConfigurationListItem(stateMachineVersionArn=MACHINE:${version}, weight=${weight})`;
  // As AWS was recorded refusing them.
  it.each([
    [
      'a machine',
      () => [{ stateMachineVersionArn: machine, weight: 100 }],
      'Routing configuration must contain state machine version ARNs. Received: [MACHINE]',
    ],
    [
      'the same version twice',
      () => [...routes(50), ...routes(50)],
      'Routing configuration must contain distinct state machine version ARNs. Received: [MACHINE:1, MACHINE:1]',
    ],
    [
      'three versions',
      () => routes(50, 30, 20),
      `1 validation error detected: Value '[${item(1, 50)}, ${item(2, 30)}, ${item(3, 20)}]' at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2`,
    ],
    [
      'a weight over 100',
      () => routes(101),
      "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [
      'weights under 100',
      () => routes(70, 29),
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    ],
    [
      'weights over 100',
      () => routes(70, 31),
      'Sum of routing configuration weights must equal 100. Received: [70, 31]',
    ],
  ])('cannot lead to %s', async (_, routing, message) => {
    const refusal = await account.refusal('CreateStateMachineAlias', { name: 'X', routingConfiguration: routing() });
    expect(refusal.replaceAll(machine, 'MACHINE')).toBe(`ValidationException: ${message}`);
  });

  it.each(['123', 'INVALID ALIAS', '!INVALID', 'ALIAS@'])('cannot be called %s', async (name) => {
    expect(await account.refusal('CreateStateMachineAlias', { name, routingConfiguration: routes(100) })).toBe(
      `ValidationException: 1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$`,
    );
  });

  it('leads to versions that there are', async () => {
    const routing = [{ stateMachineVersionArn: `${machine}:9`, weight: 100 }];
    expect(await account.refusal('CreateStateMachineAlias', { name: 'X', routingConfiguration: routing })).toMatch(
      /^ResourceNotFound/,
    );
  });
});
