import { AwsError, notImplemented } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { BYPASS_HEADER, readBypass } from './object-lock.ts';
import { deleteObject, type ObjectStore } from './objects.ts';
import { assertWriteConditions } from './preconditions.ts';
import { type BucketRequest, type ObjectRequest, readVersionId, takeOnly } from './request.ts';
import { readProvenDocument } from './request-document.ts';
import { childrenOf, malformedXml, readXml, textOf, writeXml, type XmlElement } from './xml.ts';

const MAX_KEYS = 1000;
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** DeleteObject: a marker on top, or one version for good. */
export async function deleteOne(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('DeleteObject', request, ['versionId'], [BYPASS_HEADER]);
  const versionId = readVersionId(rest.query);
  requireDelete(request, key, versionId);
  const bypass = readBypass(rest, bucket);
  const deletion = await store.commits.run(() =>
    deleteObject(store, { bucketName: bucket.name, key, versionId, bypass, call }, (latest) => {
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

interface ListedObject {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
}

/** DeleteObjects: up to 1000 keys, each judged, deleted and answered on its own. */
export async function deleteMany(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  const { rest, call, bucket } = request;
  takeOnly('DeleteObjects', request, ['delete'], [BYPASS_HEADER]);
  const bypass = readBypass(rest, bucket);
  const document = await readProvenDocument(rest, MAX_DOCUMENT_BYTES);
  const root = readXml(document.toString(), 'Delete');
  const quiet = textOf(root, 'Quiet') === 'true';
  const objects = childrenOf(root, 'Object').map((object): ListedObject => {
    const key = textOf(object, 'Key');
    if (key === undefined || key === '') throw malformedXml();
    for (const name of ['LastModifiedTime', 'Size']) {
      if (childrenOf(object, name).length > 0) throw notImplemented(`s3:DeleteObjects with ${name} of an object`);
    }
    return { key, versionId: textOf(object, 'VersionId'), ifMatch: textOf(object, 'ETag') };
  });
  if (objects.length === 0 || objects.length > MAX_KEYS) throw malformedXml();

  const deleteListed = async ({ key, versionId, ifMatch }: ListedObject): Promise<XmlElement | undefined> => {
    try {
      requireDelete(request, key, versionId);
      const { versionId: resulting, deleteMarker } = await store.commits.run(() =>
        deleteObject(store, { bucketName: bucket.name, key, versionId, bypass, call }, (latest) => {
          if (ifMatch !== undefined) assertWriteConditions({ 'if-match': ifMatch }, key, latest);
        }),
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
  const results = await Promise.all(objects.map(deleteListed));
  const body = writeXml(
    'DeleteResult',
    results.filter((result) => result !== undefined),
  );
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}
