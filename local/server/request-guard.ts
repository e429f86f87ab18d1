import type { IncomingMessage } from 'node:http';
import { AwsError } from '../aws-error.ts';

/** SDKs put it before the host of StartSyncExecution and TestState, whatever endpoint they are given. */
const SYNC_PREFIX = /^sync-/;

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Keeps web pages out: a page that reaches this port by DNS rebinding sends its own name as Host, and one that posts
 * across origins sends Origin. No AWS client sends either. Throws AccessDenied (403).
 */
export function guardRequest(request: IncomingMessage): void {
  const host = request.headers.host ?? '';
  if (!LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase().replace(SYNC_PREFIX, ''))) {
    throw new AwsError(
      'AccessDenied',
      `The Host header ${JSON.stringify(host)} is not this machine's. Use http://127.0.0.1:PORT, and path-style addresses for S3 (forcePathStyle).`,
      403,
    );
  }
  if (request.headers.origin !== undefined) {
    throw new AwsError('AccessDenied', 'Requests from web pages (with an Origin header) are refused.', 403);
  }
}
