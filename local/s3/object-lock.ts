import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../aws-error.ts';
import type { Call, RestRequest } from '../service.ts';
import { mayLearn, requireAccess } from './access.ts';
import type { Bucket } from './buckets.ts';
import { claimedChecksum } from './checksum.ts';
import { header, type ObjectRequest } from './request.ts';
import { isRetentionMode, type Retention, readRetainUntil, weakens } from './retention.ts';
import { invalidArgument, invalidRequest } from './s3-error.ts';
import type { ObjectContent, ObjectDescription } from './versions.ts';

export const MODE_HEADER = 'x-amz-object-lock-mode';
const UNTIL_HEADER = 'x-amz-object-lock-retain-until-date';
const HOLD_HEADER = 'x-amz-object-lock-legal-hold';
export const BYPASS_HEADER = 'x-amz-bypass-governance-retention';

export type ObjectLock = Pick<ObjectDescription, 'retention' | 'legalHold'>;

/** The lock that a new object's headers ask for. Throws for a bucket without Object Lock. */
export function readLockHeaders(headers: IncomingHttpHeaders, bucket: Bucket, nowMs: number): ObjectLock {
  const [mode, until, hold] = [
    header(headers, MODE_HEADER),
    header(headers, UNTIL_HEADER),
    header(headers, HOLD_HEADER),
  ];
  if (mode === undefined && until === undefined && hold === undefined) return {};
  if (!bucket.settings.objectLock) throw invalidRequest('Bucket is missing ObjectLockConfiguration');
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF') {
    throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", HOLD_HEADER, hold);
  }
  return {
    ...(hold === undefined ? {} : { legalHold: hold === 'ON' }),
    ...retentionOf(mode, until, nowMs),
  };
}

function retentionOf(mode: string | undefined, until: string | undefined, nowMs: number): { retention?: Retention } {
  if (mode === undefined && until === undefined) return {};
  if (mode === undefined || until === undefined) {
    const [missing, given] = mode === undefined ? [MODE_HEADER, until] : [UNTIL_HEADER, mode];
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      missing,
      given ?? '',
    );
  }
  if (!isRetentionMode(mode)) throw invalidArgument('Unknown wormMode directive.', MODE_HEADER, mode);
  return { retention: { mode, untilMs: readRetainUntil(until, UNTIL_HEADER, nowMs) } };
}

/** What is to be locked must be sent with something that proves it whole. */
export function assertProvenWhole({ headers }: RestRequest, bucket: Bucket, lock: ObjectLock): void {
  const locks =
    lock.retention !== undefined || lock.legalHold !== undefined || bucket.settings.objectLock?.defaultRetention;
  if (!locks || headers['content-md5'] !== undefined || claimedChecksum(headers) !== undefined) return;
  throw invalidRequest(
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
  );
}

/** Whether the request asks to pass over a governance retention. */
export function readBypass({ headers }: RestRequest, bucket: Bucket): boolean {
  const text = header(headers, BYPASS_HEADER);
  if (text === undefined) return false;
  if (!bucket.settings.objectLock) {
    throw invalidArgument(
      'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
      BYPASS_HEADER,
      text,
    );
  }
  return text.toLowerCase() === 'true';
}

export interface LockedVersion {
  readonly call: Call;
  readonly bucket: Bucket;
  readonly key: string;
  readonly content: ObjectContent;
  /** The request asks for it; whether the caller may is judged here. */
  readonly bypass: boolean;
}

/** Throws AccessDenied when the lock of a version does not let it be deleted. */
export function assertDeletable(version: LockedVersion, nowMs: number): void {
  if (version.content.legalHold) throw lockedVersion();
  assertRetentionGivesWay(version, undefined, nowMs);
}

/** Throws AccessDenied when a version's retention cannot be replaced by another or, without `wanted`, by none. */
export function assertRetentionGivesWay(
  { call, bucket, key, content: { retention }, bypass }: LockedVersion,
  wanted: Retention | undefined,
  nowMs: number,
): void {
  if (!retention || retention.untilMs <= nowMs || !weakens(retention, wanted)) return;
  if (retention.mode === 'COMPLIANCE' || !bypass) throw lockedVersion();
  requireAccess({ call, action: 'BypassGovernanceRetention', bucket, key });
}

const lockedVersion = (): AwsError =>
  new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);

/** The headers of GetObject and HeadObject about the lock, as far as the caller may know them. */
export function lockHeaders({ call, bucket, key }: ObjectRequest, content: ObjectContent): Record<string, string> {
  const { retention, legalHold } = content;
  const may = (action: string): boolean => mayLearn({ call, action, bucket, key });
  return {
    ...(retention && may('GetObjectRetention')
      ? { [MODE_HEADER]: retention.mode, [UNTIL_HEADER]: new Date(retention.untilMs).toISOString() }
      : {}),
    ...(legalHold !== undefined && may('GetObjectLegalHold') ? { [HOLD_HEADER]: legalHold ? 'ON' : 'OFF' } : {}),
  };
}
