import { formatArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext } from '../service.ts';

export interface LogEntry {
  readonly atMs: number;
  readonly message: string;
  /** Of the invocation that wrote it, where there is one. */
  readonly requestId?: string;
}

/** An entry, and its place in the order of all. */
export interface FoundEntry extends LogEntry {
  readonly sequence: number;
}

export interface LogSpan {
  /** Both ends included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Only entries behind this place, the first ones of them; or before it, the last ones. */
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
}

export interface LogGroup {
  readonly name: string;
  readonly retentionDays: number | undefined;
  readonly createdAtMs: number;
  readonly bytes: number;
}

export interface LogStream {
  readonly name: string;
  /** The day that it holds, both ends included. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The lines of a group stand in one stream a day: `2026/01/31/[$LATEST]local`. */
export const streamOf = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]local`;

/** How long a line may wait in memory: one commit for many lines, and no line is older than this when the process is killed. */
const FLUSH_MS = 250;
const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Log groups of one account: lines with their time, kept as long as the group says. */
export class Logs {
  readonly #ctx: AccountContext;
  #buffer: { group: string; entry: LogEntry }[] = [];
  #cancelFlush: (() => void) | undefined;
  #prunedAtMs = 0;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS logs_groups (name TEXT PRIMARY KEY, retention_days INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS logs_entries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, log_group TEXT NOT NULL, at_ms INTEGER NOT NULL, request_id TEXT,
        message TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS logs_entries_by_group ON logs_entries (log_group, sequence);
    `);
  }

  /** Never fails the caller: as on AWS, logging is a courtesy. The line is on disk a moment later. */
  append(group: string, entry: LogEntry): void {
    this.#buffer.push({ group, entry });
    this.#cancelFlush ??= this.#ctx.clock.at(this.#ctx.clock.now() + FLUSH_MS, () => this.flush());
  }

  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const lines = this.#buffer;
    this.#buffer = [];
    const { store, clock } = this.#ctx;
    store.transaction(() => {
      const insert = store.prepare(
        'INSERT INTO logs_entries (log_group, at_ms, request_id, message) VALUES (?, ?, ?, ?)',
      );
      for (const { group, entry } of lines) {
        insert.run(group, Math.floor(entry.atMs), entry.requestId ?? null, entry.message);
      }
      if (clock.now() - this.#prunedAtMs > PRUNE_EVERY_MS) this.#prune();
    });
  }

  /** The newest `limit` lines of a group, oldest first; of one invocation when `requestId` is given. */
  read(group: string, { requestId, limit = 1000 }: { requestId?: string; limit?: number } = {}): readonly LogEntry[] {
    this.flush();
    return this.#ctx.store
      .prepare(
        `SELECT * FROM logs_entries WHERE log_group = ? AND (? IS NULL OR request_id = ?) ORDER BY sequence DESC LIMIT ?`,
      )
      .all(group, requestId ?? null, requestId ?? null, limit)
      .reverse()
      .map((row) => ({
        atMs: row.at_ms as number,
        message: row.message as string,
        ...(row.request_id === null ? {} : { requestId: row.request_id as string }),
      }));
  }

  /** Oldest first. */
  find(group: string, { fromMs, toMs, after = 0, before, limit }: LogSpan): readonly FoundEntry[] {
    this.flush();
    const order = before === undefined ? 'ASC' : 'DESC';
    const rows = this.#ctx.store
      .prepare(
        `SELECT * FROM logs_entries WHERE log_group = ? AND at_ms BETWEEN ? AND ? AND sequence > ? AND sequence < ?
         ORDER BY sequence ${order} LIMIT ?`,
      )
      .all(group, fromMs, toMs, after, before ?? Number.MAX_SAFE_INTEGER, limit)
      .map((row) => ({
        sequence: row.sequence as number,
        atMs: row.at_ms as number,
        message: row.message as string,
        ...(row.request_id === null ? {} : { requestId: row.request_id as string }),
      }));
    return before === undefined ? rows : rows.reverse();
  }

  /** Those that were made, and those that somebody wrote to. By name. */
  groups(): readonly LogGroup[] {
    this.flush();
    return this.#ctx.store
      .prepare(
        `SELECT name, max(retention_days) AS days, min(at_ms) AS first, coalesce(sum(length(message)), 0) AS bytes FROM (
           SELECT name, retention_days, NULL AS at_ms, NULL AS message FROM logs_groups
           UNION ALL SELECT log_group, NULL, at_ms, message FROM logs_entries) GROUP BY name ORDER BY name`,
      )
      .all()
      .map((row) => ({
        name: row.name as string,
        retentionDays: (row.days as number | null) ?? undefined,
        createdAtMs: (row.first as number | null) ?? 0,
        bytes: row.bytes as number,
      }));
  }

  hasGroup(name: string): boolean {
    this.flush();
    const row = this.#ctx.store
      .prepare(
        'SELECT EXISTS (SELECT 1 FROM logs_groups WHERE name = ?1) OR EXISTS (SELECT 1 FROM logs_entries WHERE log_group = ?1) AS found',
      )
      .get(name);
    return row?.found === 1;
  }

  /** Oldest first. */
  streams(group: string): LogStream[] {
    this.flush();
    return this.#ctx.store
      .prepare(
        `SELECT at_ms / ${DAY_MS} AS day, min(at_ms) AS first, max(at_ms) AS last FROM logs_entries WHERE log_group = ?
         GROUP BY day ORDER BY day`,
      )
      .all(group)
      .map((row) => {
        const fromMs = (row.day as number) * DAY_MS;
        return {
          name: streamOf(fromMs),
          fromMs,
          toMs: fromMs + DAY_MS - 1,
          firstMs: row.first as number,
          lastMs: row.last as number,
        };
      });
  }

  putGroup(name: string, retentionDays: number | undefined): void {
    this.#ctx.store.prepare('INSERT OR REPLACE INTO logs_groups VALUES (?, ?)').run(name, retentionDays ?? null);
  }

  deleteGroup(name: string): void {
    this.#ctx.store.transaction(() => {
      this.#ctx.store.prepare('DELETE FROM logs_entries WHERE log_group = ?').run(name);
      this.#ctx.store.prepare('DELETE FROM logs_groups WHERE name = ?').run(name);
    });
  }

  #prune(): void {
    const { store, clock } = this.#ctx;
    this.#prunedAtMs = clock.now();
    for (const { name, retention_days: days } of store.prepare('SELECT * FROM logs_groups').all()) {
      if (days === null) continue;
      store
        .prepare('DELETE FROM logs_entries WHERE log_group = ? AND at_ms < ?')
        .run(name as string, clock.now() - (days as number) * DAY_MS);
    }
  }
}

/** `AWS::Logs::LogGroup`. */
export const logGroupResource = (ctx: AccountContext, logs: Logs): ResourceHandler => ({
  type: 'AWS::Logs::LogGroup',
  properties: ['LogGroupName', 'RetentionInDays', 'Tags'],
  async put({ properties, stackName, logicalId }) {
    const name = (properties.LogGroupName as string | undefined) ?? `${stackName}-${logicalId}`;
    logs.putGroup(name, properties.RetentionInDays === undefined ? undefined : Number(properties.RetentionInDays));
    const Arn = `${formatArn('logs', ctx.region, ctx.accountId, `log-group:${name}`)}:*`;
    return { physicalId: name, attributes: { Arn } };
  },
  async delete(physicalId) {
    logs.deleteGroup(physicalId);
  },
});
