import { notImplemented } from '../aws-error.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext, Call, RestRequest, RestResponse, RestService, Services } from '../service.ts';
import { GroupCommit } from '../store/group-commit.ts';
import { assertExpectedOwner } from './access.ts';
import { Bodies } from './bodies.ts';
import { runBucketOperation } from './bucket-operation.ts';
import { BUCKET_OPERATIONS } from './bucket-operations.ts';
import { Buckets } from './buckets.ts';
import { copyObject, type FindStore } from './copy-object.ts';
import { createBucket } from './create-bucket.ts';
import { DataKeys } from './data-keys.ts';
import { deleteMany, deleteOne } from './delete-objects.ts';
import { getObject } from './get-object.ts';
import { listBuckets } from './list-buckets.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import { listParts, listUploads } from './list-uploads.ts';
import { listVersions } from './list-versions.ts';
import { abortUpload, completeUpload, createUpload, uploadPart, uploadPartCopy } from './multipart.ts';
import { ObjectEvents } from './object-events.ts';
import { getLegalHold, getRetention, putLegalHold, putRetention } from './object-lock-operations.ts';
import { deleteTagging, getTagging, putTagging } from './object-tagging.ts';
import type { ObjectStore } from './objects.ts';
import { putObject } from './put-object.ts';
import { type BucketRequest, type ObjectRequest, parsePath, type S3Request } from './request.ts';
import { bucketHandler, bucketPolicyHandler } from './resources.ts';
import { Uploads } from './uploads.ts';
import { Versions } from './versions.ts';

export interface S3 {
  readonly service: RestService;
  readonly resources: readonly ResourceHandler[];
  ownsBucket(bucketName: string): boolean;
  /** For another account's copy out of a bucket of this one; the caller judges the call. */
  readonly objects: ObjectStore;
}

/** The bucket that a request's path names, for routing it to its owner; undefined for ListBuckets. Throws InvalidURI. */
export const bucketOfPath = (rawPath: string): string | undefined => parsePath(rawPath).bucketName || undefined;

/**
 * S3 of one account: it serves its own buckets, whoever asks. `findOwner` gives the S3 of the account that owns a bucket,
 * since names are global and a copy may read from another account.
 */
export function createS3(
  ctx: AccountContext,
  services: Pick<Services, 'emitServiceEvent' | 'callOperation'>,
  findOwner: (bucketName: string) => S3 | undefined = () => undefined,
): S3 {
  const buckets = new Buckets(ctx);
  const versions = new Versions(ctx);
  const bodies = new Bodies(ctx);
  const uploads = new Uploads(ctx);
  const objects: ObjectStore = {
    ctx,
    buckets,
    versions,
    uploads,
    bodies,
    dataKeys: new DataKeys(ctx, services),
    commits: new GroupCommit(ctx.store),
    events: new ObjectEvents(ctx, services),
  };
  bodies.sweep(new Set([...versions.files(), ...uploads.files()]));

  const ownsBucket = (bucketName: string): boolean => buckets.find(bucketName) !== undefined;
  const isTaken = (bucketName: string): boolean => !ownsBucket(bucketName) && findOwner(bucketName) !== undefined;
  const findStore: FindStore = (bucketName) => (ownsBucket(bucketName) ? objects : findOwner(bucketName)?.objects);

  return {
    service: {
      name: 's3',
      async handle(rest, call) {
        try {
          return await route(rest, call);
        } finally {
          // A body that nobody read (a refused PutObject) must not stop the connection's next request.
          if (!rest.body.readableEnded && !rest.body.destroyed) rest.body.on('error', () => undefined).resume();
        }
      },
    },
    resources: [bucketHandler(objects, isTaken), bucketPolicyHandler(objects)],
    ownsBucket,
    objects,
  };

  async function route(rest: RestRequest, call: Call): Promise<RestResponse> {
    const { bucketName, key } = parsePath(rest.rawPath);
    const request: S3Request = { rest, call, bucketName, key };
    if (bucketName === '') {
      if (rest.method === 'GET') return listBuckets(objects, request);
      throw notImplemented(`s3: ${rest.method} /`);
    }
    if (key === undefined && rest.method === 'PUT' && subResourceOf(rest) === undefined) {
      return createBucket(objects, request, isTaken);
    }
    const bucket = buckets.get(bucketName);
    assertExpectedOwner(rest, ctx.accountId);
    if (key === undefined) return routeBucket({ ...request, bucket });
    return routeObject({ ...request, bucket, key });
  }

  async function routeBucket(request: BucketRequest): Promise<RestResponse> {
    const { rest } = request;
    const subResource = subResourceOf(rest);
    const name = subResource === undefined ? rest.method : `${rest.method} ${subResource}`;
    switch (name) {
      case 'GET':
        return rest.query.get('list-type') === '2' ? listObjectsV2(objects, request) : listObjects(objects, request);
      case 'GET versions':
        return listVersions(objects, request);
      case 'GET uploads':
        return listUploads(objects, request);
      case 'POST delete':
        return deleteMany(objects, request);
    }
    const operation = Object.hasOwn(BUCKET_OPERATIONS, name) ? BUCKET_OPERATIONS[name] : undefined;
    if (!operation) throw notImplemented(`s3: ${rest.method} of a bucket${subResource ? ` with ?${subResource}` : ''}`);
    return runBucketOperation(operation, subResource, objects, request);
  }

  async function routeObject(request: ObjectRequest): Promise<RestResponse> {
    const { rest } = request;
    const { method, query } = rest;
    const copies = rest.headers['x-amz-copy-source'] !== undefined;
    if (query.has('uploadId')) {
      if (method === 'PUT' && query.has('partNumber')) {
        return copies ? uploadPartCopy(objects, request, findStore) : uploadPart(objects, request);
      }
      if (method === 'POST') return completeUpload(objects, request);
      if (method === 'DELETE') return abortUpload(objects, request);
      if (method === 'GET') return listParts(objects, request);
    }
    if (method === 'POST' && query.has('uploads')) return createUpload(objects, request);
    const subResource = subResourceOf(rest);
    if (subResource === undefined) {
      if (method === 'PUT') return copies ? copyObject(objects, request, findStore) : putObject(objects, request);
      if (method === 'GET' || method === 'HEAD') return getObject(objects, request);
      if (method === 'DELETE') return deleteOne(objects, request);
    }
    const operation = OBJECT_OPERATIONS[`${method} ${subResource}`];
    if (operation) return operation(objects, request);
    throw notImplemented(`s3: ${method} of an object${subResource ? ` with ?${subResource}` : ''}`);
  }
}

/** By `METHOD sub-resource`. */
const OBJECT_OPERATIONS: Readonly<
  Record<string, (store: ObjectStore, request: ObjectRequest) => Promise<RestResponse>>
> = {
  'GET tagging': getTagging,
  'PUT tagging': putTagging,
  'DELETE tagging': deleteTagging,
  'GET retention': getRetention,
  'PUT retention': putRetention,
  'GET legal-hold': getLegalHold,
  'PUT legal-hold': putLegalHold,
};

/** A query parameter without a value names what the request is about: `?versioning`, `?delete`. */
function subResourceOf({ query }: RestRequest): string | undefined {
  for (const [name, value] of query) if (value === '' && !NEVER_SUB_RESOURCES.has(name)) return name;
  return undefined;
}

/** Parameters of a listing that may be empty. */
const NEVER_SUB_RESOURCES = new Set([
  'prefix',
  'delimiter',
  'marker',
  'start-after',
  'continuation-token',
  'key-marker',
  'version-id-marker',
  'upload-id-marker',
  'part-number-marker',
  'encoding-type',
  'versionId',
  'uploadId',
]);
