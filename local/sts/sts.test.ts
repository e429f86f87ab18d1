import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
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

  test('what would change a session and is not done is refused, not lost', async () => {
    await expect(assume(ACC, 'pull', { SerialNumber: 'x', TokenCode: '123456' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('SerialNumber'),
    });
    await expect(assume(ACC, 'pull', { Policy: '{}' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringContaining('no Statement'),
    });
  });

  describe('a session', () => {
    const allow = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
    beforeAll(async () => {
      const policies = [
        {
          PolicyName: 'p',
          PolicyDocument: { Version: '2012-10-17', Statement: [allow('sqs:ListQueues'), allow('kms:ListKeys')] },
        },
      ];
      const mayDoAll = {
        ...trust({ AWS: DEV }),
        Statement: [
          {
            ...trust({ AWS: DEV }).Statement[0],
            Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
          },
        ],
      };
      await runtime.put(
        ACC,
        'AWS::IAM::Role',
        { RoleName: 'listing', AssumeRolePolicyDocument: mayDoAll, Policies: policies },
        'Listing',
      );
      await runtime.put(
        ACC,
        'AWS::IAM::Role',
        {
          RoleName: 'of-a-team',
          AssumeRolePolicyDocument: mayDoAll,
          Policies: [
            {
              PolicyName: 'p',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  { ...allow('sqs:ListQueues'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } },
                ],
              },
            },
          ],
        },
        'Team',
      );
      await runtime.put(
        ACC,
        'AWS::IAM::Role',
        { RoleName: 'untagged', AssumeRolePolicyDocument: trust({ AWS: DEV }) },
        'Untagged',
      );
    });
    const session = async (role: string, more: object = {}) => {
      const { Credentials } = await assume(ACC, role, more);
      return {
        ...runtime.client(ACC),
        credentials: {
          accessKeyId: Credentials?.AccessKeyId ?? '',
          secretAccessKey: Credentials?.SecretAccessKey ?? '',
          sessionToken: Credentials?.SessionToken ?? '',
        },
      };
    };
    const listQueues = async (client: object) => new SQSClient(client).send(new ListQueuesCommand({}));
    const listKeys = async (client: object) => new KMSClient(client).send(new ListKeysCommand({}));

    test('does what its role may do, and nothing else', async () => {
      const client = await session('listing');
      await expect(listQueues(client)).resolves.toBeDefined();
      await expect(new SQSClient(client).send(new CreateQueueCommand({ QueueName: 'q' }))).rejects.toMatchObject({
        message: expect.stringContaining('because no identity-based policy allows the sqs:CreateQueue action'),
      });
    });

    test('does no more than its session policy, which gives nothing of its own', async () => {
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow('sqs:*')] });
      const client = await session('listing', { Policy });
      await expect(listQueues(client)).resolves.toBeDefined();
      await expect(listKeys(client)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('because no session policy allows the kms:ListKeys action'),
      });
      await expect(new SQSClient(client).send(new CreateQueueCommand({ QueueName: 'q' }))).rejects.toMatchObject({
        message: expect.stringContaining('no identity-based policy'),
      });
    });

    test('carries its tags into the conditions of policies', async () => {
      await expect(
        listQueues(await session('of-a-team', { Tags: [{ Key: 'team', Value: 'blue' }] })),
      ).resolves.toBeDefined();
      await expect(listQueues(await session('of-a-team', { Tags: [{ Key: 'team', Value: 'red' }] }))).rejects.toThrow(
        'not authorized',
      );
      await expect(listQueues(await session('of-a-team'))).rejects.toThrow('not authorized');
    });

    test('is tagged, and told apart by a source identity, only where the trust policy lets it', async () => {
      await expect(assume(ACC, 'untagged', { Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow('sts:TagSession');
      await expect(assume(ACC, 'untagged', { SourceIdentity: 'ana' })).rejects.toThrow('sts:SetSourceIdentity');
      await expect(assume(ACC, 'listing', { SourceIdentity: 'ana' })).resolves.toMatchObject({ SourceIdentity: 'ana' });
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
