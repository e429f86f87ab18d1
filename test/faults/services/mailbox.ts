import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { LoadContext } from './load.ts';
import { HIDDEN_MS, type QueueName, queueUrl } from './stack.ts';

/** A message that was received. Times as the client saw them, in milliseconds since the start of the process. */
export interface Receipt {
  readonly body: string;
  readonly messageId: string;
  readonly askedAtMs: number;
  readonly gotAtMs: number;
}

type Received = Message & Record<'MessageId' | 'Body' | 'ReceiptHandle', string>;

/** Who reads a queue: takes what is there, and deletes what is to be deleted. */
export class Mailbox {
  readonly receipts: Receipt[] = [];
  /** When the deletion with a receipt that was the current one was acknowledged, by message id. */
  readonly deletedAtMs = new Map<string, number>();
  readonly #context: LoadContext;
  readonly #url: string;

  constructor(context: LoadContext, queue: QueueName) {
    this.#context = context;
    this.#url = queueUrl(context.endpoint, queue);
  }

  /** Answers how many messages came. */
  async read(waitSeconds: number, isToGo: (message: Receipt) => boolean = () => true): Promise<number> {
    const { sqs, caller } = this.#context;
    const askedAtMs = performance.now();
    const request = { QueueUrl: this.#url, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds };
    const outcome = await caller.attempt(() => sqs.send(new ReceiveMessageCommand(request)));
    if (outcome.fate !== 'acknowledged') return 0;
    const gotAtMs = performance.now();
    const going: { Id: string; ReceiptHandle: string; messageId: string }[] = [];
    for (const [at, message] of (outcome.answer.Messages ?? []).entries()) {
      const { MessageId: messageId, Body: body, ReceiptHandle } = message as Received;
      const receipt = { body, messageId, askedAtMs, gotAtMs };
      this.receipts.push(receipt);
      if (isToGo(receipt)) going.push({ Id: String(at), ReceiptHandle, messageId });
    }
    if (going.length > 0) await this.#delete(going, askedAtMs);
    return outcome.answer.Messages?.length ?? 0;
  }

  async #delete(
    going: readonly { readonly Id: string; readonly ReceiptHandle: string; readonly messageId: string }[],
    receivedAtMs: number,
  ): Promise<void> {
    const { sqs, caller } = this.#context;
    const Entries = going.map(({ Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    const request = new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries });
    const outcome = await caller.attempt(() => sqs.send(request));
    const nowMs = performance.now();
    // After that the message may have been given to somebody else: the receipt was an old one.
    if (outcome.fate !== 'acknowledged' || nowMs > receivedAtMs + HIDDEN_MS) return;
    const done = new Set(outcome.answer.Successful?.map(({ Id }) => Id));
    for (const { Id, messageId } of going) if (done.has(Id)) this.deletedAtMs.set(messageId, nowMs);
  }
}
