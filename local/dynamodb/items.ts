import type { Store } from '../store/store.ts';
import { attribute, type Item, sizeOfItem } from './attribute-value.ts';
import { type EncodedKey, encodeHash, encodeKey, encodeScalar, isIndexed } from './key.ts';
import type { Streams } from './streams.ts';
import type { IndexDefinition, Table } from './table-definition.ts';

/** Bounds of a sort key, in encoded bytes. */
export interface RangeBounds {
  readonly from?: { readonly key: Uint8Array; readonly inclusive: boolean } | undefined;
  readonly to?: { readonly key: Uint8Array; readonly inclusive: boolean } | undefined;
}

export interface StoredItem {
  readonly item: Item;
  readonly bytes: number;
}

const MAX_HASH_PREFIX = 2 ** 32;

/**
 * The items of all tables of the account, with their index entries and their change log. Every write goes through
 * `write`, in the caller's transaction.
 */
export class Items {
  readonly #store: Store;
  readonly #streams: Streams;

  constructor(store: Store, streams: Streams) {
    this.#store = store;
    this.#streams = streams;
    store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_items (
        id INTEGER PRIMARY KEY,
        table_id INTEGER NOT NULL,
        hash BLOB NOT NULL,
        range BLOB NOT NULL,
        item TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        expires_at INTEGER,
        UNIQUE (table_id, hash, range)
      );
      CREATE INDEX IF NOT EXISTS dynamodb_expiry ON dynamodb_items (expires_at) WHERE expires_at IS NOT NULL;
      CREATE TABLE IF NOT EXISTS dynamodb_index_entries (
        table_id INTEGER NOT NULL,
        index_name TEXT NOT NULL,
        hash BLOB NOT NULL,
        range BLOB NOT NULL,
        item_hash BLOB NOT NULL,
        item_range BLOB NOT NULL,
        PRIMARY KEY (table_id, index_name, hash, range, item_hash, item_range)
      ) WITHOUT ROWID;
    `);
  }

  read(table: Table, key: Item): Item | undefined {
    const { hash, range } = encodeKey(table.key, key);
    const row = this.#store
      .prepare('SELECT item FROM dynamodb_items WHERE table_id = ? AND hash = ? AND range = ?')
      .get(table.id, hash, range);
    return row && (JSON.parse(String(row.item)) as Item);
  }

  /** Replaces `before` (what `read` gave for this key) by `after`; undefined means absent. */
  write(table: Table, before: Item | undefined, after: Item | undefined, byTimeToLive = false): void {
    const present = after ?? before;
    if (!present) return;
    const key = encodeKey(table.key, present);
    if (after) {
      this.#store
        .prepare(
          `INSERT INTO dynamodb_items (table_id, hash, range, item, bytes, expires_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (table_id, hash, range)
           DO UPDATE SET item = excluded.item, bytes = excluded.bytes, expires_at = excluded.expires_at`,
        )
        .run(table.id, key.hash, key.range, JSON.stringify(after), sizeOfItem(after), expiryOf(table, after));
    } else {
      this.#store
        .prepare('DELETE FROM dynamodb_items WHERE table_id = ? AND hash = ? AND range = ?')
        .run(table.id, key.hash, key.range);
    }
    for (const index of table.indexes) {
      if (before && isIndexed(index, before)) this.#removeEntry(table, index, before, key);
      if (after && isIndexed(index, after)) this.#addEntry(table, index, after, key);
    }
    this.#streams.append(table, before, after, byTimeToLive);
  }

  #addEntry(table: Table, index: IndexDefinition, item: Item, key: EncodedKey): void {
    const entry = encodeKey(index.key, item);
    this.#store
      .prepare('INSERT OR REPLACE INTO dynamodb_index_entries VALUES (?, ?, ?, ?, ?, ?)')
      .run(table.id, index.name, entry.hash, entry.range, key.hash, key.range);
  }

  #removeEntry(table: Table, index: IndexDefinition, item: Item, key: EncodedKey): void {
    const entry = encodeKey(index.key, item);
    this.#store
      .prepare(
        `DELETE FROM dynamodb_index_entries WHERE table_id = ? AND index_name = ? AND hash = ? AND range = ?
         AND item_hash = ? AND item_range = ?`,
      )
      .run(table.id, index.name, entry.hash, entry.range, key.hash, key.range);
  }

  /** The items of one partition in sort-key order, lazily. Do not write while iterating. */
  *partition(
    table: Table,
    index: IndexDefinition | undefined,
    hashValue: Item,
    bounds: RangeBounds,
    forward: boolean,
    start: Item | undefined,
  ): Iterable<StoredItem> {
    const schema = (index ?? table).key;
    const hash = encodeHash(attribute(hashValue, schema.hash.name) as never);
    const where: string[] = [];
    const parameters: (Uint8Array | string | number)[] = [];
    const range = index ? 'e.range' : 'i.range';
    for (const [bound, operator] of [
      [bounds.from, '>'],
      [bounds.to, '<'],
    ] as const) {
      if (!bound) continue;
      where.push(`${range} ${operator}${bound.inclusive ? '=' : ''} ?`);
      parameters.push(bound.key);
    }
    if (start) {
      const beyond = forward ? '>' : '<';
      const own = encodeKey(table.key, start);
      if (index) {
        where.push(`(e.range, e.item_hash, e.item_range) ${beyond} (?, ?, ?)`);
        parameters.push(
          index.key.range ? encodeScalar(attribute(start, index.key.range.name) as never) : new Uint8Array(),
        );
        parameters.push(own.hash, own.range);
      } else {
        where.push(`i.range ${beyond} ?`);
        parameters.push(own.range);
      }
    }
    const direction = forward ? 'ASC' : 'DESC';
    const conditions = where.map((condition) => ` AND ${condition}`).join('');
    const sql = index
      ? `${ENTRIES_WITH_ITEMS} AND e.hash = ?${conditions} ORDER BY e.range ${direction}, e.item_hash ${direction}, e.item_range ${direction}`
      : `SELECT item, bytes FROM dynamodb_items i WHERE table_id = ? AND hash = ?${conditions} ORDER BY range ${direction}`;
    yield* this.#iterate(sql, index ? [table.id, index.name, hash, ...parameters] : [table.id, hash, ...parameters]);
  }

  /** All items, or those of one segment of `segments`, in store order. Do not write while iterating. */
  *scan(
    table: Table,
    index: IndexDefinition | undefined,
    start: Item | undefined,
    segment: { readonly number: number; readonly of: number },
  ): Iterable<StoredItem> {
    const hash = index ? 'e.hash' : 'i.hash';
    const where = [`${hash} >= ?`];
    const parameters: (Uint8Array | string | number)[] = [segmentStart(segment.number, segment.of)];
    if (segment.number + 1 < segment.of) {
      where.push(`${hash} < ?`);
      parameters.push(segmentStart(segment.number + 1, segment.of));
    }
    if (start) {
      const own = encodeKey(table.key, start);
      if (index) {
        const entry = encodeKey(index.key, start);
        where.push('(e.hash, e.range, e.item_hash, e.item_range) > (?, ?, ?, ?)');
        parameters.push(entry.hash, entry.range, own.hash, own.range);
      } else {
        where.push('(i.hash, i.range) > (?, ?)');
        parameters.push(own.hash, own.range);
      }
    }
    const conditions = where.map((condition) => ` AND ${condition}`).join('');
    const sql = index
      ? `${ENTRIES_WITH_ITEMS}${conditions} ORDER BY e.hash, e.range, e.item_hash, e.item_range`
      : `SELECT item, bytes FROM dynamodb_items i WHERE table_id = ?${conditions} ORDER BY hash, range`;
    yield* this.#iterate(sql, index ? [table.id, index.name, ...parameters] : [table.id, ...parameters]);
  }

  *#iterate(sql: string, parameters: readonly (Uint8Array | string | number)[]): Iterable<StoredItem> {
    for (const row of this.#store.prepare(sql).iterate(...parameters)) {
      yield { item: JSON.parse(String(row.item)) as Item, bytes: Number(row.bytes) };
    }
  }

  count(table: Table, index?: IndexDefinition): { readonly items: number; readonly bytes: number } {
    const row = index
      ? this.#store
          .prepare(`SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM (${ENTRIES_WITH_ITEMS})`)
          .get(table.id, index.name)
      : this.#store
          .prepare('SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes FROM dynamodb_items WHERE table_id = ?')
          .get(table.id);
    return { items: Number(row?.items), bytes: Number(row?.bytes) };
  }

  /** Fills an index that was added to a table with items. */
  fillIndex(table: Table, index: IndexDefinition): void {
    for (const item of this.#allOf(table)) {
      if (isIndexed(index, item)) this.#addEntry(table, index, item, encodeKey(table.key, item));
    }
  }

  dropIndex(table: Table, indexName: string): void {
    this.#store
      .prepare('DELETE FROM dynamodb_index_entries WHERE table_id = ? AND index_name = ?')
      .run(table.id, indexName);
  }

  dropTable(table: Table): void {
    this.#store.prepare('DELETE FROM dynamodb_index_entries WHERE table_id = ?').run(table.id);
    this.#store.prepare('DELETE FROM dynamodb_items WHERE table_id = ?').run(table.id);
  }

  /** Recomputes when each item expires, after the table's time-to-live attribute changed. */
  refreshExpiry(table: Table): void {
    for (const item of this.#allOf(table)) {
      const { hash, range } = encodeKey(table.key, item);
      this.#store
        .prepare('UPDATE dynamodb_items SET expires_at = ? WHERE table_id = ? AND hash = ? AND range = ?')
        .run(expiryOf(table, item), table.id, hash, range);
    }
  }

  /** Items whose time to live was over at `nowSeconds`. */
  expired(nowSeconds: number, limit: number): readonly { readonly tableId: number; readonly item: Item }[] {
    return this.#store
      .prepare(
        'SELECT table_id, item FROM dynamodb_items WHERE expires_at > ? AND expires_at < ? ORDER BY expires_at LIMIT ?',
      )
      .all(nowSeconds - OLDEST_EXPIRY_SECONDS, nowSeconds, limit)
      .map((row) => ({ tableId: Number(row.table_id), item: JSON.parse(String(row.item)) as Item }));
  }

  /** When the next item expires, in epoch seconds. */
  nextExpiry(nowSeconds: number): number | undefined {
    const row = this.#store
      .prepare('SELECT min(expires_at) AS next FROM dynamodb_items WHERE expires_at > ?')
      .get(nowSeconds - OLDEST_EXPIRY_SECONDS);
    return row?.next == null ? undefined : Number(row.next);
  }

  #allOf(table: Table): readonly Item[] {
    return this.#store
      .prepare('SELECT item FROM dynamodb_items WHERE table_id = ?')
      .all(table.id)
      .map((row) => JSON.parse(String(row.item)) as Item);
  }
}

const ENTRIES_WITH_ITEMS = `SELECT i.item, i.bytes FROM dynamodb_index_entries e
  JOIN dynamodb_items i ON i.table_id = e.table_id AND i.hash = e.item_hash AND i.range = e.item_range
  WHERE e.table_id = ? AND e.index_name = ?`;

function segmentStart(number: number, of: number): Uint8Array {
  const start = Buffer.alloc(4);
  start.writeUInt32BE(Math.floor((MAX_HASH_PREFIX / of) * number));
  return start;
}

/**
 * What lies more than five years back is no expiry.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
 */
const OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 60 * 60;

/** When an item expires, in epoch seconds; null when it does not. */
function expiryOf(table: Table, item: Item): number | null {
  if (table.timeToLiveAttribute === undefined) return null;
  const value = attribute(item, table.timeToLiveAttribute);
  if (value === undefined || !('N' in value)) return null;
  const seconds = Math.floor(Number(value.N));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null;
}
