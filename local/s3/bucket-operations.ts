import { AwsError, notImplemented } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { GET_OBJECT_LOCK, PUT_OBJECT_LOCK } from './bucket-object-lock.ts';
import { type BucketOperation, document, MAX_DOCUMENT_BYTES, XML, xml } from './bucket-operation.ts';
import { readBucketPolicy } from './bucket-policy.ts';
import { DELETE_TAGGING, GET_TAGGING, PUT_TAGGING } from './bucket-tagging.ts';
import { type Bucket, PUBLIC_ACCESS_BLOCKS, type PublicAccessBlock, type Versioning } from './buckets.ts';
import { DEFAULT_ENCRYPTION, readEncryption } from './encryption.ts';
import type { ObjectStore } from './objects.ts';
import type { BucketRequest } from './request.ts';
import { readVerifiedDocument } from './request-document.ts';
import { childrenOf, malformedXml, textOf, writeXml, type XmlElement } from './xml.ts';

/** By `METHOD` or `METHOD sub-resource`. */
export const BUCKET_OPERATIONS: Readonly<Record<string, BucketOperation>> = {
  HEAD: {
    name: 'HeadBucket',
    action: 'ListBucket',
    run: async ({ ctx }) => ({
      statusCode: 200,
      headers: { 'x-amz-bucket-region': ctx.region, 'content-type': 'application/xml' },
    }),
  },
  DELETE: { name: 'DeleteBucket', action: 'DeleteBucket', run: deleteBucket },
  'GET location': {
    name: 'GetBucketLocation',
    action: 'GetBucketLocation',
    run: async ({ ctx }) => ({
      statusCode: 200,
      headers: XML,
      body: writeXml('LocationConstraint', ctx.region === 'us-east-1' ? '' : ctx.region),
    }),
  },
  'GET versioning': {
    name: 'GetBucketVersioning',
    action: 'GetBucketVersioning',
    run: async (_store, { bucket }) => xml('VersioningConfiguration', [['Status', bucket.versioning]]),
  },
  'PUT versioning': { name: 'PutBucketVersioning', action: 'PutBucketVersioning', run: putVersioning },
  'GET policy': {
    name: 'GetBucketPolicy',
    action: 'GetBucketPolicy',
    async run(_store, { bucket }) {
      const { policy } = bucket.settings;
      if (!policy)
        throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket.name });
      return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(policy) };
    },
  },
  'PUT policy': { name: 'PutBucketPolicy', action: 'PutBucketPolicy', run: putPolicy },
  'DELETE policy': {
    name: 'DeleteBucketPolicy',
    action: 'DeleteBucketPolicy',
    async run({ ctx, buckets }, { bucket }) {
      ctx.store.transaction(() => buckets.change(bucket, { policy: undefined }));
      return { statusCode: 204 };
    },
  },
  'GET encryption': {
    name: 'GetBucketEncryption',
    action: 'GetEncryptionConfiguration',
    async run(_store, { bucket }) {
      const { algorithm, keyArn, bucketKey } = bucket.settings.encryption ?? DEFAULT_ENCRYPTION;
      const byDefault: XmlElement[] = [
        ['SSEAlgorithm', algorithm],
        ['KMSMasterKeyID', keyArn],
      ];
      return xml('ServerSideEncryptionConfiguration', [
        [
          'Rule',
          [
            ['ApplyServerSideEncryptionByDefault', byDefault],
            ['BucketKeyEnabled', bucketKey],
          ],
        ],
      ]);
    },
  },
  'PUT encryption': { name: 'PutBucketEncryption', action: 'PutEncryptionConfiguration', run: putEncryption },
  'DELETE encryption': {
    name: 'DeleteBucketEncryption',
    action: 'PutEncryptionConfiguration',
    async run({ ctx, buckets }, { bucket }) {
      ctx.store.transaction(() => buckets.change(bucket, { encryption: undefined }));
      return { statusCode: 204 };
    },
  },
  'GET notification': {
    name: 'GetBucketNotificationConfiguration',
    action: 'GetBucketNotification',
    run: async (_store, { bucket }) =>
      xml('NotificationConfiguration', bucket.settings.eventBridge ? [['EventBridgeConfiguration', []]] : []),
  },
  'PUT notification': {
    name: 'PutBucketNotificationConfiguration',
    action: 'PutBucketNotification',
    headers: ['x-amz-skip-destination-validation'],
    run: putNotification,
  },
  'GET publicAccessBlock': {
    name: 'GetPublicAccessBlock',
    action: 'GetBucketPublicAccessBlock',
    async run(_store, { bucket }) {
      const { publicAccessBlock } = bucket.settings;
      if (!publicAccessBlock) {
        throw new AwsError(
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
          404,
        );
      }
      return xml('PublicAccessBlockConfiguration', Object.entries(publicAccessBlock));
    },
  },
  'PUT publicAccessBlock': {
    name: 'PutPublicAccessBlock',
    action: 'PutBucketPublicAccessBlock',
    run: putPublicAccessBlock,
  },
  'DELETE publicAccessBlock': {
    name: 'DeletePublicAccessBlock',
    action: 'PutBucketPublicAccessBlock',
    async run({ ctx, buckets }, { bucket }) {
      ctx.store.transaction(() => buckets.change(bucket, { publicAccessBlock: undefined }));
      return { statusCode: 204 };
    },
  },
  'GET tagging': GET_TAGGING,
  'PUT tagging': PUT_TAGGING,
  'DELETE tagging': DELETE_TAGGING,
  'GET object-lock': GET_OBJECT_LOCK,
  'PUT object-lock': PUT_OBJECT_LOCK,
};

async function deleteBucket(store: ObjectStore, { bucket }: BucketRequest): Promise<RestResponse> {
  removeBucket(store, bucket);
  return { statusCode: 204 };
}

/** Multipart uploads under way go with their bucket. Throws BucketNotEmpty. */
export function removeBucket({ ctx, buckets, versions, uploads, bodies }: ObjectStore, bucket: Bucket): void {
  ctx.store.transaction(() => {
    if (!versions.isEmpty(bucket)) {
      throw new AwsError(
        'BucketNotEmpty',
        `The bucket you tried to delete is not empty${bucket.versioning ? '. You must delete all versions in the bucket.' : ''}`,
        409,
        { BucketName: bucket.name },
      );
    }
    bodies.remove(uploads.removeAll(bucket));
    buckets.remove(bucket);
  });
}

async function putVersioning({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const root = await document(rest, 'VersioningConfiguration');
  if (textOf(root, 'MfaDelete') !== undefined) throw notImplemented('MfaDelete of s3:PutBucketVersioning');
  const status = textOf(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  if (status === 'Suspended' && bucket.settings.objectLock) {
    throw new AwsError(
      'InvalidBucketState',
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      409,
    );
  }
  ctx.store.transaction(() => buckets.setVersioning(bucket, status satisfies Versioning));
  return { statusCode: 200 };
}

async function putPolicy({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const text = (await readVerifiedDocument(rest, MAX_DOCUMENT_BYTES)).toString();
  const policy = readBucketPolicy(text, bucket, `the bucket ${bucket.name}`);
  ctx.store.transaction(() => buckets.change(bucket, { policy }));
  return { statusCode: 204 };
}

async function putEncryption({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const [rule] = childrenOf(await document(rest, 'ServerSideEncryptionConfiguration'), 'Rule');
  const [byDefault] = childrenOf(rule, 'ApplyServerSideEncryptionByDefault');
  const algorithm = textOf(byDefault, 'SSEAlgorithm');
  if (algorithm === undefined) throw malformedXml();
  const bucketKey = textOf(rule, 'BucketKeyEnabled') === 'true';
  const encryption = readEncryption(algorithm, textOf(byDefault, 'KMSMasterKeyID'), bucketKey);
  ctx.store.transaction(() => buckets.change(bucket, { encryption }));
  return { statusCode: 200 };
}

async function putNotification({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const root = await document(rest, 'NotificationConfiguration');
  const others =
    typeof root === 'string' ? [] : Object.keys(root).filter((name) => name !== 'EventBridgeConfiguration');
  const [other] = others.filter((name) => name !== '#text');
  if (other !== undefined)
    throw notImplemented(`${other} of s3:PutBucketNotificationConfiguration (only EventBridge is)`);
  const eventBridge = childrenOf(root, 'EventBridgeConfiguration').length > 0;
  ctx.store.transaction(() => buckets.change(bucket, { eventBridge }));
  return { statusCode: 200 };
}

/** What the document does not name is off. */
async function putPublicAccessBlock(
  { ctx, buckets }: ObjectStore,
  { bucket, rest }: BucketRequest,
): Promise<RestResponse> {
  const root = await document(rest, 'PublicAccessBlockConfiguration');
  const publicAccessBlock = Object.fromEntries(
    PUBLIC_ACCESS_BLOCKS.map((name) => {
      const text = textOf(root, name)?.toLowerCase() ?? 'false';
      if (text !== 'true' && text !== 'false') throw malformedXml();
      return [name, text === 'true'];
    }),
  ) as Record<keyof PublicAccessBlock, boolean>;
  ctx.store.transaction(() => buckets.change(bucket, { publicAccessBlock }));
  return { statusCode: 200 };
}
