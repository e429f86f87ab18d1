import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

const ROLE = `arn:aws:iam::${DEV}:role/reader`;

let runtime: TestRuntime;
let cli: AwsCli;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'shelf' }, 'Shelf');
  const managed = await runtime.put(
    DEV,
    'AWS::IAM::ManagedPolicy',
    {
      ManagedPolicyName: 'no-writes',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action: 's3:PutObject', Resource: '*' }],
      },
    },
    'NoWrites',
  );
  await runtime.put(
    DEV,
    'AWS::IAM::Role',
    {
      RoleName: 'reader',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${DEV}:root` }, Action: 'sts:AssumeRole' }],
      },
      ManagedPolicyArns: [managed.physicalId],
      Policies: [
        {
          PolicyName: 'read',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Sid: 'Read', Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::shelf/*' }],
          },
        },
      ],
    },
    'Reader',
  );
});
afterAll(() => runtime.dispose());

const iam = (...words: string[]) => cli.json('iam', ...words);

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('looks at a role and its policies', async () => {
    expect(await iam('get-role', '--role-name', 'reader')).toMatchObject({ Role: { Arn: ROLE, RoleName: 'reader' } });
    expect(await iam('list-roles')).toMatchObject({ Roles: [{ RoleName: 'reader' }] });
    expect(await iam('list-role-policies', '--role-name', 'reader')).toMatchObject({ PolicyNames: ['read'] });
    expect(await iam('list-attached-role-policies', '--role-name', 'reader')).toMatchObject({
      AttachedPolicies: [{ PolicyName: 'no-writes', PolicyArn: `arn:aws:iam::${DEV}:policy/no-writes` }],
    });
    expect(await iam('get-role-policy', '--role-name', 'reader', '--policy-name', 'read')).toMatchObject({
      PolicyDocument: { Statement: [{ Sid: 'Read' }] },
    });
    await expect(iam('get-role', '--role-name', 'none')).rejects.toThrow(
      'An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name none cannot be found.',
    );
  });

  it.skipIf(awscliMissing)('asks what a role may do', async () => {
    const asked = (await iam(
      ...['simulate-principal-policy', '--policy-source-arn', ROLE, '--action-names', 's3:GetObject', 's3:PutObject'],
      ...['--resource-arns', 'arn:aws:s3:::shelf/book'],
    )) as { EvaluationResults: { EvalActionName: string; EvalDecision: string }[] };
    expect(asked.EvaluationResults.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision])).toEqual([
      ['s3:GetObject', 'allowed'],
      ['s3:PutObject', 'explicitDeny'],
    ]);
  });

  it.skipIf(awscliMissing)('takes a role on and is somebody else then', async () => {
    const { Credentials } = (await cli.json(
      ...['sts', 'assume-role', '--role-arn', ROLE, '--role-session-name', 'me', '--duration-seconds', '900'],
    )) as { Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string } };
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = Credentials;
    const sts = new STSClient({
      ...runtime.client(DEV),
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:sts::${DEV}:assumed-role/reader/me`);
    sts.destroy();
    const stranger = new AwsCli(runtime, ACC, REGION);
    await expect(stranger.json('sts', 'assume-role', '--role-arn', ROLE, '--role-session-name', 'me')).rejects.toThrow(
      `An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::${ACC}:`,
    );
  });
});
