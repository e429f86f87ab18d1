import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACC, DEV, startTestRuntime, type TestRuntime } from '../../server/test-runtime.ts';
import { type StepFunctionsClient, TestMachine } from './test-machine.ts';

const sdk = (action: string) => `arn:aws:states:::aws-sdk:${action}`;
const REQUEST_ID = '[0-9a-f-]{36}';

const PROGRAM = `
  const { SM_HP_DO: what, SM_MODEL_DIR: folder } = process.env;
  if (what === 'train') require('node:fs').writeFileSync(folder + '/model', 'm');
  if (what === 'fail') process.exit(9);
  if (what === 'stay') setInterval(() => {}, 1000);
`;

let runtime: TestRuntime;
let dev: TestMachine;
let stepFunctions: SFNClient;
let roleArn: string;

const over = (client: SFNClient): StepFunctionsClient => ({
  create: async (input) => (await client.send(new CreateStateMachineCommand(input))).stateMachineArn as string,
  start: async (stateMachineArn) =>
    (await client.send(new StartExecutionCommand({ stateMachineArn }))).executionArn as string,
  describe: (executionArn) => client.send(new DescribeExecutionCommand({ executionArn })),
});

beforeAll(async () => {
  runtime = await startTestRuntime({
    trainingImages: { 'local://node': { command: [process.execPath, '-e', PROGRAM] } },
  });
  stepFunctions = new SFNClient(runtime.client(DEV));
  dev = new TestMachine(runtime, DEV, over(stepFunctions));
  roleArn = await dev.role('machine');
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'things' }, 'Things');
  await new DynamoDBClient(runtime.client(DEV)).send(
    new CreateTableCommand({
      TableName: 'things',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
afterAll(() => runtime.dispose());

describe('aws-sdk:s3', () => {
  test('puts JSON and text as text, and gives an object back as AWS was recorded giving it', async () => {
    const put = await dev.result(sdk('s3:putObject'), { Bucket: 'things', Key: 'a/b c.json', Body: { Dict: 'Value' } });
    expect(put).toEqual({
      ChecksumCRC32: 'hnEfWw==',
      ChecksumType: 'FULL_OBJECT',
      ETag: '"49e31cee5aec8faf3345893addb14346"',
      ServerSideEncryption: 'AES256',
    });
    const get = await dev.result(sdk('s3:getObject'), { Bucket: 'things', Key: 'a/b c.json' });
    expect(get).toEqual({
      AcceptRanges: 'bytes',
      Body: '{"Dict":"Value"}',
      ContentLength: 16,
      ContentType: 'binary/octet-stream',
      ETag: '"49e31cee5aec8faf3345893addb14346"',
      LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      Metadata: {},
      ServerSideEncryption: 'AES256',
    });
    await dev.result(sdk('s3:putObject'), {
      Bucket: 'things',
      Key: 'text',
      Body: 'as it is',
      ContentType: 'text/plain',
      Metadata: { Colour: 'blue' },
    });
    const stored = await new S3Client(runtime.client(DEV)).send(
      new GetObjectCommand({ Bucket: 'things', Key: 'text' }),
    );
    expect(await stored.Body?.transformToString()).toBe('as it is');
    expect({ type: stored.ContentType, metadata: stored.Metadata }).toEqual({
      type: 'text/plain',
      metadata: { colour: 'blue' },
    });
  });

  test('lists, copies and deletes', async () => {
    for (const Key of ['list/1', 'list/2', 'list/deep/3'])
      await dev.result(sdk('s3:putObject'), { Bucket: 'things', Key, Body: '' });
    const listed = await dev.result(sdk('s3:listObjectsV2'), { Bucket: 'things', Prefix: 'list/', Delimiter: '/' });
    expect(listed).toMatchObject({
      Contents: [
        { Key: 'list/1', Size: 0, StorageClass: 'STANDARD' },
        { Key: 'list/2', Size: 0, LastModified: expect.stringMatching(/Z$/) },
      ],
      CommonPrefixes: [{ Prefix: 'list/deep/' }],
      IsTruncated: false,
      KeyCount: 3,
      MaxKeys: 1000,
    });
    const copied = await dev.result(sdk('s3:copyObject'), {
      Bucket: 'things',
      Key: 'list/copy',
      CopySource: 'things/list/1',
    });
    expect(copied).toMatchObject({ CopyObjectResult: { ETag: '"d41d8cd98f00b204e9800998ecf8427e"' } });
    const deleted = await dev.result(sdk('s3:deleteObjects'), {
      Bucket: 'things',
      Delete: { Objects: [{ Key: 'list/1' }, { Key: 'list/2' }, { Key: 'list/copy' }] },
    });
    expect(deleted).toEqual({ Deleted: [{ Key: 'list/1' }, { Key: 'list/2' }, { Key: 'list/copy' }] });
    expect(await dev.result(sdk('s3:listObjectsV2'), { Bucket: 'things', Prefix: 'list/' })).toMatchObject({
      Contents: [{ Key: 'list/deep/3' }],
      KeyCount: 1,
    });
  });

  test('names its errors as the SDK does', async () => {
    const missing = await dev.failure(sdk('s3:getObject'), { Bucket: 'things', Key: 'none' });
    expect(missing.error).toBe('S3.NoSuchKeyException');
    expect(missing.cause).toMatch(
      new RegExp(
        `^The specified key does not exist\\. \\(Service: S3, Status Code: 404, Request ID: ${REQUEST_ID}, Extended Request ID: ${REQUEST_ID}\\)`,
      ),
    );
    expect((await dev.failure(sdk('s3:headObject'), { Bucket: 'things', Key: 'none' })).error).toBe(
      'S3.NoSuchKeyException',
    );
    expect((await dev.failure(sdk('s3:listObjectsV2'), { Bucket: 'nowhere' })).error).toBe('S3.NoSuchBucketException');
    const raced = await dev.failure(sdk('s3:putObject'), {
      Bucket: 'things',
      Key: 'a/b c.json',
      Body: '',
      IfNoneMatch: '*',
    });
    expect(raced.error).toBe('S3.S3Exception');
    expect(raced.cause).toMatch(/pre-conditions .*\(Service: S3, Status Code: 412, /);
  });

  test('an object that is too large to be a result fails as one', async () => {
    await new S3Client(runtime.client(DEV)).send(
      new PutObjectCommand({ Bucket: 'things', Key: 'large', Body: 'x'.repeat(5_000_000) }),
    );
    expect(await dev.failure(sdk('s3:getObject'), { Bucket: 'things', Key: 'large' })).toEqual({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'aws-sdk:s3' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  test('a parameter that is not done is refused by name, and so is an action, when the machine is made', async () => {
    expect((await dev.failure(sdk('s3:getObject'), { Bucket: 'things', Key: 'a', SSECustomerKey: 'k' })).cause).toMatch(
      /^aws-sdk:s3:getObject with SSECustomerKey is not implemented/,
    );
    for (const action of ['s3:selectObjectContent', 'glue:startJobRun', 'dynamodb:exportTableToPointInTime']) {
      await expect(dev.start(sdk(action), {})).rejects.toThrow(`aws-sdk:${action} (at /States/Task/Resource)`);
    }
  });
});

describe('Lambda', () => {
  test('lambda:invoke gives the version, the payload and the HTTP side; ClientContext reaches the function', async () => {
    const code = 'export const handler = async (event, context) => ({ event, custom: context.clientContext?.custom })';
    const arn = await dev.function('echo', code, roleArn);
    const result = await dev.result('arn:aws:states:::lambda:invoke', {
      FunctionName: arn,
      Payload: { n: 1 },
      ClientContext: Buffer.from('{"custom":{"a":1}}').toString('base64'),
    });
    expect(result).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { event: { n: 1 }, custom: { a: 1 } },
      SdkHttpMetadata: {
        AllHttpHeaders: { 'X-Amz-Executed-Version': ['$LATEST'], 'x-amzn-Remapped-Content-Length': ['0'] },
        HttpHeaders: { 'Content-Length': '34', 'Content-Type': 'application/json' },
        HttpStatusCode: 200,
      },
      StatusCode: 200,
    });
    const dry = await dev.result('arn:aws:states:::lambda:invoke', { FunctionName: arn, InvocationType: 'DryRun' });
    expect(dry).toMatchObject({ Payload: '', StatusCode: 204 });
    const bySdk = await dev.result(sdk('lambda:invoke'), { FunctionName: 'echo', Payload: { n: 2 } });
    expect(bySdk).toEqual({ ExecutedVersion: '$LATEST', Payload: '{"event":{"n":2}}', StatusCode: 200 });
    expect(await dev.result(sdk('lambda:getFunctionConfiguration'), { FunctionName: 'echo' })).toMatchObject({
      FunctionName: 'echo',
      Handler: 'index.handler',
    });
  });

  test('a function’s own error keeps its name; one that is missing or named badly is Lambda’s', async () => {
    const code = 'export const handler = () => { const e = new Error("no"); e.name = "Refused"; throw e; }';
    const arn = await dev.function('raises', code, roleArn);
    for (const failure of [
      await dev.failure('arn:aws:states:::lambda:invoke', { FunctionName: arn }),
      await dev.failure(arn, {}),
    ]) {
      expect(failure.error).toBe('Refused');
      expect(JSON.parse(failure.cause ?? '')).toMatchObject({ errorType: 'Refused', errorMessage: 'no' });
    }
    const missing = await dev.failure('arn:aws:states:::lambda:invoke', { FunctionName: 'no_such' });
    expect(missing.error).toBe('Lambda.ResourceNotFoundException');
    expect(missing.cause).toMatch(
      /^Function not found: .*:no_such.* \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: .*; Proxy: null\)$/,
    );
    const throttled = await dev.function('throttled', code, roleArn, { ReservedConcurrentExecutions: 0 });
    expect((await dev.failure('arn:aws:states:::lambda:invoke', { FunctionName: throttled })).error).toBe(
      'Lambda.TooManyRequestsException',
    );
    const bySdk = await dev.failure(sdk('lambda:invoke'), { FunctionName: 'no_such' });
    expect(bySdk.error).toBe('Lambda.ResourceNotFoundException');
    expect(bySdk.cause).toContain('(Service: Lambda, Status Code: 404, Request ID: ');
  });
});

describe('the other services', () => {
  test('DynamoDB, optimised and through aws-sdk', async () => {
    const put = await dev.result('arn:aws:states:::dynamodb:putItem', {
      TableName: 'things',
      Item: { id: { S: 'one' } },
    });
    expect(put).toMatchObject({
      SdkHttpMetadata: {
        AllHttpHeaders: { Server: ['Server'], 'Content-Length': ['2'], 'x-amz-crc32': ['2745614147'] },
        HttpStatusCode: 200,
      },
    });
    expect(
      await dev.result(sdk('dynamodb:query'), {
        TableName: 'things',
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'one' } },
      }),
    ).toEqual({ Count: 1, Items: [{ id: { S: 'one' } }], ScannedCount: 1 });
    const conditional = {
      TableName: 'things',
      Item: { id: { S: 'one' } },
      ConditionExpression: 'attribute_not_exists(id)',
    };
    expect((await dev.failure(sdk('dynamodb:putItem'), conditional)).error).toBe(
      'DynamoDb.ConditionalCheckFailedException',
    );
    expect((await dev.failure('arn:aws:states:::dynamodb:putItem', conditional)).error).toBe(
      'DynamoDB.ConditionalCheckFailedException',
    );
    const missing = await dev.failure(sdk('dynamodb:getItem'), { TableName: 'none', Key: { id: { S: 'one' } } });
    expect(missing.error).toBe('DynamoDb.ResourceNotFoundException');
    expect(missing.cause).toMatch(
      new RegExp(
        `^Requested resource not found .*\\(Service: DynamoDb, Status Code: 400, Request ID: ${REQUEST_ID}\\)`,
      ),
    );
  });

  test('KMS, STS and Step Functions itself name their errors as the SDK does', async () => {
    expect((await dev.failure(sdk('kms:describeKey'), { KeyId: '11111111-2222-3333-4444-555555555555' })).error).toBe(
      'Kms.NotFoundException',
    );
    expect(await dev.result(sdk('sts:getCallerIdentity'), {})).toMatchObject({
      Account: DEV,
      Arn: expect.stringMatching(`^arn:aws:sts::${DEV}:assumed-role/machine/`),
    });
    const inner = await dev.create({ StartAt: 'End', States: { End: { Type: 'Succeed' } } });
    const start = (n: number) => ({ StateMachineArn: inner, Name: 'same', Input: { n } });
    expect(await dev.result(sdk('sfn:startExecution'), start(1))).toEqual({
      ExecutionArn: `${inner.replace(':stateMachine:', ':execution:')}:same`,
      StartDate: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await dev.failure(sdk('sfn:startExecution'), start(2))).error).toBe('Sfn.ExecutionAlreadyExistsException');
    expect((await dev.failure(sdk('sfn:sendTaskSuccess'), { TaskToken: 'no token', Output: {} })).error).toBe(
      'Sfn.InvalidTokenException',
    );
  });

  test('an event that is refused fails the task with EventBridge’s own entries', async () => {
    const { error, cause } = await dev.failure('arn:aws:states:::events:putEvents', {
      Entries: [
        { Source: 'test', DetailType: 'Tried', Detail: { n: 1 } },
        { Source: 'test', DetailType: 'Tried', Detail: 'no object' },
      ],
    });
    expect(error).toBe('EventBridge.FailedEntry');
    expect(JSON.parse(cause ?? '')).toEqual({
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      ],
      FailedEntryCount: 1,
    });
  });

  test('a message with a task token waits for whoever got it', async () => {
    const { physicalId: QueueUrl } = await runtime.put(DEV, 'AWS::SQS::Queue', { QueueName: 'tokens' }, 'Tokens');
    const executionArn = await dev.start('arn:aws:states:::sqs:sendMessage.waitForTaskToken', {
      QueueUrl,
      MessageBody: { Token: '{% $states.context.Task.Token %}' },
    });
    const { Messages } = await new SQSClient(runtime.client(DEV)).send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }),
    );
    const { Token } = JSON.parse(Messages?.[0]?.Body ?? '{}') as { Token: string };
    await stepFunctions.send(new SendTaskSuccessCommand({ taskToken: Token, output: '{"done":true}' }));
    expect(await dev.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
  });
});

describe('sagemaker:createTrainingJob', () => {
  const job = (name: string, what: string) => ({
    TrainingJobName: name,
    AlgorithmSpecification: { TrainingImage: 'local://node', TrainingInputMode: 'File' },
    RoleArn: `arn:aws:iam::${DEV}:role/trainer`,
    HyperParameters: { do: what },
    OutputDataConfig: { S3OutputPath: 's3://things' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
  });
  const sync = 'arn:aws:states:::sagemaker:createTrainingJob.sync';

  beforeAll(async () => {
    await dev.role('trainer', { Service: 'sagemaker.amazonaws.com' });
  });

  test('.sync waits for the job and gives its description, times in milliseconds', async () => {
    const result = await dev.result(sync, job('trained', 'train'));
    expect(result).toMatchObject({
      TrainingJobName: 'trained',
      TrainingJobStatus: 'Completed',
      CreationTime: expect.any(Number),
      ModelArtifacts: { S3ModelArtifacts: 's3://things/trained/output/model.tar.gz' },
    });
    const again = await dev.failure(sync, job('trained', 'train'));
    expect(again.error).toBe('SageMaker.ResourceInUseException');
    expect(again.cause).toContain(
      '(Service: AmazonSageMaker; Status Code: 400; Error Code: ResourceInUse; Request ID: ',
    );
    expect((await dev.failure(sdk('sagemaker:describeTrainingJob'), { TrainingJobName: 'none' })).error).toBe(
      'SageMaker.SageMakerException',
    );
  });

  test('.sync fails as the job does', async () => {
    const { error, cause } = await dev.failure(sync, job('failed', 'fail'));
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause ?? '')).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: 'AlgorithmError: , exit code: 9',
    });
  });

  test('a job whose execution is stopped is stopped with it', async () => {
    const executionArn = await dev.start(sync, job('given-up', 'stay'));
    const status = async () =>
      (await dev.result(sdk('sagemaker:listTrainingJobs'), { NameContains: 'given-up' })) as {
        TrainingJobSummaries: { TrainingJobStatus: string; SecondaryStatus: string }[];
      };
    for (;;) if ((await status()).TrainingJobSummaries[0]?.SecondaryStatus === 'Training') break;
    await stepFunctions.send(new StopExecutionCommand({ executionArn }));
    for (;;) if ((await status()).TrainingJobSummaries[0]?.TrainingJobStatus === 'Stopped') break;
    expect((await dev.ended(executionArn)).status).toBe('ABORTED');
  });
});

describe('Credentials', () => {
  let acc: TestMachine;
  beforeAll(() => {
    acc = new TestMachine(runtime, ACC, over(new SFNClient(runtime.client(ACC))));
  });
  const startSync = 'arn:aws:states:::states:startExecution.sync:2';

  test('a role of another account that trusts the machine’s role starts and awaits an execution there', async () => {
    await acc.role('machine');
    const target = await acc.role('guest', { AWS: roleArn });
    const there = await acc.create({
      StartAt: 'End',
      States: { End: { Type: 'Pass', Result: { n: 7 }, End: true } },
    });
    const result = await dev.result(
      startSync,
      { StateMachineArn: there, Input: { a: 1 } },
      { Credentials: { RoleArn: target } },
    );
    expect(result).toMatchObject({
      ExecutionArn: expect.stringContaining(`:${ACC}:execution:`),
      Input: { a: 1 },
      Output: { n: 7 },
      StartDate: expect.any(Number),
      Status: 'SUCCEEDED',
    });
  });

  test('a role that does not trust the machine’s role is not acted as', async () => {
    const there = await acc.create({ StartAt: 'Kept', States: { Kept: { Type: 'Succeed' } } });
    for (const role of [await acc.role('closed'), `arn:aws:iam::${ACC}:role/none`]) {
      expect(await dev.failure(startSync, { StateMachineArn: there }, { Credentials: { RoleArn: role } })).toEqual({
        status: 'FAILED',
        error: 'States.TaskFailed',
        cause: `The role ${roleArn} is not authorized to assume the task state's role, ${role}.`,
      });
    }
  });
});
