import { formatArn, parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import { authorize } from '../iam/authorize.ts';
import { requireKeyUseByService } from '../kms/use-by-service.ts';
import { shown } from '../operation-input.ts';
import type { AccountContext, Background, Call, JsonObject, OperationService } from '../service.ts';
import { Arrivals } from './arrivals.ts';
import { readMessage } from './message-input.ts';
import { messageOperations } from './message-operations.ts';
import type { Queue } from './queue.ts';
import { queueOperations } from './queue-operations.ts';
import { type QueueUrl, queuePath } from './queue-url.ts';
import { Queues } from './queues.ts';
import { sqsResources } from './resources.ts';

export interface Sqs {
  readonly service: OperationService;
  readonly resources: readonly ResourceHandler[];
  readonly background: Background;
  /** A message from another service of this process, judged by the queue's policy. Durable when it returns. */
  deliver(queueArn: string, body: string, attributes: Readonly<Record<string, string>>, call: Call): void;
}

/** Standard queues of one account. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
export function createSqs(ctx: AccountContext, queueUrl: QueueUrl): Sqs {
  const arrivals = new Arrivals(ctx.clock);
  const queues = new Queues(ctx, arrivals);

  /** The queue that a request names, once the caller may do this with it. */
  const permittedQueue = (action: string, input: JsonObject, call: Call): Queue => {
    const queue = queues.require(queueNameOf(input));
    authorize({ call, action: `sqs:${action}`, resourceArn: queue.arn, resourcePolicy: queue.policy });
    requireQueueKey(ctx, queue, action, call);
    return queue;
  };

  return {
    service: {
      name: 'sqs',
      operations: {
        ...queueOperations(ctx, queues, permittedQueue, queueUrl),
        ...messageOperations({ ctx, queues, arrivals, permittedQueue }),
      },
      addressedAccount: (_operation, input) => queuePath(input)?.accountId ?? ownerNamed(input),
      queryErrorCode: (code) => QUERY_ERROR_CODES[code] ?? code,
    },
    resources: sqsResources(queues, queueUrl),
    background: { start: () => {}, stop: async () => arrivals.stop() },
    deliver(queueArn, body, attributes, call) {
      const arn = parseArn(queueArn);
      const queue = queues.require(arn?.accountId === ctx.accountId ? arn.resource : '');
      authorize({ call, action: 'sqs:SendMessage', resourceArn: queue.arn, resourcePolicy: queue.policy });
      requireQueueKey(ctx, queue, 'SendMessage', call);
      const typed = Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      );
      queues.add(queue, readMessage({ MessageBody: body, MessageAttributes: typed }, queue, call.principal.userId));
    },
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-what-permissions-for-sse */
const KEY_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  SendMessage: ['GenerateDataKey', 'Decrypt'],
  ReceiveMessage: ['Decrypt'],
};

/** The queue's own key is used in the name of who sends or receives. A key of AWS's (`alias/aws/sqs`) asks nobody. */
function requireQueueKey(ctx: AccountContext, queue: Queue, action: string, call: Call): void {
  const { kmsKeyId } = queue.settings;
  if (kmsKeyId === undefined || kmsKeyId.endsWith('alias/aws/sqs')) return;
  const keyArn = kmsKeyId.startsWith('arn:')
    ? kmsKeyId
    : formatArn('kms', ctx.region, ctx.accountId, kmsKeyId.startsWith('alias/') ? kmsKeyId : `key/${kmsKeyId}`);
  requireKeyUseByService({ call, service: 'sqs', keyArn, operations: KEY_OPERATIONS[action] ?? [] });
}

export type PermittedQueue = (action: string, input: JsonObject, call: Call) => Queue;

const ownerNamed = ({ QueueOwnerAWSAccountId: owner }: JsonObject): string | undefined =>
  typeof owner === 'string' ? owner : undefined;

function queueNameOf(input: JsonObject): string {
  if (input.QueueUrl === undefined) {
    throw new AwsError('MissingRequiredParameterException', 'The request must contain the parameter QueueUrl.');
  }
  const path = queuePath(input);
  if (!path)
    throw new AwsError('InvalidAddress', `The address ${shown(input.QueueUrl)} is not valid for this endpoint.`, 404);
  return path.name;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html and the awsQueryError traits. */
const QUERY_ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  InvalidParameterValueException: 'InvalidParameterValue',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  MissingRequiredParameterException: 'MissingParameter',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnrecognizedClientException: 'InvalidClientTokenId',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};
