import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { RestRequest, RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { readBucketPolicy } from './bucket-policy.ts';
import { type Bucket, bucketArn, type Versioning } from './buckets.ts';
import { DEFAULT_ENCRYPTION, readEncryption } from './encryption.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, readDocument, type S3Request, takeOnly } from './request.ts';
import { childrenOf, malformedXml, readXml, textOf, writeXml, type XmlElement, type XmlNode } from './xml.ts';

const MAX_DOCUMENT_BYTES = 64 * 1024;
const XML = { 'content-type': 'application/xml' };

const xml = (root: string, children: readonly XmlElement[]): RestResponse => ({
  statusCode: 200,
  headers: XML,
  body: writeXml(root, children),
});

const document = async (rest: RestRequest, root: string): Promise<XmlNode> =>
  readXml((await readDocument(rest, MAX_DOCUMENT_BYTES)).toString(), root);

/** One operation on a bucket that is there; `action` is the IAM action without `s3:`. */
export interface BucketOperation {
  readonly name: string;
  readonly action: string;
  readonly headers?: readonly string[];
  run(store: ObjectStore, request: BucketRequest): Promise<RestResponse>;
}

/** Runs an operation that is about nothing but its sub-resource. */
export async function runBucketOperation(
  operation: BucketOperation,
  subResource: string | undefined,
  store: ObjectStore,
  request: BucketRequest,
): Promise<RestResponse> {
  takeOnly(operation.name, request, subResource === undefined ? [] : [subResource], operation.headers ?? []);
  requireAccess({ call: request.call, action: operation.action, bucket: request.bucket });
  return operation.run(store, request);
}

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
  'GET tagging': {
    name: 'GetBucketTagging',
    action: 'GetBucketTagging',
    async run(_store, { bucket }) {
      const tags = Object.entries(bucket.settings.tags);
      if (tags.length === 0)
        throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: bucket.name });
      return xml('Tagging', [
        [
          'TagSet',
          tags.map(
            ([key, value]): XmlElement => [
              'Tag',
              [
                ['Key', key],
                ['Value', value],
              ],
            ],
          ),
        ],
      ]);
    },
  },
};

async function deleteBucket({ ctx, buckets, versions }: ObjectStore, { bucket }: BucketRequest): Promise<RestResponse> {
  removeBucket({ ctx, buckets, versions }, bucket);
  return { statusCode: 204 };
}

/** Throws BucketNotEmpty. */
export function removeBucket(
  { ctx, buckets, versions }: Pick<ObjectStore, 'ctx' | 'buckets' | 'versions'>,
  bucket: Bucket,
): void {
  ctx.store.transaction(() => {
    if (!versions.isEmpty(bucket)) {
      throw new AwsError(
        'BucketNotEmpty',
        `The bucket you tried to delete is not empty${bucket.versioning ? '. You must delete all versions in the bucket.' : ''}`,
        409,
        { BucketName: bucket.name },
      );
    }
    buckets.remove(bucket);
  });
}

async function putVersioning({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const root = await document(rest, 'VersioningConfiguration');
  if (textOf(root, 'MfaDelete') !== undefined) throw notImplemented('MfaDelete of s3:PutBucketVersioning');
  const status = textOf(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  ctx.store.transaction(() => buckets.setVersioning(bucket, status satisfies Versioning));
  return { statusCode: 200 };
}

async function putPolicy({ ctx, buckets }: ObjectStore, { bucket, rest }: BucketRequest): Promise<RestResponse> {
  const text = (await readDocument(rest, MAX_DOCUMENT_BYTES)).toString();
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

/** CreateBucket. `isTaken` says whether another account has a bucket of that name: names are global. */
export async function createBucket(
  { ctx, buckets }: ObjectStore,
  request: S3Request,
  isTaken: (bucketName: string) => boolean,
): Promise<RestResponse> {
  const { rest, call, bucketName } = request;
  takeOnly('CreateBucket', request, [], ['x-amz-object-ownership', 'x-amz-acl']);
  assertOwnershipEnforced(rest);
  const existing = buckets.find(bucketName);
  if ((existing && call.principal.accountId !== ctx.accountId) || isTaken(bucketName))
    throw bucketAlreadyExists(bucketName);
  authorize({ call, action: 's3:CreateBucket', resourceArn: bucketArn(bucketName) });
  if (existing) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: bucketName },
    );
  }
  await assertLocation(rest, ctx.region);
  ctx.store.transaction(() => buckets.create(bucketName));
  return { statusCode: 200, headers: { location: `/${bucketName}` } };
}

export const bucketAlreadyExists = (bucketName: string): AwsError =>
  new AwsError(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    409,
    { BucketName: bucketName },
  );

function assertOwnershipEnforced({ headers }: RestRequest): void {
  const ownership = headers['x-amz-object-ownership'];
  if (ownership !== undefined && ownership !== 'BucketOwnerEnforced') {
    throw notImplemented(`s3:CreateBucket with object ownership ${ownership}`);
  }
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private') throw notImplemented(`s3:CreateBucket with the ACL ${acl}`);
}

async function assertLocation(rest: RestRequest, region: string): Promise<void> {
  const text = (await readDocument(rest, MAX_DOCUMENT_BYTES)).toString();
  const location =
    text.trim() === '' ? undefined : textOf(readXml(text, 'CreateBucketConfiguration'), 'LocationConstraint');
  if (location === region || (location === undefined && region === 'us-east-1')) return;
  if (location === undefined) {
    throw new AwsError(
      'IllegalLocationConstraintException',
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    );
  }
  throw new AwsError(
    'IllegalLocationConstraintException',
    `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

/** ListBuckets, in one page. */
export async function listBuckets({ ctx, buckets }: ObjectStore, request: S3Request): Promise<RestResponse> {
  const { call, rest } = request;
  takeOnly('ListBuckets', request, ['prefix', 'max-buckets', 'bucket-region'], []);
  authorize({ call, action: 's3:ListAllMyBuckets', resourceArn: '*' });
  const prefix = rest.query.get('prefix') ?? '';
  const region = rest.query.get('bucket-region') ?? ctx.region;
  const listed = region === ctx.region ? buckets.list().filter(({ name }) => name.startsWith(prefix)) : [];
  if (listed.length > Number(rest.query.get('max-buckets') ?? 10_000)) {
    throw notImplemented('s3:ListBuckets in several pages');
  }
  return xml('ListAllMyBucketsResult', [
    ['Owner', [['ID', ctx.accountId]]],
    [
      'Buckets',
      listed.map(
        ({ name, createdAtMs }): XmlElement => [
          'Bucket',
          [
            ['Name', name],
            ['CreationDate', new Date(createdAtMs).toISOString()],
            ['BucketRegion', ctx.region],
            ['BucketArn', bucketArn(name)],
          ],
        ],
      ),
    ],
  ]);
}
