import type { AccountContext } from '../service.ts';
import type { Segment } from './bodies.ts';
import type { Bucket } from './buckets.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksum.ts';
import { noSuchUpload } from './s3-error.ts';
import type { ObjectDescription } from './versions.ts';

/** A multipart upload that was begun. */
export interface Upload {
  readonly uploadId: string;
  readonly key: string;
  readonly createdAtMs: number;
  readonly description: Omit<ObjectDescription, 'checksum'>;
  readonly algorithm: ChecksumAlgorithm;
  /** Whether the client chose the algorithm; then its parts must keep to it. */
  readonly algorithmGiven: boolean;
  readonly checksumType: ChecksumType;
}

export interface Part {
  readonly number: number;
  readonly modifiedAtMs: number;
  /** Hex MD5. */
  readonly etag: string;
  readonly segment: Segment;
  /** Base64, by the upload's algorithm. */
  readonly checksum: string;
}

/** Multipart uploads under way and their parts. */
export class Uploads {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS s3_uploads (
        upload_id TEXT PRIMARY KEY,
        bucket_id INTEGER NOT NULL,
        upload TEXT NOT NULL
      );
      CREATE INDEX IF NOT EXISTS s3_uploads_of_bucket ON s3_uploads (bucket_id);
      CREATE TABLE IF NOT EXISTS s3_parts (
        upload_id TEXT NOT NULL REFERENCES s3_uploads (upload_id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        part TEXT NOT NULL,
        PRIMARY KEY (upload_id, number)
      );
    `);
  }

  begin(bucket: Bucket, upload: Omit<Upload, 'uploadId' | 'createdAtMs'>): Upload {
    const { store, ids, clock } = this.#ctx;
    const made: Upload = { ...upload, uploadId: ids.hex(64), createdAtMs: clock.now() };
    store.transaction(() =>
      store
        .prepare('INSERT INTO s3_uploads (upload_id, bucket_id, upload) VALUES (?, ?, ?)')
        .run(made.uploadId, bucket.id, JSON.stringify(made)),
    );
    return made;
  }

  /** Throws NoSuchUpload, also when the upload is another key's. */
  get(bucket: Bucket, key: string, uploadId: string): Upload {
    const row = this.#ctx.store
      .prepare('SELECT upload FROM s3_uploads WHERE upload_id = ? AND bucket_id = ?')
      .get(uploadId, bucket.id);
    const upload = row && (JSON.parse(String(row.upload)) as Upload);
    if (upload?.key !== key) throw noSuchUpload(uploadId);
    return upload;
  }

  /** Uploads of a bucket, by key and then by age. */
  list(bucket: Bucket): readonly Upload[] {
    const order = (left: Upload, right: Upload) =>
      Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)) || left.createdAtMs - right.createdAtMs;
    return this.#ctx.store
      .prepare('SELECT upload FROM s3_uploads WHERE bucket_id = ?')
      .all(bucket.id)
      .map(({ upload }) => JSON.parse(String(upload)) as Upload)
      .sort(order);
  }

  /** Stores a part, within a transaction; gives the segment of the part that it replaces. */
  putPart({ uploadId }: Upload, part: Part): readonly Segment[] {
    const { store } = this.#ctx;
    const old = store
      .prepare('SELECT part FROM s3_parts WHERE upload_id = ? AND number = ?')
      .get(uploadId, part.number);
    store
      .prepare('INSERT OR REPLACE INTO s3_parts (upload_id, number, part) VALUES (?, ?, ?)')
      .run(uploadId, part.number, JSON.stringify(part));
    return old ? [(JSON.parse(String(old.part)) as Part).segment] : [];
  }

  parts({ uploadId }: Upload): readonly Part[] {
    return this.#ctx.store
      .prepare('SELECT part FROM s3_parts WHERE upload_id = ? ORDER BY number')
      .all(uploadId)
      .map(({ part }) => JSON.parse(String(part)) as Part);
  }

  /** Forgets the upload and its parts, within a transaction. */
  remove({ uploadId }: Upload): void {
    this.#ctx.store.prepare('DELETE FROM s3_uploads WHERE upload_id = ?').run(uploadId);
  }

  /** Forgets all uploads of a bucket, within a transaction; gives the segments that their parts were. */
  removeAll(bucket: Bucket): readonly Segment[] {
    return this.list(bucket).flatMap((upload) => {
      const segments = this.parts(upload).map(({ segment }) => segment);
      this.remove(upload);
      return segments;
    });
  }

  /** Every file that a part names. */
  *files(): Iterable<string> {
    for (const { part } of this.#ctx.store.prepare('SELECT part FROM s3_parts').iterate()) {
      const { segment } = JSON.parse(String(part)) as Part;
      if (!segment.inline) yield segment.file;
    }
  }
}
