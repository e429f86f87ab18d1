import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: SQSClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new SQSClient(runtime.client(DEV));
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
});

const sqs = (...words: string[]) => cli.json('sqs', ...words);
const urlOf = (name: string) => `${runtime.url}/${DEV}/${name}`;
const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${DEV}:${name}`;

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('makes a queue, finds it, changes it, tags it and deletes it', async () => {
    const attributes = ['--attributes', 'VisibilityTimeout=7,DelaySeconds=1'];
    expect(await sqs('create-queue', '--queue-name', 'jobs', ...attributes, '--tags', 'team=risk')).toEqual({
      QueueUrl: urlOf('jobs'),
    });
    const queue = ['--queue-url', urlOf('jobs')];
    expect(await sqs('get-queue-url', '--queue-name', 'jobs')).toEqual({ QueueUrl: urlOf('jobs') });
    expect(await sqs('list-queues', '--queue-name-prefix', 'jo')).toEqual({ QueueUrls: [urlOf('jobs')] });
    expect(await sqs('list-queues', '--queue-name-prefix', 'nothing')).toEqual({});

    await sqs('set-queue-attributes', ...queue, '--attributes', 'DelaySeconds=0');
    const names = ['--attribute-names', 'QueueArn', 'VisibilityTimeout', 'DelaySeconds'];
    expect(await sqs('get-queue-attributes', ...queue, ...names)).toEqual({
      Attributes: { QueueArn: arnOf('jobs'), VisibilityTimeout: '7', DelaySeconds: '0' },
    });

    await sqs('tag-queue', ...queue, '--tags', 'stage=dev,a=<&>');
    await sqs('untag-queue', ...queue, '--tag-keys', 'team');
    expect(await sqs('list-queue-tags', ...queue)).toEqual({ Tags: { stage: 'dev', a: '<&>' } });

    await sqs('delete-queue', ...queue);
    await expect(sqs('get-queue-url', '--queue-name', 'jobs')).rejects.toThrow(
      'An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the GetQueueUrl operation: The specified queue does not exist.',
    );
  });

  it.skipIf(awscliMissing)('sends, receives and deletes a message with its attributes', async () => {
    await sqs('create-queue', '--queue-name', 'mail');
    const queue = ['--queue-url', urlOf('mail')];
    const attributes = {
      kind: { DataType: 'String', StringValue: 'näher' },
      size: { DataType: 'Number', StringValue: '12' },
      raw: { DataType: 'Binary', BinaryValue: 'AAEC' },
    };
    const body = '{"a": "<b> & \\"c\\""}';
    // It checks the digests that come back against what it sent, and fails where they differ.
    const sent = await sqs(
      ...['send-message', ...queue, '--message-body', body],
      ...['--message-attributes', JSON.stringify(attributes)],
    );
    expect(sent).toMatchObject({
      MessageId: expect.any(String),
      MD5OfMessageBody: expect.any(String),
      MD5OfMessageAttributes: expect.any(String),
    });

    const all = ['--attribute-names', 'All', '--message-attribute-names', 'All'];
    const { Messages } = (await sqs('receive-message', ...queue, ...all)) as { Messages: Record<string, unknown>[] };
    expect(Messages).toHaveLength(1);
    const [message] = Messages;
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: body,
      Attributes: { ApproximateReceiveCount: '1' },
      MessageAttributes: attributes,
    });

    const handle = ['--receipt-handle', String(message?.ReceiptHandle)];
    await sqs('change-message-visibility', ...queue, ...handle, '--visibility-timeout', '0');
    const again = (await sqs('receive-message', ...queue)) as { Messages: Record<string, unknown>[] };
    expect(again.Messages[0]).toMatchObject({ MessageId: sent.MessageId });
    await sqs('delete-message', ...queue, '--receipt-handle', String(again.Messages[0]?.ReceiptHandle));
    expect(await sqs('receive-message', ...queue)).toEqual({});
  });

  it.skipIf(awscliMissing)('sends, hides and deletes in batches, and says which entry failed', async () => {
    await sqs('create-queue', '--queue-name', 'batch');
    const queue = ['--queue-url', urlOf('batch')];
    const entries = [
      { Id: 'one', MessageBody: 'first', MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } } },
      { Id: 'two', MessageBody: 'second', DelaySeconds: 0 },
    ];
    expect(await sqs('send-message-batch', ...queue, '--entries', JSON.stringify(entries))).toMatchObject({
      Successful: [
        { Id: 'one', MD5OfMessageAttributes: expect.any(String) },
        { Id: 'two', MessageId: expect.any(String) },
      ],
    });
    const { Messages } = (await sqs('receive-message', ...queue, '--max-number-of-messages', '10')) as {
      Messages: { ReceiptHandle: string; Body: string }[];
    };
    expect(Messages.map(({ Body }) => Body).sort()).toEqual(['first', 'second']);
    const handles = Messages.map(({ ReceiptHandle }, n) => ({ Id: `m${n}`, ReceiptHandle }));
    const hidden = handles.map((entry) => ({ ...entry, VisibilityTimeout: 100 }));
    expect(await sqs('change-message-visibility-batch', ...queue, '--entries', JSON.stringify(hidden))).toMatchObject({
      Successful: [{ Id: 'm0' }, { Id: 'm1' }],
    });

    const deleted = JSON.stringify([...handles, { Id: 'wrong', ReceiptHandle: 'none' }]);
    expect(await sqs('delete-message-batch', ...queue, '--entries', deleted)).toMatchObject({
      Successful: [{ Id: 'm0' }, { Id: 'm1' }],
      Failed: [{ Id: 'wrong', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    });
    await sqs('purge-queue', ...queue);
    await expect(
      sqs('send-message-batch', ...queue, '--entries', '[{"Id": "a b", "MessageBody": "x"}]'),
    ).rejects.toThrow(
      'An error occurred (AWS.SimpleQueueService.InvalidBatchEntryId) when calling the SendMessageBatch operation: A batch entry id can only contain',
    );
  });

  it.skipIf(awscliMissing)('and the SDK see the same messages, each in its own protocol', async () => {
    const { QueueUrl } = await sdk.send(new CreateQueueCommand({ QueueName: 'shared' }));
    await sdk.send(new SendMessageCommand({ QueueUrl, MessageBody: 'from the SDK' }));
    const received = (await sqs('receive-message', '--queue-url', String(QueueUrl))) as { Messages: object[] };
    expect(received.Messages).toEqual([expect.objectContaining({ Body: 'from the SDK' })]);

    await sqs('send-message', '--queue-url', String(QueueUrl), '--message-body', 'from the CLI');
    const { Messages } = await sdk.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toEqual([expect.objectContaining({ Body: 'from the CLI' })]);
  });
});
