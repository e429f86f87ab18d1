import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { ACC, DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const trust = (principal: Record<string, string>, condition?: object) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...(condition ? { Condition: condition } : {}) },
  ],
});

describe('STS over the wire', () => {
  let runtime: TestRuntime;
  const clock = new VirtualClock();

  beforeAll(async () => {
    runtime = await startTestRuntime({ clock });
    await runtime.put(
      ACC,
      'AWS::IAM::Role',
      { RoleName: 'pull', AssumeRolePolicyDocument: trust({ AWS: DEV }) },
      'Pull',
    );
    await runtime.put(
      ACC,
      'AWS::IAM::Role',
      {
        RoleName: 'with-external-id',
        AssumeRolePolicyDocument: trust({ AWS: DEV }, { StringEquals: { 'sts:ExternalId': 'told' } }),
      },
      'External',
    );
    await runtime.put(
      DEV,
      'AWS::IAM::Role',
      { RoleName: 'lambda-only', AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }) },
      'LambdaOnly',
    );
  });
  afterAll(() => runtime.dispose());

  const assume = (accountId: string, role: string, more: object = {}) =>
    new STSClient(runtime.client(DEV)).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${accountId}:role/${role}`, RoleSessionName: 'session', ...more }),
    );

  test('the administrator of an account is told who it is', async () => {
    const identity = await new STSClient(runtime.client(DEV)).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: DEV, Arn: `arn:aws:iam::${DEV}:user/administrator` });
    expect(identity.UserId).toMatch(/^AIDA/);
  });

  test('a role of another account that trusts the caller gives a session there', async () => {
    const { Credentials, AssumedRoleUser } = await assume(ACC, 'pull');
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACC}:assumed-role/pull/session`);
    expect(Credentials?.Expiration?.getTime()).toBe(Math.floor((clock.now() + 3_600_000) / 1000) * 1000);

    const session = new STSClient({
      ...runtime.client(DEV),
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    });
    const identity = await session.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: ACC, Arn: `arn:aws:sts::${ACC}:assumed-role/pull/session` });
    expect(identity.UserId).toMatch(/^AROA\w+:session$/);
  });

  test('a session is refused without its token, with another one, and after it has expired', async () => {
    const { Credentials } = await assume(ACC, 'pull', { DurationSeconds: 900 });
    const identify = (sessionToken: string | undefined) =>
      new STSClient({
        ...runtime.client(DEV),
        credentials: {
          accessKeyId: Credentials?.AccessKeyId ?? '',
          secretAccessKey: Credentials?.SecretAccessKey ?? '',
          ...(sessionToken === undefined ? {} : { sessionToken }),
        },
      }).send(new GetCallerIdentityCommand({}));
    await expect(identify(undefined)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(identify('another')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(identify(Credentials?.SessionToken)).resolves.toMatchObject({ Account: ACC });
    clock.advance(899_999);
    await expect(identify(Credentials?.SessionToken)).resolves.toMatchObject({ Account: ACC });
    clock.advance(1);
    await expect(identify(Credentials?.SessionToken)).rejects.toMatchObject({ name: 'ExpiredToken' });
  });

  test.each([
    { case: 'a role that trusts only a service', accountId: DEV, role: 'lambda-only', more: {} },
    { case: 'a role that is not there', accountId: ACC, role: 'absent', more: {} },
    { case: 'a condition that is not met', accountId: ACC, role: 'with-external-id', more: { ExternalId: 'guessed' } },
    { case: 'a condition key that is not sent', accountId: ACC, role: 'with-external-id', more: {} },
  ])('AssumeRole is denied for $case', async ({ accountId, role, more }) => {
    await expect(assume(accountId, role, more)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        `User: arn:aws:iam::${DEV}:user/administrator is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${accountId}:role/${role}`,
      ),
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('AssumeRole is given when the condition is met', async () => {
    await expect(assume(ACC, 'with-external-id', { ExternalId: 'told' })).resolves.toMatchObject({
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/) },
    });
  });

  test('what would narrow a session is refused, not lost', async () => {
    await expect(assume(ACC, 'pull', { Policy: '{}' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('Policy'),
    });
  });

  test('a duration over the limit of the role is refused', async () => {
    await expect(assume(ACC, 'pull', { DurationSeconds: 3601 })).rejects.toMatchObject({
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
  });

  test('an operation that is not done is refused by name', async () => {
    const { GetSessionTokenCommand } = await import('@aws-sdk/client-sts');
    await expect(new STSClient(runtime.client(DEV)).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('sts:GetSessionToken'),
    });
  });
});
