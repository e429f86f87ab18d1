import type { AccountContext, Call, Services } from '../service.ts';
import { type Bucket, bucketArn } from './buckets.ts';
import { NULL_VERSION, type Version } from './versions.ts';

export type CreatedReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';
export type DeletionType = 'Permanently Deleted' | 'Delete Marker Created';

/** The MD5 of nothing, which S3 gives for a delete marker. */
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';
/** Leaves room for this many events in the same millisecond. */
const SEQUENCE_STEP = 4096;

/**
 * S3's events on EventBridge, sent within the transaction that changes the object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export class ObjectEvents {
  readonly #ctx: AccountContext;
  readonly #services: Pick<Services, 'emitServiceEvent'>;

  constructor(ctx: AccountContext, services: Pick<Services, 'emitServiceEvent'>) {
    this.#ctx = ctx;
    this.#services = services;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS s3_sequencer (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
      INSERT OR IGNORE INTO s3_sequencer VALUES (1, 0);
    `);
  }

  created(bucket: Bucket, version: Version, reason: CreatedReason, call: Call): void {
    if (!bucket.settings.eventBridge || !version.content) return;
    const { bytes, etag } = version.content;
    const object = { key: version.key, size: bytes, etag, sequencer: this.#nextSequencer() };
    this.#emit('Object Created', bucket, version, object, call, { reason });
  }

  deleted(bucket: Bucket, version: Version, deletionType: DeletionType, call: Call): void {
    if (!bucket.settings.eventBridge) return;
    const object = {
      key: version.key,
      ...(deletionType === 'Delete Marker Created' ? { etag: EMPTY_ETAG } : {}),
      sequencer: this.#nextSequencer(),
    };
    this.#emit('Object Deleted', bucket, version, object, call, {
      reason: 'DeleteObject',
      'deletion-type': deletionType,
    });
  }

  tagged(bucket: Bucket, version: Version, detailType: 'Object Tags Added' | 'Object Tags Deleted', call: Call): void {
    if (!bucket.settings.eventBridge || !version.content) return;
    this.#emit(detailType, bucket, version, { key: version.key, etag: version.content.etag }, call, {});
  }

  #emit(
    detailType: string,
    bucket: Bucket,
    version: Version,
    object: Readonly<Record<string, unknown>>,
    { principal, requestId }: Call,
    more: Readonly<Record<string, string>>,
  ): void {
    this.#services.emitServiceEvent(this.#ctx.accountId, {
      source: 'aws.s3',
      detailType,
      resources: [bucketArn(bucket.name)],
      detail: {
        version: '0',
        bucket: { name: bucket.name },
        object: {
          ...object,
          ...(version.versionId === NULL_VERSION ? {} : { 'version-id': version.versionId }),
        },
        'request-id': requestId,
        requester: principal.kind === 'service' ? principal.arn : principal.accountId,
        // The only address that the local runtime listens on.
        'source-ip-address': '127.0.0.1',
        ...more,
      },
    });
  }

  /** Hex that grows from event to event, also when the clock does not. */
  #nextSequencer(): string {
    const row = this.#ctx.store
      .prepare('UPDATE s3_sequencer SET value = max(value + 1, ?) RETURNING value')
      .get(this.#ctx.clock.now() * SEQUENCE_STEP);
    return Number(row?.value).toString(16).toUpperCase().padStart(18, '0');
  }
}
