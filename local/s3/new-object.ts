import type { AuthorizeRequest } from '../iam/authorize.ts';
import { requireAccess, writeContext } from './access.ts';
import { type ObjectLock, readLockHeaders } from './object-lock.ts';
import { header, type ObjectRequest } from './request.ts';
import { type Retention, remainingDays } from './retention.ts';
import { readTaggingHeader, type Tags, tagContext } from './tags.ts';

/** What an object that is about to be made is to carry, beside its bytes, metadata and encryption. */
export interface NewObjectTraits extends ObjectLock {
  readonly tags?: Tags;
}

/**
 * Reads the lock and the tags that PutObject, CopyObject or CreateMultipartUpload asks for, and judges the caller: writing
 * is one permission, and locking, holding and tagging are one each.
 */
export function admitNewObject(request: ObjectRequest, nowMs: number): NewObjectTraits {
  const { rest, call, bucket, key } = request;
  const tagging = header(rest.headers, 'x-amz-tagging');
  const tags = tagging === undefined ? undefined : readTaggingHeader(tagging);
  const lock = readLockHeaders(rest.headers, bucket, nowMs);
  const context = { ...writeContext(rest), ...retentionContext(lock.retention, nowMs), ...tagContext(tags ?? {}) };
  const requireTo = (action: string): void => requireAccess({ call, action, bucket, key, context });
  requireTo('PutObject');
  if (tags) requireTo('PutObjectTagging');
  if (lock.retention) requireTo('PutObjectRetention');
  if (lock.legalHold !== undefined) requireTo('PutObjectLegalHold');
  return { ...lock, ...(tags ? { tags } : {}) };
}

const retentionContext = (retention: Retention | undefined, nowMs: number): NonNullable<AuthorizeRequest['context']> =>
  retention ? { 's3:object-lock-remaining-retention-days': String(remainingDays(retention, nowMs)) } : {};
