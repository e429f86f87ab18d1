import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const read = { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::data/*' };
const never = { Sid: 'Never', Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::data/secret/*' };
const through = {
  Sid: 'ThroughS3',
  Effect: 'Allow',
  Action: 'kms:Decrypt',
  Resource: '*',
  Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
};
const strange = {
  ...read,
  Sid: 'Strange',
  Action: 's3:PutObject',
  Condition: { StringEquals: { 'aws:Surprise': 'x' } },
};

describe('IAM over the wire', () => {
  let runtime: TestRuntime;
  let iam: IAMClient;
  const roleArn = `arn:aws:iam::${DEV}:role/reader`;

  beforeAll(async () => {
    runtime = await startTestRuntime();
    iam = new IAMClient({ ...runtime.client(DEV), region: 'us-east-1' });
    const { physicalId: boundary } = await runtime.put(
      DEV,
      'AWS::IAM::ManagedPolicy',
      {
        ManagedPolicyName: 'most',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' }],
        },
      },
      'Most',
    );
    await runtime.put(
      DEV,
      'AWS::IAM::Role',
      {
        RoleName: 'reader',
        PermissionsBoundary: boundary,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [read, never, through, strange, { Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
            },
          },
        ],
      },
      'Reader',
    );
  });
  afterAll(() => runtime.dispose());

  const simulate = async (action: string, resource: string, context: Record<string, string> = {}) => {
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: roleArn,
        ActionNames: [action],
        ResourceArns: [resource],
        ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyValues: [value],
          ContextKeyType: 'string' as const,
        })),
      }),
    );
    return EvaluationResults?.[0];
  };

  test('a role and its policies can be looked at', async () => {
    expect((await iam.send(new GetRoleCommand({ RoleName: 'reader' }))).Role).toMatchObject({
      Arn: roleArn,
      Path: '/',
    });
    expect((await iam.send(new ListRolesCommand({}))).Roles?.map(({ RoleName }) => RoleName)).toEqual(['reader']);
    const listed = await iam.send(new ListRolePoliciesCommand({ RoleName: 'reader' }));
    expect(listed.PolicyNames).toEqual(['p']);
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));
    expect(JSON.parse(decodeURIComponent(PolicyDocument ?? '')).Statement[0]).toEqual(read);
    await expect(iam.send(new GetRoleCommand({ RoleName: 'absent' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });

  test('a simulation names the statement that decided by its place in the policy', async () => {
    const result = await simulate('s3:GetObject', 'arn:aws:s3:::data/x');
    expect(result).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: expect.arrayContaining([
        expect.objectContaining({ SourcePolicyId: 'p', SourcePolicyType: 'role' }),
      ]),
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true },
    });
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName: 'reader', PolicyName: 'p' }));
    const lines = decodeURIComponent(PolicyDocument).split('\n');
    const [matched] = result?.MatchedStatements ?? [];
    const { StartPosition: start, EndPosition: end } = matched ?? {};
    const text = lines
      .slice((start?.Line ?? 1) - 1, end?.Line)
      .join('\n')
      .replace(/,$/, '');
    expect(JSON.parse(text)).toEqual(read);
  });

  test.each([
    { action: 's3:GetObject', resource: 'arn:aws:s3:::data/secret/x', decision: 'explicitDeny' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::other/x', decision: 'implicitDeny' },
    { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:eu-west-1:111111111111:q', decision: 'implicitDeny' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::data/x', decision: 'implicitDeny' },
  ])('$action on $resource: $decision', async ({ action, resource, decision }) => {
    expect(await simulate(action, resource)).toMatchObject({ EvalDecision: decision });
  });

  test('a condition holds by what the request gives, and what it does not give is named', async () => {
    const key = 'arn:aws:kms:eu-west-1:111111111111:key/1';
    expect(await simulate('kms:Decrypt', key)).toMatchObject({
      EvalDecision: 'implicitDeny',
      MissingContextValues: ['kms:viaservice'],
    });
    const given = { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' };
    expect(await simulate('kms:Decrypt', key, given)).toMatchObject({ EvalDecision: 'allowed' });
  });

  test('an operation that is not done is refused by name', async () => {
    const { CreateRoleCommand } = await import('@aws-sdk/client-iam');
    await expect(
      iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: '{}' })),
    ).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('iam:CreateRole') });
  });
});
