import { Sha256 } from '@aws-crypto/sha256-js';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const CODE = `export const handler = async (event, context) => {
  if (event.fail) { const error = new Error('no'); error.name = 'Refused'; throw error; }
  console.log('seen', event.source ?? '');
  if (event.requestContext) return { statusCode: 201, headers: { 'X-Seen': event.rawPath }, body: JSON.stringify(event) };
  return { event, arn: context.invokedFunctionArn };
};`;

let runtime: TestRuntime;
let lambda: LambdaClient;
let functionArn: string;

beforeAll(async () => {
  runtime = await startTestRuntime();
  lambda = new LambdaClient(runtime.client(DEV));
  const role = await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'work',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  });
  const artifacts = { 'code.zip': zipSync({ 'index.mjs': strToU8(CODE) }) };
  const deployed = await runtime.put(
    DEV,
    'AWS::Lambda::Function',
    {
      FunctionName: 'work',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: role.attributes.Arn,
      Code: { S3Bucket: 'b', S3Key: 'code.zip' },
    },
    'Work',
    artifacts,
  );
  functionArn = deployed.attributes.Arn as string;
});

afterAll(() => runtime.dispose());

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

describe('Lambda over the wire', () => {
  it('runs a function for the SDK and gives the end of its log', async () => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'work', Payload: '{"n":1}', LogType: 'Tail' }));

    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(text(answer.Payload))).toEqual({ event: { n: 1 }, arn: functionArn });
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toContain('INFO\tseen');
  });

  it("gives the function's own error as such", async () => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: functionArn, Payload: '{"fail":true}' }));

    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text(answer.Payload))).toMatchObject({ errorType: 'Refused', errorMessage: 'no' });
  });

  it('answers 202 to an event, 204 to a dry run, and refuses a payload that is no JSON', async () => {
    const event = await lambda.send(
      new InvokeCommand({ FunctionName: 'work', InvocationType: 'Event', Payload: '{}' }),
    );
    const dry = await lambda.send(new InvokeCommand({ FunctionName: 'work', InvocationType: 'DryRun' }));

    expect([event.StatusCode, dry.StatusCode]).toEqual([202, 204]);
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'work', Payload: '{' }))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });

  it('refuses another account until a permission lets it in', async () => {
    const other = new LambdaClient(runtime.client(ACC));
    const command = () => new InvokeCommand({ FunctionName: functionArn, Payload: '{}' });
    await expect(other.send(command())).rejects.toMatchObject({ name: 'AccessDeniedException' });

    await runtime.put(DEV, 'AWS::Lambda::Permission', {
      FunctionName: functionArn,
      Action: 'lambda:InvokeFunction',
      Principal: ACC,
    });

    expect((await other.send(command())).StatusCode).toBe(200);
  });

  it('describes functions and refuses by name what it does not do', async () => {
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'work' }));
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'work' }));

    expect(Configuration).toMatchObject({ FunctionArn: functionArn, Timeout: 3, MemorySize: 128, State: 'Active' });
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['work']);
    expect(EventSourceMappings).toEqual([]);
    await expect(lambda.send(new ListTagsCommand({ Resource: functionArn }))).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'nobody' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('runs a function for an event of EventBridge, and SQS takes another', async () => {
    const sqs = new SQSClient(runtime.client(DEV));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' })).catch(async () => {
      const queue = await runtime.put(DEV, 'AWS::SQS::Queue', { QueueName: 'events' }, 'Events');
      return { QueueUrl: queue.physicalId };
    });
    await runtime.put(DEV, 'AWS::SQS::QueuePolicy', {
      Queues: [QueueUrl],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
        ],
      },
    });
    await runtime.put(
      DEV,
      'AWS::Lambda::Permission',
      {
        FunctionName: functionArn,
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      },
      'ByEvents',
    );
    await runtime.put(DEV, 'AWS::Events::Rule', {
      EventPattern: { source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } },
      Targets: [
        { Id: 'function', Arn: functionArn },
        { Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${DEV}:events`, InputPath: '$.detail' },
      ],
    });

    const events = new EventBridgeClient(runtime.client(DEV));
    const entry = (total: number) => ({ Source: 'shop', DetailType: 'Placed', Detail: JSON.stringify({ total }) });
    const answer = await events.send(new PutEventsCommand({ Entries: [entry(5), entry(50)] }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));

    expect(answer.FailedEntryCount).toBe(0);
    expect(Messages?.map(({ Body }) => Body)).toEqual(['{"total":50}']);
  });
});

describe('a function URL', () => {
  const urlOf = async (): Promise<URL> => {
    await runtime.put(DEV, 'AWS::Lambda::Url', { TargetFunctionArn: functionArn, AuthType: 'AWS_IAM' });
    const { FunctionUrl } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'work' }));
    return new URL(FunctionUrl ?? '');
  };

  it('answers a signed request with what the function says', async () => {
    const base = await urlOf();
    const url = new URL('predict/a%20b?x=1&x=2', base);
    const body = JSON.stringify({ rows: [1] });
    const { credentials } = runtime.client(DEV);
    const signer = new SignatureV4({ credentials, region: REGION, service: 'lambda', sha256: Sha256 });
    const signed = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: { x: ['1', '2'] },
      headers: { host: url.host, 'content-type': 'application/json' },
      body,
    });

    const response = await fetch(url, { method: 'POST', headers: signed.headers, body });

    expect(response.status).toBe(201);
    expect(response.headers.get('x-seen')).toBe('/predict/a%20b');
    expect(await response.json()).toMatchObject({
      version: '2.0',
      rawQueryString: 'x=1&x=2',
      queryStringParameters: { x: '1,2' },
      body,
      isBase64Encoded: false,
      requestContext: {
        accountId: DEV,
        authorizer: { iam: { accessKey: credentials.accessKeyId, accountId: DEV } },
        http: { method: 'POST' },
      },
    });
  });

  it('is closed to a request without a signature', async () => {
    const response = await fetch(await urlOf());

    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ Message: 'Forbidden' });
  });
});
