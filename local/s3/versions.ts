import type { AccountContext } from '../service.ts';
import type { Segment } from './bodies.ts';
import type { Bucket } from './buckets.ts';
import type { Checksum } from './checksum.ts';
import type { ObjectEncryption } from './encryption.ts';
import type { Retention } from './retention.ts';
import type { Tags } from './tags.ts';

/** What an object carries beside its bytes. */
export interface ObjectDescription {
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Stored HTTP headers, by lower-case name: content-type, cache-control, … */
  readonly headers: Readonly<Record<string, string>>;
  readonly encryption: ObjectEncryption;
  readonly checksum?: Checksum | undefined;
  readonly tags?: Tags | undefined;
  readonly retention?: Retention | undefined;
  /** Undefined while nobody said on or off. */
  readonly legalHold?: boolean | undefined;
}

export interface ObjectContent extends ObjectDescription {
  readonly bytes: number;
  /** Hex MD5, or of the parts' MD5s with `-N` behind it. Without quotes. */
  readonly etag: string;
  readonly segments: readonly Segment[];
}

/** One version of a key: an object or a delete marker. */
export interface Version {
  readonly id: number;
  readonly key: string;
  /** `null` where the bucket kept no versions. */
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly modifiedAtMs: number;
  /** Undefined for a delete marker. */
  readonly content: ObjectContent | undefined;
}

export const NULL_VERSION = 'null';

/** The versions of all keys of the account's buckets. Keys are bytes: nothing is read into them. */
export class Versions {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS s3_versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket_id INTEGER NOT NULL,
        key BLOB NOT NULL,
        version_id TEXT NOT NULL,
        is_latest INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        content TEXT,
        UNIQUE (bucket_id, key, version_id)
      );
      CREATE UNIQUE INDEX IF NOT EXISTS s3_latest ON s3_versions (bucket_id, key) WHERE is_latest = 1;
      CREATE INDEX IF NOT EXISTS s3_version_order ON s3_versions (bucket_id, key, id DESC);
    `);
  }

  latest(bucket: Bucket, key: string): Version | undefined {
    const row = this.#ctx.store
      .prepare('SELECT * FROM s3_versions WHERE bucket_id = ? AND key = ? AND is_latest = 1')
      .get(bucket.id, Buffer.from(key));
    return row && readRow(row);
  }

  find(bucket: Bucket, key: string, versionId: string): Version | undefined {
    const row = this.#ctx.store
      .prepare('SELECT * FROM s3_versions WHERE bucket_id = ? AND key = ? AND version_id = ?')
      .get(bucket.id, Buffer.from(key), versionId);
    return row && readRow(row);
  }

  /** Puts a version on top of its key, within a transaction. The segments that it replaces are returned. */
  push(
    bucket: Bucket,
    key: string,
    content: ObjectContent | undefined,
  ): { version: Version; replaced: readonly Segment[] } {
    const { store, clock, ids } = this.#ctx;
    const versionId = bucket.versioning === 'Enabled' ? ids.hex(32) : NULL_VERSION;
    const name = Buffer.from(key);
    const old = versionId === NULL_VERSION ? this.find(bucket, key, NULL_VERSION) : undefined;
    if (old) store.prepare('DELETE FROM s3_versions WHERE id = ?').run(old.id);
    store
      .prepare('UPDATE s3_versions SET is_latest = 0 WHERE bucket_id = ? AND key = ? AND is_latest = 1')
      .run(bucket.id, name);
    const { lastInsertRowid } = store
      .prepare(
        'INSERT INTO s3_versions (bucket_id, key, version_id, is_latest, modified_ms, content) VALUES (?, ?, ?, 1, ?, ?)',
      )
      .run(bucket.id, name, versionId, clock.now(), content ? JSON.stringify(content) : null);
    const version = { id: Number(lastInsertRowid), key, versionId, isLatest: true, modifiedAtMs: clock.now(), content };
    return { version, replaced: old?.content?.segments ?? [] };
  }

  /** Says anew what a version carries beside its bytes, within a transaction. */
  describe<V extends Version>(version: V, content: ObjectContent): V {
    this.#ctx.store.prepare('UPDATE s3_versions SET content = ? WHERE id = ?').run(JSON.stringify(content), version.id);
    return { ...version, content };
  }

  /** Removes a version for good, within a transaction; the next older one becomes the latest. */
  remove(bucket: Bucket, version: Version): void {
    const { store } = this.#ctx;
    store.prepare('DELETE FROM s3_versions WHERE id = ?').run(version.id);
    if (!version.isLatest) return;
    store
      .prepare(
        `UPDATE s3_versions SET is_latest = 1
         WHERE id = (SELECT max(id) FROM s3_versions WHERE bucket_id = ? AND key = ?)`,
      )
      .run(bucket.id, Buffer.from(version.key));
  }

  isEmpty(bucket: Bucket): boolean {
    return (
      this.#ctx.store.prepare('SELECT 1 FROM s3_versions WHERE bucket_id = ? LIMIT 1').get(bucket.id) === undefined
    );
  }

  /** Objects (no delete markers) with keys from `from` on, in order of their UTF-8 bytes. */
  objects(bucket: Bucket, from: Uint8Array, limit: number): readonly Version[] {
    return this.#ctx.store
      .prepare(
        `SELECT * FROM s3_versions WHERE bucket_id = ? AND is_latest = 1 AND content IS NOT NULL AND key >= ?
         ORDER BY key LIMIT ?`,
      )
      .all(bucket.id, from, limit)
      .map(readRow);
  }

  /** All versions with keys from `from` on: by key, the newest first. */
  versions(bucket: Bucket, from: Uint8Array, limit: number, belowRowId = Number.MAX_SAFE_INTEGER): readonly Version[] {
    return this.#ctx.store
      .prepare(
        `SELECT * FROM s3_versions WHERE bucket_id = ?1 AND (key > ?2 OR (key = ?2 AND id < ?3))
         ORDER BY key, id DESC LIMIT ?4`,
      )
      .all(bucket.id, from, belowRowId, limit)
      .map(readRow);
  }

  /** Every file that a version names. */
  *files(): Iterable<string> {
    for (const row of this.#ctx.store.prepare('SELECT content FROM s3_versions WHERE content IS NOT NULL').iterate()) {
      for (const { file, inline } of (JSON.parse(String(row.content)) as ObjectContent).segments)
        if (!inline) yield file;
    }
  }
}

function readRow(row: Record<string, unknown>): Version {
  return {
    id: Number(row.id),
    key: Buffer.from(row.key as Uint8Array).toString(),
    versionId: String(row.version_id),
    isLatest: row.is_latest === 1,
    modifiedAtMs: Number(row.modified_ms),
    content: row.content === null ? undefined : (JSON.parse(String(row.content)) as ObjectContent),
  };
}
