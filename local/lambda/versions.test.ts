import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionConcurrencyCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import { lambdaWorld } from './lambda-world.ts';

const FunctionName = 'work';
const ARN = `arn:aws:lambda:${REGION}:${DEV}:function:work`;

let runtime: TestRuntime;
let lambda: LambdaClient;

/** The function, of which each revision answers its number. */
async function deploy(revision: number): Promise<void> {
  const code = `export const handler = async (event, context) => ({ revision: ${revision}, arn: context.invokedFunctionArn });`;
  await runtime.put(
    DEV,
    'AWS::Lambda::Function',
    {
      FunctionName,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: `arn:aws:iam::${DEV}:role/work`,
      Code: { S3Bucket: 'b', S3Key: 'code.zip' },
    },
    'Work',
    { 'code.zip': zipSync({ 'index.mjs': [strToU8(code), { mtime: new Date('2026-01-01T00:00:00Z') }] }) },
  );
}

beforeEach(async () => {
  runtime = await startTestRuntime();
  lambda = new LambdaClient(runtime.client(DEV));
  await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'work',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  });
  await deploy(1);
});
afterEach(() => runtime.dispose());

async function invoke(Qualifier?: string) {
  const answer = await lambda.send(new InvokeCommand({ FunctionName, ...(Qualifier ? { Qualifier } : {}) }));
  return {
    ...(JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as { revision: number; arn: string }),
    version: answer.ExecutedVersion,
  };
}

async function publishTwo(): Promise<void> {
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await deploy(2);
  await lambda.send(new PublishVersionCommand({ FunctionName }));
}

describe('versions', () => {
  it('publishes once what has not changed, and keeps what it published as the function goes on', async () => {
    const first = await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'one' }));
    const again = await lambda.send(new PublishVersionCommand({ FunctionName, Description: 'other' }));
    await deploy(2);

    expect(first).toMatchObject({ Version: '1', FunctionArn: `${ARN}:1`, Description: 'one' });
    expect(again.Version).toBe('1');
    expect(await invoke('1')).toEqual({ revision: 1, arn: `${ARN}:1`, version: '1' });
    expect(await invoke('$LATEST')).toEqual({ revision: 2, arn: ARN, version: '$LATEST' });
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`]);
  });

  it('does not publish other code or another revision than the caller has seen', async () => {
    await expect(lambda.send(new PublishVersionCommand({ FunctionName, CodeSha256: 'other' }))).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
    await expect(lambda.send(new PublishVersionCommand({ FunctionName, RevisionId: 'other' }))).rejects.toMatchObject({
      name: 'PreconditionFailedException',
      $metadata: { httpStatusCode: 412 },
    });
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions).toHaveLength(1);
  });

  it('says that a version or an alias is not there', async () => {
    await expect(invoke('7')).rejects.toMatchObject({ message: `Function not found: ${ARN}:7` });
    await expect(invoke('nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}:nobody`,
    });
  });
});

describe('an alias', () => {
  it('is made, used, moved, listed and deleted', async () => {
    await publishTwo();
    const made = await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    expect(made).toMatchObject({ AliasArn: `${ARN}:live`, Name: 'live', FunctionVersion: '1', Description: '' });
    expect(await invoke('live')).toEqual({ revision: 1, arn: `${ARN}:live`, version: '1' });
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
    expect(Configuration).toMatchObject({ FunctionArn: `${ARN}:live`, Version: '1' });

    const all = { AdditionalVersionWeights: { 2: 1 } };
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', RoutingConfig: all }));
    expect(await invoke('live')).toEqual({ revision: 2, arn: `${ARN}:live`, version: '2' });
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', Description: 'kept' }));
    expect(await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({
      FunctionVersion: '1',
      Description: 'kept',
      RoutingConfig: all,
    });

    const listed = async (FunctionVersion: string) =>
      (await lambda.send(new ListAliasesCommand({ FunctionName, FunctionVersion }))).Aliases?.length;
    expect([await listed('2'), await listed('$LATEST')]).toEqual([1, 0]);
    await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await expect(lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).rejects.toMatchObject({
      message: `Cannot find alias arn: ${ARN}:live`,
    });
  });

  it.each([
    { $case: 'there is one of that name', Name: 'live', FunctionVersion: '1', error: 'ResourceConflictException' },
    { $case: 'the version is not there', Name: 'next', FunctionVersion: '9', error: 'ResourceNotFoundException' },
    { $case: 'its name is a number', Name: '12', FunctionVersion: '1', error: 'ValidationException' },
    { $case: 'weights of two others', Name: 'n', weights: { 1: 0.1, 3: 0.1 }, error: 'InvalidParameterValueException' },
    { $case: 'a weight over 1', Name: 'n', weights: { 1: 1.5 }, error: 'InvalidParameterValueException' },
    { $case: 'a share of $LATEST', Name: 'n', weights: { $LATEST: 0.5 }, error: 'InvalidParameterValueException' },
  ])('is refused when $case', async ({ Name, FunctionVersion = '2', weights, error }) => {
    await publishTwo();
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const RoutingConfig = weights && { AdditionalVersionWeights: weights as unknown as Record<string, number> };
    await expect(
      lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion, RoutingConfig })),
    ).rejects.toMatchObject({ name: error });
    expect((await lambda.send(new ListAliasesCommand({ FunctionName }))).Aliases).toHaveLength(1);
  });

  it('has its own URL and its own permissions', async () => {
    await publishTwo();
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const deployed = await runtime.put(DEV, 'AWS::Lambda::Url', {
      TargetFunctionArn: FunctionName,
      Qualifier: 'live',
      AuthType: 'NONE',
    });
    const url = deployed.attributes.FunctionUrl as string;
    expect((await fetch(url)).status).toBe(403);

    for (const [StatementId, Action] of [
      ['url', 'lambda:InvokeFunctionUrl'],
      ['run', 'lambda:InvokeFunction'],
    ]) {
      await lambda.send(
        new AddPermissionCommand({ FunctionName, Qualifier: 'live', StatementId, Action, Principal: '*' }),
      );
    }
    expect(await (await fetch(url)).json()).toEqual({ revision: 1, arn: `${ARN}:live` });
  });

  it('shares invocations out by its weights, and keeps its choice out of who asks', async () => {
    const { deploy: deployHere, invoke: invokeHere, put, stop } = lambdaWorld();
    try {
      const code = (n: number) => ({ 'index.mjs': `export const handler = async () => ${n};` });
      const arn = await deployHere('shared', code(1));
      await put('AWS::Lambda::Version', { FunctionName: 'shared' }, { logicalId: 'One' });
      await deployHere('shared', code(2));
      await put('AWS::Lambda::Version', { FunctionName: 'shared' }, { logicalId: 'Two' });
      const alias = await put('AWS::Lambda::Alias', {
        FunctionName: 'shared',
        FunctionVersion: '1',
        Name: 'live',
        RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '2', FunctionWeight: 0.25 }] },
      });
      expect(alias.physicalId).toBe(`${arn}:live`);

      const answers: unknown[] = [];
      for (let call = 0; call < 80; call++) answers.push((await invokeHere(alias.physicalId)).answer);
      const share = answers.filter((answer) => answer === 2).length / answers.length;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.35);
    } finally {
      await stop();
    }
  });
});

describe('permissions by the API', () => {
  const permission = { FunctionName, StatementId: 'acc', Action: 'lambda:InvokeFunction', Principal: ACC };

  it('let another account in until they are taken away', async () => {
    const other = new LambdaClient(runtime.client(ACC));
    const call = () => other.send(new InvokeCommand({ FunctionName: ARN }));
    const { Statement } = await lambda.send(new AddPermissionCommand(permission));

    expect(JSON.parse(Statement ?? '')).toEqual({
      Sid: 'acc',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACC}:root` },
      Action: 'lambda:InvokeFunction',
      Resource: ARN,
    });
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName }));
    expect(JSON.parse(Policy ?? '')).toMatchObject({ Statement: [{ Sid: 'acc' }] });
    expect((await call()).StatusCode).toBe(200);

    await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'acc' }));
    await expect(call()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(lambda.send(new GetPolicyCommand({ FunctionName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('on an alias say nothing about the function, and a statement id is taken once', async () => {
    await publishTwo();
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    await lambda.send(new AddPermissionCommand({ ...permission, Qualifier: 'live' }));
    const other = new LambdaClient(runtime.client(ACC));

    expect((await other.send(new InvokeCommand({ FunctionName: ARN, Qualifier: 'live' }))).StatusCode).toBe(200);
    await expect(other.send(new InvokeCommand({ FunctionName: ARN }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(lambda.send(new AddPermissionCommand({ ...permission, Qualifier: 'live' }))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    await lambda.send(new AddPermissionCommand(permission));
    expect((await other.send(new InvokeCommand({ FunctionName: ARN }))).StatusCode).toBe(200);
  });

  it('refuse by name the members that are not done, and a statement that is not there', async () => {
    await expect(
      lambda.send(new AddPermissionCommand({ ...permission, PrincipalOrgID: 'o-1234567890' })),
    ).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('PrincipalOrgID') });
    await expect(
      lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: 'nobody' })),
    ).rejects.toMatchObject({ message: 'Statement nobody is not found in resource policy.' });
  });
});

it('reserves concurrency by the API for all versions together, and gives it back', async () => {
  await publishTwo();
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));

  expect(await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).toMatchObject({
    ReservedConcurrentExecutions: 0,
  });
  await expect(invoke('1')).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });

  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect((await invoke('1')).revision).toBe(1);
  const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
  expect(ReservedConcurrentExecutions).toBeUndefined();
});
