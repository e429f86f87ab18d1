import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${DEV}:${name}`;

describe('changing a queue', () => {
  let runtime: TestRuntime;
  let sqs: SQSClient;
  beforeEach(async () => {
    runtime = await startTestRuntime();
    sqs = new SQSClient(runtime.client(DEV));
  });
  afterEach(() => runtime.dispose());

  const make = async (QueueName: string, more: object = {}) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, ...more }))).QueueUrl as string;
  const attributes = async (QueueUrl: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
  const receive = async (QueueUrl: string) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];

  it('changes the attributes that are given and keeps the others, and an empty policy takes the policy away', async () => {
    const QueueUrl = await make('q', { Attributes: { DelaySeconds: '7' } });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arnOf('q') }],
    });

    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5', Policy } }));
    const changed = await attributes(QueueUrl);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));

    expect(changed).toMatchObject({ VisibilityTimeout: '5', DelaySeconds: '7', Policy: expect.any(String) });
    expect(await attributes(QueueUrl)).not.toHaveProperty('Policy');
  });

  it('refuses an attribute that is out of bounds, and changes nothing', async () => {
    const QueueUrl = await make('q');

    await expect(
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '50000' } })),
    ).rejects.toMatchObject({ name: 'InvalidAttributeValue' });

    expect(await attributes(QueueUrl)).toMatchObject({ VisibilityTimeout: '30' });
  });

  it('is gone with its messages when it is deleted', async () => {
    const QueueUrl = await make('q');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));

    await sqs.send(new DeleteQueueCommand({ QueueUrl }));

    await expect(receive(QueueUrl)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    expect(await receive(await make('q'))).toEqual([]);
  });

  it('has the tags that it was given, by the API and by a template', async () => {
    const QueueUrl = await make('q', { tags: { team: 'a', cost: '1' } });
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'b' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['cost'] }));
    const Tags = [{ Key: 'team', Value: 'c' }];
    const { physicalId } = await runtime.put(DEV, 'AWS::SQS::Queue', { QueueName: 'templated', Tags });

    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: 'b' });
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: physicalId }))).Tags).toEqual({ team: 'c' });
  });

  it('changes the visibility of many messages, and says of each whether it could', async () => {
    const QueueUrl = await make('q');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const [message] = await receive(QueueUrl);

    const { Successful, Failed } = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'bad', ReceiptHandle: 'x', VisibilityTimeout: 0 },
        ],
      }),
    );

    expect(Successful).toEqual([{ Id: 'good' }]);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await receive(QueueUrl)).toMatchObject([{ Body: 'one' }]);
  });

  it.each([
    { policy: { redrivePermission: 'denyAll' }, moved: false },
    { policy: { redrivePermission: 'byQueue', sourceQueueArns: [arnOf('source')] }, moved: true },
    { policy: { redrivePermission: 'byQueue', sourceQueueArns: [arnOf('other')] }, moved: false },
  ])(
    'is the dead-letter queue of those that $policy.redrivePermission lets: moved is $moved',
    async ({ policy, moved }) => {
      const dead = await make('dead', { Attributes: { RedriveAllowPolicy: JSON.stringify(policy) } });
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 });
      const QueueUrl = await make('source', { Attributes: { RedrivePolicy, VisibilityTimeout: '0' } });
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));

      await receive(QueueUrl);
      const again = await receive(QueueUrl);

      expect(again).toHaveLength(moved ? 0 : 1);
      expect(await receive(dead)).toHaveLength(moved ? 1 : 0);
    },
  );
});
