import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { JsonObject, Log } from '../service.ts';
import { storageFailure } from '../store/storage-failure.ts';
import type { Store } from '../store/store.ts';

/** An event as CloudTrail records it; `eventID` and `eventTime` are given when it is kept. */
export interface TrailEvent extends JsonObject {
  readonly eventSource: string;
  readonly eventName: string;
}

export interface KeptEvent {
  /** Its place in the order of all. */
  readonly sequence: number;
  readonly eventId: string;
  readonly atMs: number;
  /** The whole record, as JSON text. */
  readonly text: string;
}

export interface EventQuery {
  /** Both ends included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Only events before this place. */
  readonly before: number;
  readonly limit: number;
}

/** As long as CloudTrail's own event history, and no more than a caller who is denied in a loop may fill. */
const KEPT_MS = 90 * 86_400_000;
const MOST_EVENTS = 10_000;
const PRUNE_EVERY = 500;

export interface EventHistoryDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * The calls of one account that are worth an auditor's look, newest 10,000 of the last 90 days.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export class EventHistory {
  readonly #deps: EventHistoryDependencies;
  #pending: { readonly atMs: number; readonly event: TrailEvent }[] = [];
  #sincePruned = PRUNE_EVERY;

  constructor(deps: EventHistoryDependencies) {
    this.#deps = deps;
    deps.store.define(`
      CREATE TABLE IF NOT EXISTS cloudtrail_events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, at_ms INTEGER NOT NULL, event TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS cloudtrail_events_by_time ON cloudtrail_events (at_ms);
    `);
  }

  /**
   * The event is on disk before its call is answered. Not at once: the call may be in the midst of a transaction, which its refusal
   * takes back. One that cannot be written is told to the log: the call stays refused.
   */
  record(event: TrailEvent): void {
    this.#pending.push({ atMs: this.#deps.clock.now(), event });
    if (this.#pending.length === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const events = this.#pending;
    if (events.length === 0) return;
    this.#pending = [];
    const { store, log } = this.#deps;
    try {
      store.transaction(() => {
        for (const one of events) this.#insert(one);
        this.#prune(events.length);
      });
    } catch (error) {
      log('error', `${events.length} events could not be kept in the event history`, {
        problem: storageFailure(error) ?? String(error),
        events: events.map(({ event }) => event),
      });
    }
  }

  /** Newest first. */
  find({ fromMs, toMs, before, limit }: EventQuery): readonly KeptEvent[] {
    this.flush();
    return this.#deps.store
      .prepare(
        'SELECT * FROM cloudtrail_events WHERE at_ms BETWEEN ? AND ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
      )
      .all(fromMs, toMs, before, limit)
      .map((row) => ({
        sequence: row.sequence as number,
        eventId: row.event_id as string,
        atMs: row.at_ms as number,
        text: row.event as string,
      }));
  }

  #insert({ atMs, event }: { readonly atMs: number; readonly event: TrailEvent }): void {
    const eventID = this.#deps.ids.uuid();
    const eventTime = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
    this.#deps.store
      .prepare('INSERT INTO cloudtrail_events (event_id, at_ms, event) VALUES (?, ?, ?)')
      .run(eventID, Math.floor(atMs), JSON.stringify({ eventVersion: '1.11', eventTime, eventID, ...event }));
  }

  #prune(written: number): void {
    this.#sincePruned += written;
    if (this.#sincePruned < PRUNE_EVERY) return;
    this.#sincePruned = 0;
    const { store, clock } = this.#deps;
    store
      .prepare(
        'DELETE FROM cloudtrail_events WHERE at_ms < ? OR sequence <= (SELECT max(sequence) FROM cloudtrail_events) - ?',
      )
      .run(Math.floor(clock.now() - KEPT_MS), MOST_EVENTS);
  }
}
