import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { takeOnly } from '../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../service.ts';
import type { Queue } from './queue.ts';
import { settingsAsAttributes } from './queue-settings.ts';
import type { QueueUrl } from './queue-url.ts';
import type { Queues } from './queues.ts';
import type { PermittedQueue } from './sqs.ts';

/** Looking at queues and emptying them. They are made from templates only. */
export function queueOperations(
  ctx: AccountContext,
  queues: Queues,
  permittedQueue: PermittedQueue,
  queueUrl: QueueUrl,
): Operations {
  return {
    GetQueueUrl(input, call) {
      takeOnly('GetQueueUrl', input, ['QueueName', 'QueueOwnerAWSAccountId']);
      const owner = input.QueueOwnerAWSAccountId ?? ctx.accountId;
      if (owner !== ctx.accountId) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      const queue = queues.require(String(input.QueueName ?? ''));
      authorize({ call, action: 'sqs:GetQueueUrl', resourceArn: queue.arn, resourcePolicy: queue.policy });
      return { QueueUrl: queueUrl(queue.name) };
    },

    GetQueueAttributes(input, call) {
      takeOnly('GetQueueAttributes', input, ['QueueUrl', 'AttributeNames']);
      const queue = permittedQueue('GetQueueAttributes', input, call);
      const wanted = Array.isArray(input.AttributeNames) ? input.AttributeNames.map(String) : [];
      const all = attributes(queue, queues);
      for (const name of wanted) {
        if (name !== 'All' && !(ATTRIBUTE_NAMES as readonly string[]).includes(name)) {
          throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
        }
      }
      const shown = wanted.includes('All')
        ? all
        : Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
      return Object.keys(shown).length > 0 ? { Attributes: shown } : {};
    },

    ListQueues(input, call) {
      takeOnly('ListQueues', input, ['QueueNamePrefix']);
      authorize({ call, action: 'sqs:ListQueues', resourceArn: '*' });
      const names = queues.names(String(input.QueueNamePrefix ?? ''));
      return names.length > 0 ? { QueueUrls: names.map(queueUrl) } : {};
    },

    PurgeQueue(input, call) {
      takeOnly('PurgeQueue', input, ['QueueUrl']);
      queues.purge(permittedQueue('PurgeQueue', input, call));
      return {};
    },
  };
}

const ATTRIBUTE_NAMES = [
  'QueueArn',
  'Policy',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
  'RedrivePolicy',
  'KmsMasterKeyId',
  'SqsManagedSseEnabled',
] as const;

function attributes(queue: Queue, queues: Queues): JsonObject {
  const counts = queues.counts(queue);
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: seconds(queue.createdAtMs),
    LastModifiedTimestamp: seconds(queue.modifiedAtMs),
    ...settingsAsAttributes(queue.settings),
    ...(queue.policy ? { Policy: JSON.stringify(queue.policy) } : {}),
  };
}
