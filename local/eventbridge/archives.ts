import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { AccountContext } from '../service.ts';
import type { EventText } from './event.ts';
import { compilePattern } from './pattern/pattern.ts';
import { PatternIndex } from './pattern/pattern-index.ts';

export interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly pattern?: string;
  readonly description?: string;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly createdAtMs: number;
}

const NAME = /^[A-Za-z0-9._-]{1,48}$/;
const DAY_MS = 86_400_000;

/** Events that a bus keeps, for replays. */
export class Archives {
  readonly #ctx: AccountContext;
  /** By bus; made when an event comes, until an archive changes. */
  readonly #wanting = new Map<string, (eventText: string) => readonly Archive[]>();

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_archives (
        name TEXT PRIMARY KEY, bus TEXT NOT NULL, pattern TEXT, description TEXT, retention_days INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS events_archived (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, archive TEXT NOT NULL, at_ms INTEGER NOT NULL, event_id TEXT NOT NULL,
        source TEXT NOT NULL, detail_type TEXT NOT NULL, event TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS events_archived_by_time ON events_archived (archive, at_ms);
    `);
    // at_ms is the time in the event, which its sender may choose: what is kept for some days is counted from when it came.
    ctx.store.addColumn('events_archived', 'kept_at_ms INTEGER');
  }

  put(archive: Omit<Archive, 'arn' | 'createdAtMs'>): Archive {
    const { name, bus, pattern, description, retentionDays } = archive;
    if (!NAME.test(name)) throw new AwsError('ValidationException', `Parameter ArchiveName is not valid: ${name}`);
    if (!Number.isInteger(retentionDays) || retentionDays < 0) {
      throw new AwsError('ValidationException', 'RetentionDays must be a whole number of days, 0 for ever.');
    }
    if (pattern !== undefined) compilePattern(pattern);
    const before = this.find(name);
    if (before && before.bus !== bus) {
      throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists on another event bus.`);
    }
    this.#wanting.clear();
    this.#ctx.store
      .prepare(
        `INSERT INTO events_archives VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
           pattern = excluded.pattern, description = excluded.description, retention_days = excluded.retention_days`,
      )
      .run(name, bus, pattern ?? null, description ?? null, retentionDays, this.#ctx.clock.now());
    return this.require(name);
  }

  find(name: string): Archive | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM events_archives WHERE name = ?').get(name);
    return row && this.#toArchive(row);
  }

  require(name: string): Archive {
    const archive = this.find(name);
    if (!archive) throw new AwsError('ResourceNotFoundException', `Archive ${name} does not exist.`);
    return archive;
  }

  list(): readonly Archive[] {
    const rows = this.#ctx.store.prepare('SELECT * FROM events_archives ORDER BY name').all();
    return rows.map((row) => this.#toArchive(row));
  }

  delete(name: string): void {
    this.#wanting.clear();
    this.#ctx.store.transaction(() => {
      this.#ctx.store.prepare('DELETE FROM events_archived WHERE archive = ?').run(name);
      this.#ctx.store.prepare('DELETE FROM events_archives WHERE name = ?').run(name);
    });
  }

  /** Keeps an event in each archive of the bus that wants it, within the caller's transaction. */
  keep(bus: string, event: EventText): void {
    const now = this.#ctx.clock.now();
    let wanting = this.#wanting.get(bus);
    if (!wanting) {
      wanting = wantedBy(this.list().filter((archive) => archive.bus === bus));
      this.#wanting.set(bus, wanting);
    }
    for (const { name, retentionDays } of wanting(event.text)) {
      this.#ctx.store
        .prepare(
          'INSERT INTO events_archived (archive, at_ms, event_id, source, detail_type, event, kept_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(name, timeOf(event.text), event.id, event.source, event.detailType, event.text, now);
      if (retentionDays > 0) {
        this.#ctx.store
          .prepare('DELETE FROM events_archived WHERE archive = ? AND coalesce(kept_at_ms, at_ms) < ?')
          .run(name, now - retentionDays * DAY_MS);
      }
    }
  }

  /** Up to `limit` kept events of a span of time (ms, both ends included), after a sequence number. */
  read(
    archive: string,
    { fromMs, toMs, after, limit }: { fromMs: number; toMs: number; after: number; limit: number },
  ): readonly { readonly sequence: number; readonly atMs: number; readonly event: EventText }[] {
    return this.#ctx.store
      .prepare(
        'SELECT * FROM events_archived WHERE archive = ? AND at_ms BETWEEN ? AND ? AND sequence > ? ORDER BY sequence LIMIT ?',
      )
      .all(archive, fromMs, toMs, after, limit)
      .map((row) => ({
        sequence: row.sequence as number,
        atMs: row.at_ms as number,
        event: {
          id: row.event_id as string,
          text: row.event as string,
          source: row.source as string,
          detailType: row.detail_type as string,
        },
      }));
  }

  /** The time (ms) in the first event of a span, both ends included. */
  firstTime(archive: string, fromMs: number, toMs: number): number | undefined {
    const row = this.#ctx.store
      .prepare('SELECT min(at_ms) AS first FROM events_archived WHERE archive = ? AND at_ms BETWEEN ? AND ?')
      .get(archive, fromMs, toMs);
    return (row?.first as number | null) ?? undefined;
  }

  /** How many events are kept, and their bytes. */
  sizeOf(archive: string): { readonly count: number; readonly bytes: number } {
    const row = this.#ctx.store
      .prepare(
        'SELECT count(*) AS count, coalesce(sum(length(CAST(event AS BLOB))), 0) AS bytes FROM events_archived WHERE archive = ?',
      )
      .get(archive);
    return { count: row?.count as number, bytes: row?.bytes as number };
  }

  #toArchive(row: Record<string, unknown>): Archive {
    const name = row.name as string;
    return {
      name,
      arn: formatArn('events', this.#ctx.region, this.#ctx.accountId, `archive/${name}`),
      bus: row.bus as string,
      retentionDays: row.retention_days as number,
      createdAtMs: row.created_at_ms as number,
      ...(row.pattern === null ? {} : { pattern: row.pattern as string }),
      ...(row.description === null ? {} : { description: row.description as string }),
    };
  }
}

function wantedBy(archives: readonly Archive[]): (eventText: string) => readonly Archive[] {
  const all = archives.filter(({ pattern }) => pattern === undefined);
  const some = new PatternIndex(
    archives.flatMap((archive) =>
      archive.pattern === undefined ? [] : [[compilePattern(archive.pattern), archive] as const],
    ),
  );
  return (eventText) => [...all, ...some.match(eventText)];
}

const timeOf = (eventText: string): number => Date.parse((JSON.parse(eventText) as { time: string }).time);
