import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { patiently } from '../patiently.ts';
import { again, type Load, type LoadContext } from './load.ts';
import { Mailbox } from './mailbox.ts';
import { problemsOfQueue, type SentMessage } from './sent-messages.ts';
import { HIDDEN_MS, type QueueName, queueUrl } from './stack.ts';

const READERS = 2;
/** Of the messages that a reader gets, so many it leaves to come again. */
const LEFT = 0.2;
const DELAYED = 0.1;
const MOST_IN_BATCH = 5;
/** A bound for something that went wrong, not a wait. */
const LONGEST_DRAIN_MS = 120_000;

/** Sends messages, one and several at a time, some of them with a delay, and reads them at the same time. */
export function messages(context: LoadContext): Load {
  const { sqs, caller, random, endpoint, tell, name } = context;
  const QueueUrl = queueUrl(endpoint, 'work');
  const sent = new Map<string, SentMessage>();
  const mailbox = new Mailbox(context, 'work');

  const nextMessage = () => {
    const body = `${name} ${sent.size + 1}`;
    sent.set(body, { fate: 'unknown', messageId: undefined });
    return { MessageBody: body, DelaySeconds: random.next() < DELAYED ? 1 : 0 };
  };

  async function send(): Promise<void> {
    const message = nextMessage();
    const outcome = await caller.attempt(() => sqs.send(new SendMessageCommand({ QueueUrl, ...message })));
    if (outcome.fate === 'acknowledged')
      sent.set(message.MessageBody, { fate: 'acknowledged', messageId: outcome.answer.MessageId });
  }

  async function sendSome(): Promise<void> {
    const some = Array.from({ length: 1 + random.below(MOST_IN_BATCH) }, nextMessage);
    const Entries = some.map((message, at) => ({ Id: String(at), ...message }));
    const outcome = await caller.attempt(() => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
    if (outcome.fate !== 'acknowledged') return;
    const { Successful = [], Failed = [] } = outcome.answer;
    if (Failed.length > 0) tell(`${name}: messages of a batch failed: ${JSON.stringify(Failed)}`);
    for (const { Id, MessageId } of Successful)
      sent.set(some[Number(Id)]?.MessageBody as string, { fate: 'acknowledged', messageId: MessageId });
  }

  return {
    async run() {
      const read = () => mailbox.read(1, () => random.next() >= LEFT);
      await Promise.all([
        again(context, 60, send),
        again(context, 100, sendSome),
        ...Array.from({ length: READERS }, () => again(context, 30, async () => void (await read()))),
      ]);
    },
    async check() {
      await drain(context, mailbox, 'work');
      const { receipts, deletedAtMs } = mailbox;
      for (const problem of problemsOfQueue({ sent, receipts, deletedAtMs, hiddenMs: HIDDEN_MS })) tell(problem);
    },
  };
}

/** Reads until nothing is in the queue, visible or hidden. */
export async function drain({ sqs, endpoint }: LoadContext, mailbox: Mailbox, queue: QueueName): Promise<void> {
  const request = new GetQueueAttributesCommand({ QueueUrl: queueUrl(endpoint, queue), AttributeNames: ['All'] });
  await patiently(
    `the end of the queue ${queue}`,
    async () => {
      while ((await mailbox.read(1)) > 0);
      const { Attributes = {} } = await sqs.send(request);
      const left = Object.entries(Attributes).filter(([name]) => name.startsWith('ApproximateNumberOfMessages'));
      return left.every(([, count]) => count === '0') || undefined;
    },
    LONGEST_DRAIN_MS,
  );
}
