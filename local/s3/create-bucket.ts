import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { RestRequest, RestResponse } from '../service.ts';
import { MAX_DOCUMENT_BYTES } from './bucket-operation.ts';
import { bucketArn } from './buckets.ts';
import type { ObjectStore } from './objects.ts';
import { type S3Request, takeOnly } from './request.ts';
import { readVerifiedDocument } from './request-document.ts';
import { readXml, textOf } from './xml.ts';

const LOCK_HEADER = 'x-amz-bucket-object-lock-enabled';
/** What else it takes to make a bucket with Object Lock. */
const TO_LOCK = ['PutBucketObjectLockConfiguration', 'PutBucketVersioning'];

/** CreateBucket. `isTaken` says whether another account has a bucket of that name: names are global. */
export async function createBucket(
  { ctx, buckets }: ObjectStore,
  request: S3Request,
  isTaken: (bucketName: string) => boolean,
): Promise<RestResponse> {
  const { rest, call, bucketName } = request;
  takeOnly('CreateBucket', request, [], ['x-amz-object-ownership', 'x-amz-acl', LOCK_HEADER]);
  assertOwnershipEnforced(rest);
  const existing = buckets.find(bucketName);
  if ((existing && call.principal.accountId !== ctx.accountId) || isTaken(bucketName))
    throw bucketAlreadyExists(bucketName);
  const locks = String(rest.headers[LOCK_HEADER] ?? '').toLowerCase() === 'true';
  for (const action of ['CreateBucket', ...(locks ? TO_LOCK : [])]) {
    authorize({ call, action: `s3:${action}`, resourceArn: bucketArn(bucketName) });
  }
  if (existing) {
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: bucketName },
    );
  }
  await assertLocation(rest, ctx.region);
  ctx.store.transaction(() => {
    const bucket = buckets.create(bucketName);
    if (locks) buckets.change(buckets.setVersioning(bucket, 'Enabled'), { objectLock: {} });
  });
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
  const text = (await readVerifiedDocument(rest, MAX_DOCUMENT_BYTES)).toString();
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
