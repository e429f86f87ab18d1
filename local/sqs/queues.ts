import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { PolicyDocument } from '../iam/policy.ts';
import type { AccountContext } from '../service.ts';
import type { Arrivals } from './arrivals.ts';
import type { MessageAttributes, NewMessage, Queue, QueueSettings, ReceivedMessage } from './queue.ts';

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** One account's queues and messages, on disk. */
export class Queues {
  readonly #ctx: AccountContext;
  readonly #arrivals: Arrivals;

  constructor(ctx: AccountContext, arrivals: Arrivals) {
    this.#ctx = ctx;
    this.#arrivals = arrivals;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS sqs_queues (
        name TEXT PRIMARY KEY, arn TEXT NOT NULL, settings TEXT NOT NULL, policy TEXT, policy_owner TEXT, created_at INTEGER NOT NULL,
        modified_at INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS sqs_messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, message_id TEXT NOT NULL, body TEXT NOT NULL,
        attributes TEXT NOT NULL, sender_id TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
        receive_count INTEGER NOT NULL, first_received_at INTEGER, receipt TEXT, dead_letter_source TEXT) STRICT;
      CREATE TABLE IF NOT EXISTS sqs_tags (
        queue TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (queue, key)) STRICT;
      CREATE INDEX IF NOT EXISTS sqs_messages_by_visibility ON sqs_messages (queue, visible_at);
    `);
  }

  put(name: string, settings: QueueSettings): Queue {
    const now = this.#ctx.clock.now();
    this.#ctx.store
      .prepare(
        `INSERT INTO sqs_queues VALUES (?, ?, ?, NULL, NULL, ?, ?)
         ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, modified_at = excluded.modified_at`,
      )
      .run(name, formatArn('sqs', this.#ctx.region, this.#ctx.accountId, name), JSON.stringify(settings), now, now);
    return this.require(name);
  }

  delete(name: string): void {
    this.#ctx.store.transaction(() => {
      this.#ctx.store.prepare('DELETE FROM sqs_messages WHERE queue = ?').run(name);
      this.#ctx.store.prepare('DELETE FROM sqs_tags WHERE queue = ?').run(name);
      this.#ctx.store.prepare('DELETE FROM sqs_queues WHERE name = ?').run(name);
    });
    // Who waits for a message hears that there is no queue any more.
    this.#notify(name);
  }

  tag(name: string, tags: Readonly<Record<string, string>>): void {
    this.#ctx.store.transaction(() => {
      for (const [key, value] of Object.entries(tags)) {
        this.#ctx.store.prepare('INSERT OR REPLACE INTO sqs_tags VALUES (?, ?, ?)').run(name, key, value);
      }
    });
  }

  untag(name: string, keys: readonly string[]): void {
    for (const key of keys) {
      this.#ctx.store.prepare('DELETE FROM sqs_tags WHERE queue = ? AND key = ?').run(name, key);
    }
  }

  tagsOf(name: string): Readonly<Record<string, string>> {
    const rows = this.#ctx.store.prepare('SELECT key, value FROM sqs_tags WHERE queue = ? ORDER BY key').all(name);
    return Object.fromEntries(rows.map(({ key, value }) => [key as string, value as string]));
  }

  /** One policy for these queues and no others; `owner` is the resource that says so. */
  setPolicy(owner: string, policy: PolicyDocument, names: readonly string[]): void {
    this.#ctx.store.transaction(() => {
      this.removePolicy(owner);
      for (const name of names) {
        this.require(name);
        this.#ctx.store
          .prepare('UPDATE sqs_queues SET policy = ?, policy_owner = ?, modified_at = ? WHERE name = ?')
          .run(JSON.stringify(policy), owner, this.#ctx.clock.now(), name);
      }
    });
  }

  /** Whoever put it there. */
  clearPolicy(name: string): void {
    this.#ctx.store
      .prepare('UPDATE sqs_queues SET policy = NULL, policy_owner = NULL, modified_at = ? WHERE name = ?')
      .run(this.#ctx.clock.now(), name);
  }

  removePolicy(owner: string): void {
    this.#ctx.store
      .prepare('UPDATE sqs_queues SET policy = NULL, policy_owner = NULL, modified_at = ? WHERE policy_owner = ?')
      .run(this.#ctx.clock.now(), owner);
  }

  find(name: string): Queue | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM sqs_queues WHERE name = ?').get(name);
    if (!row) return undefined;
    return {
      name,
      arn: row.arn as string,
      settings: JSON.parse(row.settings as string),
      policy: row.policy === null ? undefined : JSON.parse(row.policy as string),
      createdAtMs: row.created_at as number,
      modifiedAtMs: row.modified_at as number,
    };
  }

  /** Throws QueueDoesNotExist. */
  require(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  names(prefix: string): readonly string[] {
    return this.#ctx.store
      .prepare('SELECT name FROM sqs_queues WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name')
      .all(prefix)
      .map((row) => row.name as string);
  }

  counts(queue: Queue): MessageCounts {
    const now = this.#ctx.clock.now();
    const row = this.#ctx.store
      .prepare(
        `SELECT count(*) FILTER (WHERE visible_at <= ?2) AS visible,
                count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NOT NULL) AS inFlight,
                count(*) FILTER (WHERE visible_at > ?2 AND receipt IS NULL) AS delayed
         FROM sqs_messages WHERE queue = ?1 AND sent_at > ?3`,
      )
      .get(queue.name, now, now - queue.settings.messageRetentionSeconds * 1000);
    return { visible: Number(row?.visible), inFlight: Number(row?.inFlight), delayed: Number(row?.delayed) };
  }

  /** The new message's id. */
  add(queue: Queue, message: NewMessage): string {
    const now = this.#ctx.clock.now();
    const messageId = this.#ctx.ids.uuid();
    this.#ctx.store
      .prepare(
        `INSERT INTO sqs_messages
         (queue, message_id, body, attributes, sender_id, sent_at, visible_at, receive_count) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
      )
      .run(
        queue.name,
        messageId,
        message.body,
        JSON.stringify(message.attributes),
        message.senderId,
        now,
        now + (message.delaySeconds ?? queue.settings.delaySeconds) * 1000,
      );
    this.#notify(queue.name);
    return messageId;
  }

  /** Takes up to `most` visible messages; those received too often already go to the dead-letter queue instead. */
  receive(queue: Queue, most: number, visibilityTimeoutSeconds: number): readonly ReceivedMessage[] {
    const { store, clock, ids } = this.#ctx;
    const now = clock.now();
    return store.transaction(() => {
      this.#expire(queue, now);
      this.#redrive(queue, now);
      const rows = store
        .prepare('SELECT * FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, sequence LIMIT ?')
        .all(queue.name, now, most);
      return rows.map((row) => {
        const receiptHandle = ids.hex(64);
        store
          .prepare(
            `UPDATE sqs_messages SET visible_at = ?, receive_count = receive_count + 1, receipt = ?,
             first_received_at = coalesce(first_received_at, ?) WHERE sequence = ?`,
          )
          .run(now + visibilityTimeoutSeconds * 1000, receiptHandle, now, row.sequence as number);
        return {
          messageId: row.message_id as string,
          receiptHandle,
          body: row.body as string,
          attributes: JSON.parse(row.attributes as string) as MessageAttributes,
          senderId: row.sender_id as string,
          sentAtMs: row.sent_at as number,
          receiveCount: (row.receive_count as number) + 1,
          firstReceivedAtMs: (row.first_received_at as number | null) ?? now,
          deadLetterSourceArn: (row.dead_letter_source as string | null) ?? undefined,
        };
      });
    });
  }

  /** When the next message that is invisible now becomes visible; undefined when there is none. */
  nextVisibleAtMs(queue: Queue): number | undefined {
    const row = this.#ctx.store
      .prepare('SELECT min(visible_at) AS at FROM sqs_messages WHERE queue = ?')
      .get(queue.name);
    return (row?.at as number | null) ?? undefined;
  }

  /** Deleting with an old receipt, or twice, succeeds, as on AWS. */
  remove(queue: Queue, receiptHandle: string): void {
    this.#ctx.store.prepare('DELETE FROM sqs_messages WHERE queue = ? AND receipt = ?').run(queue.name, receiptHandle);
  }

  /** Throws MessageNotInflight when the receipt is no longer that of an invisible message. */
  changeVisibility(queue: Queue, receiptHandle: string, seconds: number): void {
    const now = this.#ctx.clock.now();
    const { changes } = this.#ctx.store
      .prepare('UPDATE sqs_messages SET visible_at = ? WHERE queue = ? AND receipt = ? AND visible_at > ?')
      .run(now + seconds * 1000, queue.name, receiptHandle, now);
    if (changes === 0) {
      throw new AwsError(
        'MessageNotInflight',
        'The specified message is not in flight, or its receipt has been replaced.',
      );
    }
    this.#notify(queue.name);
  }

  purge(queue: Queue): void {
    this.#ctx.store.prepare('DELETE FROM sqs_messages WHERE queue = ?').run(queue.name);
  }

  #expire(queue: Queue, now: number): void {
    this.#ctx.store
      .prepare('DELETE FROM sqs_messages WHERE queue = ? AND sent_at <= ?')
      .run(queue.name, now - queue.settings.messageRetentionSeconds * 1000);
  }

  /** The message keeps its id and its time of sending, as AWS documents for standard queues. */
  #redrive(queue: Queue, now: number): void {
    const { redrivePolicy } = queue.settings;
    if (!redrivePolicy) return;
    const target = this.find(
      redrivePolicy.deadLetterTargetArn.slice(redrivePolicy.deadLetterTargetArn.lastIndexOf(':') + 1),
    );
    // Without its dead-letter queue a message stays where it is: nothing is thrown away.
    if (!target || target.arn !== redrivePolicy.deadLetterTargetArn || !takesFrom(target, queue)) return;
    const { changes } = this.#ctx.store
      .prepare(
        `UPDATE sqs_messages SET queue = ?, receipt = NULL, receive_count = 0, first_received_at = NULL,
         dead_letter_source = ? WHERE queue = ? AND visible_at <= ? AND receive_count >= ?`,
      )
      .run(target.name, queue.arn, queue.name, now, redrivePolicy.maxReceiveCount);
    if (changes > 0) this.#notify(target.name);
  }

  #notify(queueName: string): void {
    this.#ctx.store.afterCommit(() => this.#arrivals.notify(queueName));
  }
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
export function takesFrom({ settings: { redriveAllowPolicy } }: Queue, source: Pick<Queue, 'arn'>): boolean {
  if (redriveAllowPolicy === undefined || redriveAllowPolicy.redrivePermission === 'allowAll') return true;
  return redriveAllowPolicy.sourceQueueArns?.includes(source.arn) ?? false;
}
