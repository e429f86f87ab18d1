import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented } from '../aws-error.ts';
import { header } from './request.ts';
import { noSuchKey, preconditionFailed } from './s3-error.ts';
import type { Version } from './versions.ts';

/** Compares as RFC 9110 does for strong tags; S3 takes them with and without quotes. */
const etagMatches = (condition: string, etag: string): boolean =>
  condition
    .split(',')
    .map((tag) => tag.trim().replace(/^"|"$/g, ''))
    .some((tag) => tag === '*' || tag === etag);

/** `If-None-Match: *` and `If-Match` of a write, against the latest version. To be judged in the transaction that writes. */
export function assertWriteConditions(headers: IncomingHttpHeaders, key: string, latest: Version | undefined): void {
  const [ifMatch, ifNoneMatch] = [header(headers, 'if-match'), header(headers, 'if-none-match')];
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw notImplemented('If-None-Match of a write with another value than *');
    if (latest?.content) throw preconditionFailed('If-None-Match');
  }
  if (ifMatch === undefined) return;
  if (!latest?.content) throw noSuchKey(key);
  if (!etagMatches(ifMatch, latest.content.etag)) throw preconditionFailed('If-Match');
}

/** Header names of the four conditions: of a read, or of the source of a copy. */
const NAMES = {
  read: {
    match: 'if-match',
    noneMatch: 'if-none-match',
    modified: 'if-modified-since',
    unmodified: 'if-unmodified-since',
  },
  copy: {
    match: 'x-amz-copy-source-if-match',
    noneMatch: 'x-amz-copy-source-if-none-match',
    modified: 'x-amz-copy-source-if-modified-since',
    unmodified: 'x-amz-copy-source-if-unmodified-since',
  },
} as const;

/** Whether a read goes on. Throws PreconditionFailed; `not-modified` is a 304. */
export function judgeReadConditions(
  headers: IncomingHttpHeaders,
  { etag, modifiedAtMs }: { readonly etag: string; readonly modifiedAtMs: number },
  kind: keyof typeof NAMES = 'read',
): 'proceed' | 'not-modified' {
  const names = NAMES[kind];
  const match = header(headers, names.match);
  const unmodified = header(headers, names.unmodified);
  // HTTP dates have whole seconds.
  const modifiedAt = Math.floor(modifiedAtMs / 1000) * 1000;
  if (match !== undefined && !etagMatches(match, etag)) throw preconditionFailed('If-Match');
  if (match === undefined && unmodified !== undefined && modifiedAt > Date.parse(unmodified)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const noneMatch = header(headers, names.noneMatch);
  const modified = header(headers, names.modified);
  const unchanged =
    noneMatch !== undefined
      ? etagMatches(noneMatch, etag)
      : modified !== undefined && modifiedAt <= Date.parse(modified);
  if (!unchanged) return 'proceed';
  if (kind === 'copy') throw preconditionFailed(noneMatch === undefined ? 'If-Modified-Since' : 'If-None-Match');
  return 'not-modified';
}
