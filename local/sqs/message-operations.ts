import { AwsError } from '../aws-error.ts';
import { shown, takeOnly } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import type { Arrivals } from './arrivals.ts';
import { batch } from './batch.ts';
import { attributesDigest, bodyDigest } from './message-digest.ts';
import { invalid, messageBytes, readMessage } from './message-input.ts';
import type { MessageAttributes, Queue, ReceivedMessage } from './queue.ts';
import type { Queues } from './queues.ts';
import type { PermittedQueue } from './sqs.ts';

const LARGEST_BATCH_BYTES = 1_048_576;
const SEND_MEMBERS = ['QueueUrl', 'MessageBody', 'DelaySeconds', 'MessageAttributes'];

export interface MessageOperationDependencies {
  readonly ctx: AccountContext;
  readonly queues: Queues;
  readonly arrivals: Arrivals;
  readonly permittedQueue: PermittedQueue;
}

export function messageOperations({ ctx, queues, arrivals, permittedQueue }: MessageOperationDependencies): Operations {
  function send(input: JsonObject, queue: Queue, call: Call): JsonObject {
    const message = readMessage(input, queue, call.principal.userId);
    const MessageId = queues.add(queue, message);
    const digest = attributesDigest(message.attributes);
    return {
      MessageId,
      MD5OfMessageBody: bodyDigest(message.body),
      ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    };
  }

  async function receive(input: JsonObject, call: Call): Promise<JsonObject> {
    takeOnly('ReceiveMessage', input, [
      'QueueUrl',
      'AttributeNames',
      'MessageSystemAttributeNames',
      'MessageAttributeNames',
      'MaxNumberOfMessages',
      'VisibilityTimeout',
      'WaitTimeSeconds',
      // Deduplicates retried receives of FIFO queues; standard queues take it and do nothing with it, on AWS too.
      'ReceiveRequestAttemptId',
    ]);
    const most = integer(input, 'MaxNumberOfMessages', 1, 10) ?? 1;
    const visibilitySeconds = integer(input, 'VisibilityTimeout', 0, 43_200);
    const waitSeconds = integer(input, 'WaitTimeSeconds', 0, 20);
    let queue = permittedQueue('ReceiveMessage', input, call);
    const deadlineMs = ctx.clock.now() + (waitSeconds ?? queue.settings.receiveWaitSeconds) * 1000;
    for (;;) {
      const messages = queues.receive(queue, most, visibilitySeconds ?? queue.settings.visibilityTimeoutSeconds);
      if (messages.length > 0) return { Messages: messages.map((message) => asReceived(message, input)) };
      if (ctx.clock.now() >= deadlineMs || arrivals.stopped) return {};
      await arrivals.wait(queue.name, Math.min(deadlineMs, queues.nextVisibleAtMs(queue) ?? deadlineMs));
      queue = queues.require(queue.name);
    }
  }

  return {
    SendMessage(input, call) {
      takeOnly('SendMessage', input, SEND_MEMBERS);
      return send(input, permittedQueue('SendMessage', input, call), call);
    },

    SendMessageBatch(input, call) {
      takeOnly('SendMessageBatch', input, ['QueueUrl', 'Entries']);
      const queue = permittedQueue('SendMessage', input, call);
      let bytes = 0;
      return ctx.store.transaction(() =>
        batch('SendMessageBatch', input, (entry) => {
          takeOnly('SendMessageBatch', entry, ['Id', ...SEND_MEMBERS.slice(1)]);
          bytes += messageBytes(readMessage(entry, queue, call.principal.userId));
          if (bytes > LARGEST_BATCH_BYTES) {
            throw new AwsError(
              'BatchRequestTooLong',
              `Batch requests cannot be longer than ${LARGEST_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
              400,
              { wholeBatch: true },
            );
          }
          return send(entry, queue, call);
        }),
      );
    },

    ReceiveMessage: receive,

    DeleteMessage(input, call) {
      takeOnly('DeleteMessage', input, ['QueueUrl', 'ReceiptHandle']);
      queues.remove(permittedQueue('DeleteMessage', input, call), receiptHandle(input));
      return {};
    },

    DeleteMessageBatch(input, call) {
      takeOnly('DeleteMessageBatch', input, ['QueueUrl', 'Entries']);
      const queue = permittedQueue('DeleteMessage', input, call);
      return ctx.store.transaction(() =>
        batch('DeleteMessageBatch', input, (entry) => {
          queues.remove(queue, receiptHandle(entry));
          return {};
        }),
      );
    },

    ChangeMessageVisibility(input, call) {
      takeOnly('ChangeMessageVisibility', input, ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout']);
      const seconds = requiredVisibility(input);
      const queue = permittedQueue('ChangeMessageVisibility', input, call);
      queues.changeVisibility(queue, receiptHandle(input), seconds);
      return {};
    },

    ChangeMessageVisibilityBatch(input, call) {
      takeOnly('ChangeMessageVisibilityBatch', input, ['QueueUrl', 'Entries']);
      const queue = permittedQueue('ChangeMessageVisibility', input, call);
      return ctx.store.transaction(() =>
        batch('ChangeMessageVisibilityBatch', input, (entry) => {
          takeOnly('ChangeMessageVisibilityBatch', entry, ['Id', 'ReceiptHandle', 'VisibilityTimeout']);
          queues.changeVisibility(queue, receiptHandle(entry), requiredVisibility(entry));
          return {};
        }),
      );
    },
  };
}

function requiredVisibility(input: JsonObject): number {
  const seconds = integer(input, 'VisibilityTimeout', 0, 43_200);
  if (seconds !== undefined) return seconds;
  throw new AwsError('MissingRequiredParameterException', 'The request must contain the parameter VisibilityTimeout.');
}

function asReceived(message: ReceivedMessage, input: JsonObject): JsonObject {
  const system = systemAttributes(message, [
    ...names(input.AttributeNames),
    ...names(input.MessageSystemAttributeNames),
  ]);
  const attributes = wantedAttributes(message.attributes, names(input.MessageAttributeNames));
  const digest = attributesDigest(attributes);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: bodyDigest(message.body),
    Body: message.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(digest === undefined ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
  };
}

function systemAttributes(message: ReceivedMessage, wanted: readonly string[]): Record<string, string> {
  const all: Record<string, string> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    ...(message.deadLetterSourceArn ? { DeadLetterQueueSourceArn: message.deadLetterSourceArn } : {}),
  };
  return wanted.includes('All')
    ? all
    : Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
}

/** `All`, `.*`, a name, or a prefix with `.*`. */
function wantedAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  const matches = (name: string) =>
    wanted.some(
      (pattern) =>
        pattern === 'All' ||
        pattern === '.*' ||
        pattern === name ||
        (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => matches(name)));
}

const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function integer(input: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(
    `Value ${shown(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

function receiptHandle(input: JsonObject): string {
  const handle = input.ReceiptHandle;
  if (typeof handle === 'string' && /^[0-9a-f]{64}$/.test(handle)) return handle;
  throw new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${shown(handle)}" is not a valid receipt handle.`,
    404,
  );
}
