import { AwsError } from '../aws-error.ts';
import type { Bucket } from './buckets.ts';
import type { ObjectStore } from './objects.ts';
import { type ObjectRequest, readVersionId } from './request.ts';
import { noSuchKey, noSuchVersion } from './s3-error.ts';
import type { ObjectContent, Version } from './versions.ts';

/** The version that is asked for, or the latest. A delete marker is given too. */
export const findVersion = (
  { versions }: ObjectStore,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): Version | undefined =>
  versionId === undefined ? versions.latest(bucket, key) : versions.find(bucket, key, versionId);

type StoredObject = Version & { readonly content: ObjectContent };

/** The object whose tags or lock a request is about. Throws NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker. */
export function findObject(store: ObjectStore, { rest, bucket, key }: ObjectRequest): StoredObject {
  const versionId = readVersionId(rest.query);
  const version = findVersion(store, bucket, key, versionId);
  if (!version) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
  const { content } = version;
  if (content) return { ...version, content };
  if (versionId === undefined) throw noSuchKey(key);
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Method: rest.method,
    ResourceType: 'DeleteMarker',
  });
}

/** Changes what a version carries beside its bytes. `change` sees it as it is in the transaction that writes, and may refuse. */
export function changeVersion(
  store: ObjectStore,
  request: ObjectRequest,
  change: (bucket: Bucket, content: ObjectContent) => ObjectContent,
  after: (bucket: Bucket, version: Version) => void = () => undefined,
): Promise<Version> {
  return store.commits.run(() => {
    const bucket = store.buckets.get(request.bucket.name);
    const found = findObject(store, { ...request, bucket });
    const version = store.versions.describe(found, change(bucket, found.content));
    after(bucket, version);
    return version;
  });
}
