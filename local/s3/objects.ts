import type { AccountContext, Call } from '../service.ts';
import type { GroupCommit } from '../store/group-commit.ts';
import type { Bodies } from './bodies.ts';
import type { Bucket, Buckets } from './buckets.ts';
import type { DataKeys } from './data-keys.ts';
import type { CreatedReason, ObjectEvents } from './object-events.ts';
import { assertDeletable } from './object-lock.ts';
import { defaultRetention } from './retention.ts';
import type { Uploads } from './uploads.ts';
import { NULL_VERSION, type ObjectContent, type Version, type Versions } from './versions.ts';

/** What S3's operations on objects share: rows, bytes and events, changed together. */
export interface ObjectStore {
  readonly ctx: AccountContext;
  readonly buckets: Buckets;
  readonly versions: Versions;
  readonly uploads: Uploads;
  readonly bodies: Bodies;
  readonly dataKeys: DataKeys;
  /** For what changes objects: those that come at the same time share a transaction. */
  readonly commits: GroupCommit;
  readonly events: ObjectEvents;
}

export interface NewObject {
  readonly bucketName: string;
  readonly key: string;
  readonly content: ObjectContent;
  readonly reason: CreatedReason;
  readonly call: Call;
}

/**
 * Puts a new version of a key in place in one transaction with its event. `judge` sees the latest version first and may
 * refuse; then the new bytes are removed again.
 */
export function commitObject(
  { ctx, buckets, versions, bodies, events }: ObjectStore,
  { bucketName, key, content, reason, call }: NewObject,
  judge: (latest: Version | undefined) => void,
): { bucket: Bucket; version: Version } {
  return ctx.store.transaction(() => {
    // Read anew: while the bytes arrived, the bucket may have been changed or deleted.
    const bucket = buckets.get(bucketName);
    judge(versions.latest(bucket, key));
    const retention = content.retention ?? defaultRetention(bucket.settings.objectLock, ctx.clock.now());
    const { version, replaced } = versions.push(bucket, key, retention ? { ...content, retention } : content);
    bodies.keep(content.segments);
    bodies.remove(replaced);
    events.created(bucket, version, reason, call);
    return { bucket, version };
  });
}

export interface Deletion {
  /** Of the version that was removed or of the marker that was put; undefined where the bucket keeps no versions. */
  readonly versionId: string | undefined;
  /** A marker was put, or the version removed was one. */
  readonly deleteMarker: boolean;
}

export interface Removal {
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string | undefined;
  /** Asks to pass over a governance retention. */
  readonly bypass: boolean;
  readonly call: Call;
}

/**
 * Deletes a version for good or, without `versionId`, the key as its bucket's versioning says. Throws AccessDenied for a
 * version that is locked.
 */
export function deleteObject(
  { ctx, buckets, versions, bodies, events }: ObjectStore,
  { bucketName, key, versionId, bypass, call }: Removal,
  judge: (latest: Version | undefined) => void = () => undefined,
): Deletion {
  return ctx.store.transaction((): Deletion => {
    const bucket = buckets.get(bucketName);
    judge(versions.latest(bucket, key));
    if (versionId === undefined && bucket.versioning !== undefined) {
      const { version, replaced } = versions.push(bucket, key, undefined);
      bodies.remove(replaced);
      events.deleted(bucket, version, 'Delete Marker Created', call);
      return { versionId: version.versionId, deleteMarker: true };
    }
    const target = versions.find(bucket, key, versionId ?? NULL_VERSION);
    // Deleting what is not there succeeds, and is no event.
    if (!target) return { versionId, deleteMarker: false };
    const { content } = target;
    if (content) assertDeletable({ call, bucket, key, content, bypass }, ctx.clock.now());
    versions.remove(bucket, target);
    bodies.remove(content?.segments ?? []);
    events.deleted(bucket, target, 'Permanently Deleted', call);
    return { versionId, deleteMarker: content === undefined };
  });
}
