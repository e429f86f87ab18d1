import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject, Principal } from '../service.ts';

const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${DEV}:${name}`;

describe('SQS over the wire', () => {
  let runtime: TestRuntime;
  let clock: VirtualClock;
  let sqs: SQSClient;

  beforeEach(async () => {
    clock = new VirtualClock(Date.now());
    runtime = await startTestRuntime({ clock });
    sqs = new SQSClient(runtime.client(DEV));
  });
  afterEach(() => runtime.dispose());

  const makeQueue = async (name: string, properties: JsonObject = {}) =>
    (await runtime.put(DEV, 'AWS::SQS::Queue', { QueueName: name, ...properties }, name)).physicalId;
  const setPolicy = (queueUrl: string, statement: JsonObject) =>
    runtime.put(
      DEV,
      'AWS::SQS::QueuePolicy',
      { Queues: [queueUrl], PolicyDocument: { Statement: [statement] } },
      'Policy',
    );
  const receive = async (QueueUrl: string, more: object = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
  /** Moves time and makes a client that signs with it. */
  const advance = (ms: number) => {
    clock.advance(ms);
    sqs = new SQSClient(runtime.client(DEV));
  };

  test('a queue can be made by anybody in the account, once, with its policy', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: arnOf('made'),
        },
      ],
    };
    const Attributes = { VisibilityTimeout: '45', Policy: JSON.stringify(policy) };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'made', Attributes }));
    expect(await sqs.send(new CreateQueueCommand({ QueueName: 'made', Attributes }))).toMatchObject({ QueueUrl });
    const shown = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(shown.Attributes).toMatchObject({ QueueArn: arnOf('made'), VisibilityTimeout: '45' });
    expect(JSON.parse(shown.Attributes?.Policy ?? '')).toEqual(policy);
    await expect(
      sqs.send(new CreateQueueCommand({ QueueName: 'made', Attributes: { VisibilityTimeout: '46' } })),
    ).rejects.toThrow('A queue already exists with the same name and a different value for an attribute');
    await expect(sqs.send(new CreateQueueCommand({ QueueName: 'other', Attributes: { Policy: '{' } }))).rejects.toThrow(
      'Policy',
    );
    await expect(sqs.send(new CreateQueueCommand({ QueueName: 'no spaces' }))).rejects.toThrow('alphanumeric');
  });

  test('a message with attributes comes back whole, once, and is gone when deleted', async () => {
    const QueueUrl = await makeQueue('jobs');
    const { MessageId } = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'héllo <&> "',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'greeting' },
          size: { DataType: 'Number', StringValue: '12' },
          raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
        },
      }),
    );
    // The SDK compares the MD5s of body and attributes itself, and throws when they differ.
    const [message] = await receive(QueueUrl, {
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      MessageId,
      Body: 'héllo <&> "',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'greeting' },
        raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(clock.now()) },
    });
    expect(await receive(QueueUrl)).toEqual([]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    advance(31_000);
    expect(await receive(QueueUrl)).toEqual([]);
  });

  test('a message that is not deleted comes back when its visibility timeout is over', async () => {
    const QueueUrl = await makeQueue('jobs', { VisibilityTimeout: 60 });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }));
    const [first] = await receive(QueueUrl);
    advance(59_999);
    expect(await receive(QueueUrl)).toEqual([]);
    advance(1);
    const [second] = await receive(QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(second).toMatchObject({ Body: 'again', Attributes: { ApproximateReceiveCount: '2' } });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  test('a visibility timeout of zero gives a message back at once', async () => {
    const QueueUrl = await makeQueue('jobs');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'back' }));
    const [message] = await receive(QueueUrl);
    const release = () =>
      sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }),
      );
    await release();
    await expect(release()).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await receive(QueueUrl)).toHaveLength(1);
  });

  test('a long poll is answered by a message that comes while it waits', async () => {
    const QueueUrl = await makeQueue('jobs');
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    // The poll is inside the runtime once it has set its timer.
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    expect(await waiting).toMatchObject([{ Body: 'late' }]);
  });

  test('a long poll ends empty when its time is over', async () => {
    const QueueUrl = await makeQueue('jobs', { ReceiveMessageWaitTimeSeconds: 20 });
    const waiting = receive(QueueUrl);
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    clock.advance(20_000);
    expect(await waiting).toEqual([]);
  });

  test('a long poll does not hold up the stop of the runtime', async () => {
    const QueueUrl = await makeQueue('jobs');
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await expect.poll(() => clock.pending).toBeGreaterThan(0);
    await runtime.stop();
    expect(await waiting).toEqual([]);
  });

  test('a delayed message is not seen before its time', async () => {
    const QueueUrl = await makeQueue('jobs');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 10 }));
    expect(await receive(QueueUrl)).toEqual([]);
    const attributes = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessagesDelayed'] }),
    );
    expect(attributes.Attributes).toEqual({ ApproximateNumberOfMessagesDelayed: '1' });
    advance(10_000);
    expect(await receive(QueueUrl)).toHaveLength(1);
  });

  test('a message received too often goes to the dead-letter queue and says where it came from', async () => {
    const deadUrl = await makeQueue('dead');
    const QueueUrl = await makeQueue('jobs', {
      VisibilityTimeout: 0,
      RedrivePolicy: { deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 },
    });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    expect(await receive(QueueUrl)).toHaveLength(1);
    expect(await receive(QueueUrl)).toHaveLength(1);
    expect(await receive(QueueUrl)).toEqual([]);
    const [dead] = await receive(deadUrl, { MessageSystemAttributeNames: ['All'] });
    expect(dead).toMatchObject({
      Body: 'poison',
      Attributes: { DeadLetterQueueSourceArn: arnOf('jobs'), ApproximateReceiveCount: '1' },
    });
  });

  test('a batch reports the entry that fails beside those that do not', async () => {
    const QueueUrl = await makeQueue('jobs');
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'one' },
          { Id: 'bad', MessageBody: 'two', DelaySeconds: 901 },
          { Id: 'also-good', MessageBody: 'three' },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good', 'also-good']);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValueException', SenderFault: true }]);
    const messages = await receive(QueueUrl);
    expect(messages.map(({ Body }) => Body)).toEqual(['one', 'three']);
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
    advance(31_000);
    expect(await receive(QueueUrl)).toEqual([]);
  });

  test.each([
    { case: 'no entries', Entries: [], name: 'EmptyBatchRequest' },
    {
      case: 'one id twice',
      Entries: [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
      name: 'BatchEntryIdsNotDistinct',
    },
    {
      case: 'eleven entries',
      Entries: Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' })),
      name: 'TooManyEntriesInBatchRequest',
    },
  ])('a batch with $case is refused whole', async ({ Entries, name }) => {
    const QueueUrl = await makeQueue('jobs');
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
    expect(await receive(QueueUrl)).toEqual([]);
  });

  test('queues are found by name and listed, and one that is not there is not', async () => {
    const QueueUrl = await makeQueue('jobs');
    await makeQueue('other');
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(QueueUrl);
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'jo' }))).QueueUrls).toEqual([QueueUrl]);
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'absent' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  test('purging removes every message', async () => {
    const QueueUrl = await makeQueue('jobs');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive(QueueUrl)).toEqual([]);
  });

  test('another account reaches a queue only if its policy says so', async () => {
    const QueueUrl = await makeQueue('jobs');
    const foreign = new SQSClient(runtime.client(ACC));
    const send = () => foreign.send(new SendMessageCommand({ QueueUrl, MessageBody: 'from afar' }));
    // The SDK knows it by the code of the query protocol (x-amzn-query-error).
    await expect(send()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`sqs:SendMessage on resource: ${arnOf('jobs')}`),
    });
    expect(await receive(QueueUrl)).toEqual([]);
    await setPolicy(QueueUrl, {
      Effect: 'Allow',
      Principal: { AWS: ACC },
      Action: 'sqs:SendMessage',
      Resource: arnOf('jobs'),
    });
    await send();
    await expect(foreign.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    expect(await receive(QueueUrl)).toMatchObject([{ Body: 'from afar' }]);
  });

  test('a service delivers only for the source that the policy names', async () => {
    const QueueUrl = await makeQueue('dead');
    const rule = (name: string): Principal => ({
      kind: 'service',
      accountId: DEV,
      arn: 'events.amazonaws.com',
      userId: 'events.amazonaws.com',
      sourceArn: `arn:aws:events:${REGION}:${DEV}:rule/${name}`,
    });
    const deliver = (name: string) => runtime.services.sendMessage(arnOf('dead'), 'event', { WHY: 'no' }, rule(name));
    await expect(deliver('wanted')).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await setPolicy(QueueUrl, {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arnOf('dead'),
      Condition: { ArnEquals: { 'aws:SourceArn': rule('wanted').sourceArn } },
    });
    await deliver('wanted');
    await expect(deliver('other')).rejects.toMatchObject({ code: 'AccessDeniedException' });
    expect(await receive(QueueUrl, { MessageAttributeNames: ['All'] })).toMatchObject([
      { Body: 'event', MessageAttributes: { WHY: { StringValue: 'no' } } },
    ]);
  });

  test('an unknown queue setting and a FIFO queue are refused by name', async () => {
    await expect(makeQueue('jobs', { FifoQueue: true })).rejects.toThrow('FifoQueue');
    await expect(makeQueue('jobs', { Surprise: 1 })).rejects.toThrow('Surprise');
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toBeUndefined();
  });
});
