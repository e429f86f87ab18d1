import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from './server/test-runtime.ts';
import type { Principal } from './service.ts';

const administrator = (accountId: string): Principal => ({
  kind: 'user',
  accountId,
  arn: `arn:aws:iam::${accountId}:user/administrator`,
  userId: 'AIDA',
});

describe('services of several accounts in one process', () => {
  let runtime: TestRuntime;

  beforeAll(async () => {
    runtime = await startTestRuntime();
  });
  afterAll(() => runtime.dispose());

  test('an event that one account puts on the bus of another reaches a queue there, if bus and queue let it', async () => {
    const busArn = `arn:aws:events:${REGION}:${ACC}:event-bus/inbox`;
    const queueArn = `arn:aws:sqs:${REGION}:${ACC}:jobs`;
    await runtime.put(ACC, 'AWS::Events::EventBus', { Name: 'inbox' }, 'Bus');
    const { physicalId: queueUrl } = await runtime.put(ACC, 'AWS::SQS::Queue', { QueueName: 'jobs' }, 'Queue');
    const rule = await runtime.put(
      ACC,
      'AWS::Events::Rule',
      {
        Name: 'to-queue',
        EventBusName: 'inbox',
        EventPattern: { source: ['test'] },
        Targets: [{ Id: 'queue', Arn: queueArn }],
      },
      'Rule',
    );
    await runtime.put(
      ACC,
      'AWS::SQS::QueuePolicy',
      {
        Queues: [queueUrl],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: queueArn,
              Condition: { ArnEquals: { 'aws:SourceArn': rule.attributes.Arn } },
            },
          ],
        },
      },
      'QueuePolicy',
    );
    const put = () =>
      new EventBridgeClient(runtime.client(DEV)).send(
        new PutEventsCommand({
          Entries: [{ EventBusName: busArn, Source: 'test', DetailType: 'Tried', Detail: '{"n":1}' }],
        }),
      );
    // The bus has no policy yet, so the account of the caller is not let in.
    const refused = await put().then(
      ({ FailedEntryCount, Entries }) => ({ FailedEntryCount, code: Entries?.[0]?.ErrorCode }),
      (error: Error) => ({ FailedEntryCount: 1, code: error.name }),
    );
    expect(refused).toEqual({ FailedEntryCount: 1, code: 'AccessDeniedException' });

    await runtime.put(
      ACC,
      'AWS::Events::EventBusPolicy',
      {
        EventBusName: 'inbox',
        StatementId: 'dev',
        Statement: { Effect: 'Allow', Principal: { AWS: DEV }, Action: 'events:PutEvents', Resource: busArn },
      },
      'BusPolicy',
    );
    expect((await put()).FailedEntryCount).toBe(0);
    const { Messages } = await new SQSClient(runtime.client(ACC)).send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }),
    );
    expect(Messages).toHaveLength(1);
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ account: DEV, source: 'test', detail: { n: 1 } });
  });

  test('a state machine runs for its own account and not for another', async () => {
    const { attributes: role } = await runtime.put(
      DEV,
      'AWS::IAM::Role',
      {
        RoleName: 'machine',
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
      'MachineRole',
    );
    const sfn = new SFNClient(runtime.client(DEV));
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'machine',
        roleArn: role.Arn,
        definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
      }),
    );
    await expect(
      runtime.services.startExecution(stateMachineArn as string, '{}', administrator(ACC)),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' });

    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
    await expect
      .poll(async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status)
      .toBe('SUCCEEDED');
  });

  test("another account's table is asked for by ARN, and refused without a policy that lets it", async () => {
    const dev = new DynamoDBClient(runtime.client(DEV));
    const { TableDescription } = await dev.send(
      new CreateTableCommand({
        TableName: 'registry',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const get = (client: DynamoDBClient) =>
      client.send(new GetItemCommand({ TableName: TableDescription?.TableArn, Key: { pk: { S: 'x' } } }));
    await expect(get(dev)).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
    await expect(get(new DynamoDBClient(runtime.client(ACC)))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('a function runs with the credentials of its role, which work here, and only its own account may call it', async () => {
    const { attributes: role } = await runtime.put(
      DEV,
      'AWS::IAM::Role',
      {
        RoleName: 'function',
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
      'FunctionRole',
    );
    const code = `export const handler = async () => ({
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
      sessionToken: process.env.AWS_SESSION_TOKEN,
      endpoint: process.env.AWS_ENDPOINT_URL,
    });`;
    const functionArn = `arn:aws:lambda:${REGION}:${DEV}:function:who`;
    await runtime.put(
      DEV,
      'AWS::Lambda::Function',
      {
        FunctionName: 'who',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: role.Arn,
        Code: { S3Bucket: 'packages', S3Key: 'who.zip' },
      },
      'Who',
      { 'who.zip': zipSync({ 'index.mjs': strToU8(code) }) },
    );
    const { Payload } = await new LambdaClient(runtime.client(DEV)).send(new InvokeCommand({ FunctionName: 'who' }));
    const { endpoint, ...credentials } = JSON.parse(Buffer.from(Payload as Uint8Array).toString());
    expect(endpoint).toBe(runtime.url);
    const identity = await new STSClient({ region: REGION, endpoint, credentials }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(identity.Arn).toBe(`arn:aws:sts::${DEV}:assumed-role/function/who`);

    const foreign = new LambdaClient(runtime.client(ACC));
    await expect(foreign.send(new InvokeCommand({ FunctionName: functionArn }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('an object is read across accounts only as the bucket policy says, and copied with it', async () => {
    const dev = new S3Client(runtime.client(DEV));
    const acc = new S3Client(runtime.client(ACC));
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'dev-artifacts' }, 'Artifacts');
    await runtime.put(ACC, 'AWS::S3::Bucket', { BucketName: 'acc-artifacts' }, 'Artifacts');
    await dev.send(new PutObjectCommand({ Bucket: 'dev-artifacts', Key: 'shared/model', Body: 'the model' }));
    await dev.send(new PutObjectCommand({ Bucket: 'dev-artifacts', Key: 'private/data', Body: 'the data' }));
    const read = async (Key: string) =>
      (await acc.send(new GetObjectCommand({ Bucket: 'dev-artifacts', Key }))).Body?.transformToString();
    const copy = (Key: string) =>
      acc.send(new CopyObjectCommand({ Bucket: 'acc-artifacts', Key, CopySource: `dev-artifacts/${Key}` }));
    await expect(read('shared/model')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(copy('shared/model')).rejects.toMatchObject({ name: 'AccessDenied' });

    await runtime.put(
      DEV,
      'AWS::S3::BucketPolicy',
      {
        Bucket: 'dev-artifacts',
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${ACC}:root` },
              Action: 's3:GetObject',
              Resource: 'arn:aws:s3:::dev-artifacts/shared/*',
            },
          ],
        },
      },
      'ArtifactsPolicy',
    );
    expect(await read('shared/model')).toBe('the model');
    await expect(read('private/data')).rejects.toMatchObject({ name: 'AccessDenied' });
    await copy('shared/model');
    await expect(copy('private/data')).rejects.toMatchObject({ name: 'AccessDenied' });
    const copied = await acc.send(new GetObjectCommand({ Bucket: 'acc-artifacts', Key: 'shared/model' }));
    expect(await copied.Body?.transformToString()).toBe('the model');
    await expect(
      acc.send(new PutObjectCommand({ Bucket: 'dev-artifacts', Key: 'shared/model', Body: 'another' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await read('shared/model')).toBe('the model');
  });

  test('what is addressed to an account that is not here is refused by name', async () => {
    const arn = `arn:aws:sqs:${REGION}:999999999999:jobs`;
    await expect(runtime.services.sendMessage(arn, 'x', {}, administrator(DEV))).rejects.toThrow(
      `${arn} is not in an account of this local runtime (${DEV}, ${ACC})`,
    );
  });

  test('an operation that a service does not have is refused by name, called from inside too', async () => {
    await expect(runtime.services.callOperation('kms', 'CreateGrant', {}, administrator(DEV))).rejects.toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining('kms:CreateGrant'),
    });
  });
});
