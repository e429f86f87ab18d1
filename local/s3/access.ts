import { AwsError } from '../aws-error.ts';
import { type AuthorizeRequest, authorize, mayKnow } from '../iam/authorize.ts';
import type { Call, RestRequest } from '../service.ts';
import { type Bucket, bucketArn } from './buckets.ts';

export interface AccessRequest {
  readonly call: Call;
  readonly action: string;
  readonly bucket: Bucket;
  readonly key?: string | undefined;
  /** S3's own condition keys of this request. */
  readonly context?: AuthorizeRequest['context'] | undefined;
}

/** Judges a call by the caller's policies and the bucket's. Throws AccessDenied. */
export const requireAccess = (request: AccessRequest): void => authorize(question(request));

const question = ({ call, action, bucket, key, context }: AccessRequest) => ({
  call,
  action: `s3:${action}`,
  resourceArn: key === undefined ? bucketArn(bucket.name) : `${bucketArn(bucket.name)}/${key}`,
  resourcePolicy: bucket.settings.policy,
  ...(context ? { context } : {}),
});

/** Whether the answer may tell it; it leaves it out otherwise. */
export const mayLearn = (request: AccessRequest): boolean => mayKnow(question(request));

/** `x-amz-expected-bucket-owner`: the caller's own guard against a bucket that is somebody else's. */
export function assertExpectedOwner(
  request: RestRequest,
  ownerAccountId: string,
  name = 'x-amz-expected-bucket-owner',
): void {
  const expected = request.headers[name];
  if (expected !== undefined && expected !== ownerAccountId) throw new AwsError('AccessDenied', 'Access Denied', 403);
}

const CONTEXT_HEADERS: readonly (readonly [header: string, key: string])[] = [
  ['x-amz-server-side-encryption', 's3:x-amz-server-side-encryption'],
  ['x-amz-server-side-encryption-aws-kms-key-id', 's3:x-amz-server-side-encryption-aws-kms-key-id'],
  ['x-amz-storage-class', 's3:x-amz-storage-class'],
  ['x-amz-acl', 's3:x-amz-acl'],
  ['x-amz-copy-source', 's3:x-amz-copy-source'],
  ['x-amz-metadata-directive', 's3:x-amz-metadata-directive'],
  ['x-amz-content-sha256', 's3:x-amz-content-sha256'],
  ['x-amz-object-lock-mode', 's3:object-lock-mode'],
  ['x-amz-object-lock-retain-until-date', 's3:object-lock-retain-until-date'],
  ['x-amz-object-lock-legal-hold', 's3:object-lock-legal-hold'],
  ['if-match', 's3:if-match'],
  ['if-none-match', 's3:if-none-match'],
];

/** The condition keys that a write's headers give. */
export function writeContext({ headers }: RestRequest): Record<string, string> {
  return Object.fromEntries(
    CONTEXT_HEADERS.flatMap(([name, key]) => (headers[name] === undefined ? [] : [[key, String(headers[name])]])),
  );
}
