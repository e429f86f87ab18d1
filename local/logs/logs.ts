import { formatArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext } from '../service.ts';

export interface LogEntry {
  readonly atMs: number;
  readonly message: string;
  /** Of the invocation that wrote it, where there is one. */
  readonly requestId?: string;
}

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
