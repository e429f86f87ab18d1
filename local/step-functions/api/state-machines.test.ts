import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../service.ts';
import { ACCOUNT, one, pass, REGION, ROLE, TestAccount, wait } from '../test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});
const request = (more: JsonObject = {}) => ({ name: 'm', roleArn: ROLE, definition: JSON.stringify(pass()), ...more });
const described = (stateMachineArn: string) => account.do('DescribeStateMachine', { stateMachineArn });

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
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' };
    expect(await account.refusal('CreateStateMachine', request({ encryptionConfiguration }))).toMatch(
      /^NotImplemented: .*CUSTOMER_MANAGED_KMS_KEY/,
    );
    expect(await account.refusal('CreateStateMachine', request({ invented: 1 }))).toMatch(
      /CreateStateMachine with invented/,
    );
  });

  it('is idempotent whatever the role and tags, and refuses another machine under the name', async () => {
    const arn = await account.machine('m', pass('a'));
    const again = request({ definition: JSON.stringify(pass('a')) });
    const other = `arn:aws:iam::${ACCOUNT}:role/other`;
    await account.do('CreateStateMachine', { ...again, roleArn: other, tags: [{ key: 'k', value: 'v' }] });
    expect(await described(arn)).toMatchObject({ roleArn: ROLE });
    const exists = `StateMachineAlreadyExists: State Machine Already Exists: '${arn}'`;
    expect(await account.refusal('CreateStateMachine', request({ definition: JSON.stringify(pass('b')) }))).toBe(
      exists,
    );
    expect(await account.refusal('CreateStateMachine', { ...again, type: 'EXPRESS' })).toBe(exists);
    expect(await account.refusal('CreateStateMachine', { ...again, tracingConfiguration: { enabled: true } })).toBe(
      exists,
    );
  });

  it('makes a machine whose description is the one that AWS was recorded giving', async () => {
    expect(await described(await account.machine('m', pass()))).toEqual({
      stateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:m`,
      name: 'm',
      status: 'ACTIVE',
      definition: JSON.stringify(pass()),
      roleArn: ROLE,
      type: 'STANDARD',
      creationDate: new Date(account.clock.now()),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
  });

  it('lists every violation of the API in one answer', async () => {
    expect(await account.refusal('CreateStateMachine', { name: 'x'.repeat(81), type: 'FAST', roleArn: '' })).toBe(
      `ValidationException: 4 validation errors detected: Value '${'x'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80; Value null at 'definition' failed to satisfy constraint: Member must not be null; Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'FAST' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]`,
    );
    expect(await account.refusal('CreateStateMachine', request({ name: 1 }))).toBe(
      'SerializationException: NUMBER_VALUE can not be converted to a String',
    );
  });

  it('takes no role but one of its own account', async () => {
    expect(await account.refusal('CreateStateMachine', request({ roleArn: 'nobody' }))).toBe(
      "InvalidArn: Invalid Role Arn: 'nobody'",
    );
    const foreign = 'arn:aws:iam::222222222222:role/machine';
    expect(await account.refusal('CreateStateMachine', request({ roleArn: foreign }))).toMatch(
      /^AccessDeniedException: Cross-account pass role is not allowed/,
    );
  });

  it.each(['a b', 'a<b', 'a:b', 'a/b', 'a\u007f', 'a\u0000', 'a\ud800'])('takes no name like %j', async (name) => {
    expect(await account.refusal('CreateStateMachine', request({ name }))).toBe(`InvalidName: Invalid Name: '${name}'`);
  });

  const group = { cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:g:*` } };
  it.each([
    { level: 'ALL' },
    { level: 'ERROR', destinations: [] },
    { level: 'ALL', destinations: [group, group] },
    { level: 'ALL', destinations: [{}] },
  ])('wants exactly one destination for %j', async (loggingConfiguration) => {
    expect(await account.refusal('CreateStateMachine', request({ loggingConfiguration }))).toBe(
      'InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
  });

  it.each([
    [{}, { level: 'OFF', includeExecutionData: false }],
    [{ destinations: [] }, { level: 'OFF', includeExecutionData: false, destinations: [] }],
    [
      { level: 'ALL', includeExecutionData: true, destinations: [group] },
      { level: 'ALL', includeExecutionData: true, destinations: [group] },
    ],
  ])('keeps the logging configuration %j', async (loggingConfiguration, shown) => {
    expect(await described(await account.machine('m', pass(), { loggingConfiguration }))).toMatchObject({
      loggingConfiguration: shown,
    });
  });
});

describe('UpdateStateMachine', () => {
  it('makes a revision of every change, and none of what changes nothing', async () => {
    const stateMachineArn = await account.machine('m', pass());
    const update = (more: JsonObject) => account.do('UpdateStateMachine', { stateMachineArn, ...more });
    const first = await update({ definition: JSON.stringify(pass('b')) });
    expect(await update({ definition: JSON.stringify(pass('b')) })).toMatchObject({ revisionId: first.revisionId });
    const second = await update({ tracingConfiguration: { enabled: true } });
    expect(second.revisionId).not.toBe(first.revisionId);
    expect(await described(stateMachineArn)).toMatchObject({
      revisionId: second.revisionId,
      tracingConfiguration: { enabled: true },
    });
  });

  it('wants something to change', async () => {
    const stateMachineArn = await account.machine('m', pass());
    expect(await account.refusal('UpdateStateMachine', { stateMachineArn })).toBe(
      'MissingRequiredParameter: Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    );
  });

  it('leaves what is under way on the definition and the revision it began with', async () => {
    const stateMachineArn = await account.machine('m', wait(10));
    const { revisionId } = await account.do('UpdateStateMachine', {
      stateMachineArn,
      definition: JSON.stringify(wait(20)),
    });
    const run = await account.start(stateMachineArn);
    await account.do('UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(wait(99)) });
    const shown = await account.do('DescribeStateMachineForExecution', { executionArn: run });
    expect(shown).toMatchObject({ revisionId, definition: JSON.stringify(wait(20)) });
    account.clock.advance(20_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('ListStateMachines', () => {
  it('pages by name, and takes no token but its own', async () => {
    for (const name of ['b', 'a', 'c']) await account.machine(name, pass());
    const names: unknown[] = [];
    let nextToken: unknown;
    do {
      const page = await account.do('ListStateMachines', {
        maxResults: 2,
        ...(nextToken !== undefined && { nextToken }),
      });
      names.push(...(page.stateMachines as JsonObject[]).map(({ name }) => name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(await account.refusal('ListStateMachines', { nextToken: 'x' })).toBe(
      "InvalidToken: Invalid Token: 'Invalid token'",
    );
    expect(await account.refusal('ListStateMachines', { maxResults: 1001 })).toBe(
      "ValidationException: 1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
    );
  });
});

describe('an ARN', () => {
  it.each([
    [
      'DescribeStateMachine',
      'stateMachineArn',
      'not_a_valid_arn',
      "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'",
    ],
    ['ListExecutions', 'stateMachineArn', 'x', "Invalid Arn: 'Invalid ARN prefix: x'"],
    ['DescribeActivity', 'activityArn', 'no', "Invalid Arn: 'Invalid ARN prefix: no'"],
    [
      'DescribeStateMachine',
      'stateMachineArn',
      `arn:aws:states:${REGION}:${ACCOUNT}:activity:a`,
      "Invalid Arn: 'Resource type not valid in this context: activity'",
    ],
  ])('of another kind is refused by %s', async (operation, member, arn, message) => {
    expect(await account.refusal(operation, { [member]: arn })).toBe(`InvalidArn: ${message}`);
  });

  it('of another account is not for whoever has no permission there', async () => {
    const stateMachineArn = `arn:aws:states:${REGION}:222222222222:stateMachine:m`;
    const { addressedAccount } = account.stepFunctions.service;
    expect(addressedAccount!('StartExecution', { stateMachineArn })).toBe('222222222222');
  });
});
