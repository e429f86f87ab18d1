import { AwsError } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { claimedChecksum, createHasher, verifyClaim, verifyContentMd5 } from './checksum.ts';
import { deleteObject, type ObjectStore } from './objects.ts';
import { assertWriteConditions } from './preconditions.ts';
import { assertIntegrityGiven } from './receive-body.ts';
import { type BucketRequest, type ObjectRequest, readDocument, takeOnly } from './request.ts';
import { childrenOf, malformedXml, readXml, textOf, writeXml, type XmlElement } from './xml.ts';

const MAX_KEYS = 1000;
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** DeleteObject: a marker on top, or one version for good. */
export async function deleteOne(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('DeleteObject', request, ['versionId'], []);
  const versionId = rest.query.get('versionId') ?? undefined;
  requireDelete(request, key, versionId);
  const deletion = await store.commits.run(() =>
    deleteObject(store, { bucketName: bucket.name, key, versionId, call }, (latest) => {
      if (rest.headers['if-match'] !== undefined) assertWriteConditions(rest.headers, key, latest);
    }),
  );
  return {
    statusCode: 204,
    headers: {
      ...(deletion.versionId === undefined ? {} : { 'x-amz-version-id': deletion.versionId }),
      ...(deletion.deleteMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
}

function requireDelete({ call, bucket }: BucketRequest, key: string, versionId: string | undefined): void {
  const action = versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
  requireAccess({
    call,
    action,
    bucket,
    key,
    ...(versionId === undefined ? {} : { context: { 's3:VersionId': versionId } }),
  });
}

/** DeleteObjects: up to 1000 keys, each judged, deleted and answered on its own. */
export async function deleteMany(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  const { rest, call, bucket } = request;
  takeOnly('DeleteObjects', request, ['delete'], []);
  assertIntegrityGiven(rest);
  const document = await readDocument(rest, MAX_DOCUMENT_BYTES);
  verifyDocument(request, document);
  const root = readXml(document.toString(), 'Delete');
  const quiet = textOf(root, 'Quiet') === 'true';
  const objects = childrenOf(root, 'Object').map((object) => {
    const key = textOf(object, 'Key');
    if (key === undefined || key === '') throw malformedXml();
    return { key, versionId: textOf(object, 'VersionId') };
  });
  if (objects.length === 0 || objects.length > MAX_KEYS) throw malformedXml();

  const deleteListed = async (key: string, versionId: string | undefined): Promise<XmlElement | undefined> => {
    try {
      requireDelete(request, key, versionId);
      const { versionId: resulting, deleteMarker } = await store.commits.run(() =>
        deleteObject(store, { bucketName: bucket.name, key, versionId, call }),
      );
      if (quiet) return undefined;
      return [
        'Deleted',
        [
          ['Key', key],
          ['VersionId', versionId],
          ['DeleteMarker', deleteMarker ? true : undefined],
          ['DeleteMarkerVersionId', deleteMarker ? resulting : undefined],
        ],
      ];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [
        'Error',
        [
          ['Key', key],
          ['VersionId', versionId],
          ['Code', error.code],
          ['Message', error.message],
        ],
      ];
    }
  };
  const results = await Promise.all(objects.map(({ key, versionId }) => deleteListed(key, versionId)));
  const body = writeXml(
    'DeleteResult',
    results.filter((result) => result !== undefined),
  );
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}

function verifyDocument({ rest }: BucketRequest, document: Buffer): void {
  const digest = (algorithm: Parameters<typeof createHasher>[0]): Buffer => {
    const hasher = createHasher(algorithm);
    hasher.update(document);
    return hasher.digest();
  };
  verifyContentMd5(rest.headers, digest('MD5'));
  const claim = claimedChecksum(rest.headers);
  if (claim) verifyClaim(claim, digest(claim.algorithm).toString('base64'), rest.trailers);
}
