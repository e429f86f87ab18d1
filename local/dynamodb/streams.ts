import type { AccountContext } from '../service.ts';
import { type Item, sizeOfItem } from './attribute-value.ts';
import { equalItems } from './comparison.ts';
import { extractKey } from './key.ts';
import { type StreamViewType, streamArnOf, type Table } from './table-definition.ts';

/**
 * A change as a Lambda function gets it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  readonly eventSourceARN: string;
  /** On a deletion by time to live only. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
}

/** The tables' change logs, for event-source mappings in this process. Records are in commit order. */
export interface StreamReader {
  /** Up to `limit` records after the sequence number; from the oldest kept record when it is undefined. */
  read(streamArn: string, afterSequence: string | undefined, limit: number): readonly StreamRecord[];
  /** The sequence number of the newest record (StartingPosition LATEST begins after it); undefined when there is none. */
  latest(streamArn: string): string | undefined;
  /** Calls `fn` after each commit that appended to the stream. */
  onAppend(streamArn: string, fn: () => void): () => void;
}

const RETENTION_MS = 24 * 60 * 60 * 1000;
/** Sequence numbers have one width, so that their text sorts as they do. */
const SEQUENCE_DIGITS = 20;

const formatSequence = (sequence: number): string => `1${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`;
const parseSequence = (text: string): number => Number(text.slice(1));

export class Streams implements StreamReader {
  readonly #ctx: AccountContext;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #appended = new Set<string>();
  readonly #startedAtMs: number;
  #trimmedAtMs: number;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    this.#startedAtMs = ctx.clock.now();
    this.#trimmedAtMs = this.#startedAtMs;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_stream_records (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        stream_arn TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        record TEXT NOT NULL
      );
      CREATE INDEX IF NOT EXISTS dynamodb_stream_position ON dynamodb_stream_records (stream_arn, sequence);
      CREATE INDEX IF NOT EXISTS dynamodb_stream_age ON dynamodb_stream_records (at_ms);
    `);
  }

  /** Logs a change within the caller's transaction. A write that changed nothing leaves no record. */
  append(table: Table, before: Item | undefined, after: Item | undefined, byTimeToLive: boolean): void {
    const streamArn = streamArnOf(table);
    if (!table.stream?.enabled || streamArn === undefined) return;
    const present = after ?? before;
    if (!present || (before && after && equalItems(before, after))) return;

    const { store, clock, ids, region } = this.#ctx;
    const { viewType } = table.stream;
    const keys = extractKey(table.key, present);
    const withNew = after && (viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES');
    const withOld = before && (viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES');
    const body = {
      Keys: keys,
      ...(withNew ? { NewImage: after } : {}),
      ...(withOld ? { OldImage: before } : {}),
    };
    const record: Omit<StreamRecord, 'dynamodb'> & { dynamodb: Omit<StreamRecord['dynamodb'], 'SequenceNumber'> } = {
      eventID: ids.hex(32),
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.now() / 1000),
        ...body,
        SizeBytes: sizeOfItem(keys) + (withNew ? sizeOfItem(after) : 0) + (withOld ? sizeOfItem(before) : 0),
        StreamViewType: viewType,
      },
      eventSourceARN: streamArn,
      ...(byTimeToLive ? { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const } : {}),
    };
    store
      .prepare('INSERT INTO dynamodb_stream_records (stream_arn, at_ms, record) VALUES (?, ?, ?)')
      .run(streamArn, clock.now(), JSON.stringify(record));
    this.#trim();
    this.#notifyAfterCommit(streamArn);
  }

  read(streamArn: string, afterSequence: string | undefined, limit: number): readonly StreamRecord[] {
    const rows = this.#ctx.store
      .prepare(
        'SELECT sequence, record FROM dynamodb_stream_records WHERE stream_arn = ? AND sequence > ? ORDER BY sequence LIMIT ?',
      )
      .all(streamArn, afterSequence === undefined ? 0 : parseSequence(afterSequence), limit);
    return rows.map(({ sequence, record }) => {
      const parsed = JSON.parse(String(record)) as StreamRecord;
      return { ...parsed, dynamodb: { ...parsed.dynamodb, SequenceNumber: formatSequence(Number(sequence)) } };
    });
  }

  latest(streamArn: string): string | undefined {
    const row = this.#ctx.store
      .prepare('SELECT max(sequence) AS sequence FROM dynamodb_stream_records WHERE stream_arn = ?')
      .get(streamArn);
    return row?.sequence == null ? undefined : formatSequence(Number(row.sequence));
  }

  onAppend(streamArn: string, fn: () => void): () => void {
    let listeners = this.#listeners.get(streamArn);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(streamArn, listeners);
    }
    listeners.add(fn);
    return () => listeners.delete(fn);
  }

  #notifyAfterCommit(streamArn: string): void {
    // One call a commit, however many records it appended. The set may name a stream whose transaction rolled back:
    // its next commit still notifies, since each append asks anew.
    this.#appended.add(streamArn);
    this.#ctx.store.afterCommit(() => {
      if (!this.#appended.delete(streamArn)) return;
      for (const listener of this.#listeners.get(streamArn) ?? []) listener();
    });
  }

  /**
   * Records live 24 hours, of which this process must have run all: on AWS the readers never stop, so a machine that was
   * off over the weekend must not lose what its functions have not seen yet.
   */
  #trim(): void {
    const now = this.#ctx.clock.now();
    if (now - this.#startedAtMs < RETENTION_MS || now - this.#trimmedAtMs < RETENTION_MS / 24) return;
    this.#trimmedAtMs = now;
    this.#ctx.store.prepare('DELETE FROM dynamodb_stream_records WHERE at_ms < ?').run(now - RETENTION_MS);
  }
}
