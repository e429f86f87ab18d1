import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import { shown, structureOf, takeOnly, textsOf } from '../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../service.ts';
import type { Queue } from './queue.ts';
import { readQueueSettings, settingsAsAttributes } from './queue-settings.ts';
import { readTagMap } from './queue-tags.ts';
import type { QueueUrl } from './queue-url.ts';
import type { Queues } from './queues.ts';
import type { PermittedQueue } from './sqs.ts';

/** Making queues, looking at them, changing, emptying and deleting them. */
export function queueOperations(
  ctx: AccountContext,
  queues: Queues,
  permittedQueue: PermittedQueue,
  queueUrl: QueueUrl,
): Operations {
  return {
    CreateQueue(input, call) {
      takeOnly('CreateQueue', input, ['QueueName', 'Attributes', 'tags']);
      const name = shown(input.QueueName ?? '');
      if (!/^[\w-]{1,80}$/.test(name)) {
        throw new AwsError(
          'InvalidParameterValue',
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        );
      }
      const arn = formatArn('sqs', ctx.region, ctx.accountId, name);
      authorize({ call, action: 'sqs:CreateQueue', resourceArn: arn });
      const { Policy, ...given } = structureOf(input.Attributes ?? {}, 'Attributes');
      const settings = readQueueSettings(given, `the queue ${name}`);
      const policy = Policy ? readPolicyDocument(parsedPolicy(String(Policy)), `the queue ${name}`) : undefined;
      const known = queues.find(name);
      if (known && Object.keys(given).length > 0 && JSON.stringify(known.settings) !== JSON.stringify(settings)) {
        throw new AwsError(
          'QueueNameExists',
          'A queue already exists with the same name and a different value for an attribute',
        );
      }
      ctx.store.transaction(() => {
        if (!known) {
          queues.put(name, settings);
          queues.tag(name, readTagMap(input.tags));
        }
        if (policy) queues.setPolicy(`CreateQueue ${name}`, policy, [name]);
      });
      return { QueueUrl: queueUrl(name) };
    },

    GetQueueUrl(input, call) {
      takeOnly('GetQueueUrl', input, ['QueueName', 'QueueOwnerAWSAccountId']);
      const owner = input.QueueOwnerAWSAccountId ?? ctx.accountId;
      if (owner !== ctx.accountId) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
      const queue = queues.require(shown(input.QueueName ?? ''));
      authorize({ call, action: 'sqs:GetQueueUrl', resourceArn: queue.arn, resourcePolicy: queue.policy });
      return { QueueUrl: queueUrl(queue.name) };
    },

    GetQueueAttributes(input, call) {
      takeOnly('GetQueueAttributes', input, ['QueueUrl', 'AttributeNames']);
      const queue = permittedQueue('GetQueueAttributes', input, call);
      const wanted = textsOf(input.AttributeNames, 'AttributeNames');
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

    SetQueueAttributes(input, call) {
      takeOnly('SetQueueAttributes', input, ['QueueUrl', 'Attributes']);
      const queue = permittedQueue('SetQueueAttributes', input, call);
      const { Policy, ...given } = structureOf(input.Attributes ?? {}, 'Attributes');
      const where = `the queue ${queue.name}`;
      // One kind of encryption takes the place of the other.
      const { SqsManagedSseEnabled, ...known } = settingsAsAttributes(queue.settings);
      const kept = given.KmsMasterKeyId === undefined ? { ...known, SqsManagedSseEnabled } : known;
      const settings = readQueueSettings({ ...kept, ...given }, where);
      const policy =
        Policy === undefined || Policy === '' ? undefined : readPolicyDocument(parsedPolicy(String(Policy)), where);
      ctx.store.transaction(() => {
        queues.put(queue.name, settings);
        if (policy) queues.setPolicy(`SetQueueAttributes ${queue.name}`, policy, [queue.name]);
        else if (Policy === '') queues.clearPolicy(queue.name);
      });
      return {};
    },

    DeleteQueue(input, call) {
      takeOnly('DeleteQueue', input, ['QueueUrl']);
      queues.delete(permittedQueue('DeleteQueue', input, call).name);
      return {};
    },

    TagQueue(input, call) {
      takeOnly('TagQueue', input, ['QueueUrl', 'Tags']);
      queues.tag(permittedQueue('TagQueue', input, call).name, readTagMap(input.Tags));
      return {};
    },

    UntagQueue(input, call) {
      takeOnly('UntagQueue', input, ['QueueUrl', 'TagKeys']);
      const keys = textsOf(input.TagKeys, 'TagKeys');
      queues.untag(permittedQueue('UntagQueue', input, call).name, keys);
      return {};
    },

    ListQueueTags(input, call) {
      takeOnly('ListQueueTags', input, ['QueueUrl']);
      const tags = queues.tagsOf(permittedQueue('ListQueueTags', input, call).name);
      return Object.keys(tags).length > 0 ? { Tags: tags } : {};
    },

    PurgeQueue(input, call) {
      takeOnly('PurgeQueue', input, ['QueueUrl']);
      queues.purge(permittedQueue('PurgeQueue', input, call));
      return {};
    },
  };
}

function parsedPolicy(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('InvalidAttributeValue', 'Invalid value for the parameter Policy.');
  }
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
  'RedriveAllowPolicy',
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
