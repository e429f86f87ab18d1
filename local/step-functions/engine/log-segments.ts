import type { JsonObject } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { Entry } from '../interpreter/entry.ts';

/** How an execution is left by what was written last: what it does when nobody tells it anything. */
export interface Rest {
  /** When something is due by itself, in milliseconds since the epoch; null when nothing is. */
  readonly dueMs: number | null;
  /** Whether it has to be in memory: it has more to decide, or somebody in the process has to be at its tasks. */
  readonly attended: boolean;
}

export const UNDER_WAY: Rest = { dueMs: null, attended: true };

// Rows in the order of their commits, with an index to each log: what a hundred executions write in one commit are the table's last pages
// and a few of the index, where a table ordered by execution would have each of them write a page of its own. The entries are the last
// column, so that a search does not read through them.
const TABLES = `
CREATE TABLE IF NOT EXISTS sfn_segment (
  executionKey INTEGER NOT NULL, firstSeq INTEGER NOT NULL, lastSeq INTEGER NOT NULL, firstEventId INTEGER, lastEventId INTEGER,
  dueMs INTEGER, attended INTEGER NOT NULL, entries TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS sfn_segment_log ON sfn_segment (executionKey, firstSeq);
`;

/** The entries of all logs: one row for what an execution wrote in one commit. */
export class LogSegments {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    refuseOlder(store);
    store.define(TABLES);
  }

  /** `entries` follow each other and what was appended before. */
  append(key: number, entries: readonly Entry[], rest: Rest): void {
    this.#store
      .prepare(
        'INSERT INTO sfn_segment (executionKey, firstSeq, lastSeq, firstEventId, lastEventId, dueMs, attended, entries) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        key,
        entries[0]!.seq,
        entries.at(-1)!.seq,
        entries.find(isEvent)?.id ?? null,
        entries.findLast(isEvent)?.id ?? null,
        rest.dueMs,
        rest.attended ? 1 : 0,
        pack(entries),
      );
  }

  /** Where the log ends; zeros before its first entry. */
  end(key: number): { readonly lastSeq: number; readonly lastEventId: number } {
    return this.#store
      .prepare(
        'SELECT ifnull(max(lastSeq), 0) AS lastSeq, ifnull(max(lastEventId), 0) AS lastEventId FROM sfn_segment WHERE executionKey = ?',
      )
      .get(key) as { lastSeq: number; lastEventId: number };
  }

  *entries(key: number): Generator<Entry> {
    const rows = this.#store
      .prepare('SELECT firstSeq, entries FROM sfn_segment WHERE executionKey = ? ORDER BY firstSeq')
      .all(key);
    for (const row of rows) yield* unpack(row as unknown as Packed);
  }

  /** At most `limit` history events: those after event `from`, or with `reverse` those before it, the last first. */
  events(key: number, from: number, limit: number, reverse: boolean): Entry[] {
    const rows = this.#store
      .prepare(
        reverse
          ? 'SELECT firstSeq, entries FROM sfn_segment WHERE executionKey = ? AND firstEventId < ? ORDER BY firstSeq DESC'
          : 'SELECT firstSeq, entries FROM sfn_segment WHERE executionKey = ? AND lastEventId > ? ORDER BY firstSeq',
      )
      .iterate(key, from);
    const events: Entry[] = [];
    for (const row of rows) {
      const wanted = unpack(row as unknown as Packed).filter(
        (entry) => isEvent(entry) && (reverse ? entry.id < from : entry.id > from),
      );
      events.push(...(reverse ? wanted.reverse() : wanted));
      if (events.length >= limit) break;
    }
    return events.slice(0, limit);
  }

  forget(key: number): void {
    this.#store.prepare('DELETE FROM sfn_segment WHERE executionKey = ?').run(key);
  }
}

/** Formerly every entry was a row of `sfn_entry`; what is there is not read here. */
function refuseOlder(store: Store): void {
  const older = store.db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sfn_entry'").get();
  if (!older) return;
  throw new Error(
    'This folder holds executions as an earlier version of Sluice kept them, which this version cannot read. Finish them with that version, or remove the folder to begin from nothing.',
  );
}

const isEvent = (entry: Entry): boolean => entry.id > 0;

interface Packed {
  readonly firstSeq: number;
  readonly entries: string;
}

const pack = (entries: readonly Entry[]): string =>
  JSON.stringify(
    entries.map(({ frame, type, at, id, previousEventId, details = null, memo }) =>
      memo === undefined
        ? [frame, type, at, id, previousEventId, details]
        : [frame, type, at, id, previousEventId, details, memo],
    ),
  );

const unpack = ({ firstSeq, entries }: Packed): Entry[] =>
  (JSON.parse(entries) as [string, string, number, number, number, JsonObject | null, JsonObject?][]).map(
    ([frame, type, at, id, previousEventId, details, memo], index) => ({
      seq: firstSeq + index,
      frame,
      type,
      at,
      id,
      previousEventId,
      details: details ?? undefined,
      memo,
    }),
  );
