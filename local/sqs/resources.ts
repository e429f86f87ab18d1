import { createHash } from 'node:crypto';
import { AwsError, notImplemented } from '../aws-error.ts';
import type { ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import { QUEUE_SETTINGS, readQueueSettings } from './queue-settings.ts';
import { tagMapOfList } from './queue-tags.ts';
import { type QueueUrl, queuePath } from './queue-url.ts';
import type { Queues } from './queues.ts';

export const sqsResources = (queues: Queues, queueUrl: QueueUrl): readonly ResourceHandler[] => [
  queueResource(queues, queueUrl),
  queuePolicyResource(queues),
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
function queueResource(queues: Queues, queueUrl: QueueUrl): ResourceHandler {
  return {
    type: 'AWS::SQS::Queue',
    properties: ['FifoQueue', 'QueueName', 'Tags', ...QUEUE_SETTINGS],
    put: async (request) => {
      const { QueueName, Tags, FifoQueue, ...settings } = request.properties;
      const where = `AWS::SQS::Queue ${request.logicalId}`;
      if (FifoQueue === true || FifoQueue === 'true') throw notImplemented(`FifoQueue (${where})`);
      const name = queueName(request, QueueName);
      const queue = queues.put(name, readQueueSettings(settings, where));
      queues.untag(name, Object.keys(queues.tagsOf(name)));
      queues.tag(name, tagMapOfList(Tags));
      const previousUrl = request.previous?.physicalId;
      // A URL that was given out stays, also when the runtime listens on another port now: a new one would say "replaced".
      const url =
        previousUrl !== undefined && queuePath({ QueueUrl: previousUrl })?.name === name ? previousUrl : queueUrl(name);
      return { physicalId: url, attributes: { Arn: queue.arn, QueueName: name, QueueUrl: url } };
    },
    delete: async (physicalId) => {
      const path = queuePath({ QueueUrl: physicalId });
      if (path) queues.delete(path.name);
    },
  };
}

function queueName({ stackName, logicalId, previous }: ResourceRequest, given: unknown): string {
  if (given === undefined) {
    const deployed = previous && queuePath({ QueueUrl: previous.physicalId })?.name;
    if (deployed !== undefined) return deployed;
    const mark = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12);
    return `${`${stackName}-${logicalId}`.slice(0, 67)}-${mark}`;
  }
  const name = String(given);
  if (/^[\w-]{1,80}$/.test(name)) return name;
  throw new AwsError(
    'InvalidParameterValueException',
    `${logicalId}: QueueName can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length; it is '${name}'.`,
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
function queuePolicyResource(queues: Queues): ResourceHandler {
  return {
    type: 'AWS::SQS::QueuePolicy',
    properties: ['PolicyDocument', 'Queues'],
    put: async ({ properties, logicalId, stackName }) => {
      const where = `AWS::SQS::QueuePolicy ${logicalId}`;
      const document = readPolicyDocument(properties.PolicyDocument, where);
      const physicalId = `${stackName}-${logicalId}`;
      queues.setPolicy(physicalId, document, queueNames(properties.Queues, where));
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: async (physicalId) => queues.removePolicy(physicalId),
  };
}

function queueNames(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new AwsError('ValidationError', `${where}: Queues must list queue URLs.`);
  return value.map((url) => {
    const path = queuePath({ QueueUrl: url });
    if (!path)
      throw new AwsError('ValidationError', `${where}: '${String(url)}' is not a queue's URL (use Ref, not an ARN).`);
    return path.name;
  });
}
