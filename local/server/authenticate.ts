import type { IncomingMessage } from 'node:http';
import type { AccessKey } from '../iam/credentials.ts';
import type { Principal } from '../service.ts';
import { type Protocol, type RefusalReason, refusal } from './refusal.ts';
import { type ClaimedSignature, MalformedSignature, readSignature } from './signature.ts';
import {
  type CredentialScope,
  canonicalRequest,
  equalInConstantTime,
  formatTimestamp,
  hmacHex,
  parseTimestamp,
  signingKey,
  stringToSign,
} from './sigv4.ts';

const LONGEST_SKEW_MS = 15 * 60 * 1000;

export interface AuthenticationContext {
  readonly region: string;
  readonly nowMs: number;
  readonly findAccessKey: (accessKeyId: string) => AccessKey | undefined;
}

/** A signed request whose key is known and whose time is right, and whose signature is still to be checked. */
export interface PendingAuthentication {
  readonly principal: Principal;
  readonly service: string;
  /** Header or query authentication: S3 hashes a presigned payload in neither. */
  readonly from: ClaimedSignature['from'];
  /** Throws unless the signature is that of this request with this payload hash. */
  verify(payloadHash: string): ChunkSigning;
}

/** What the signatures inside an aws-chunked body are made with; the first one continues from the request's own. */
export interface ChunkSigning {
  readonly key: Uint8Array;
  readonly timestamp: string;
  readonly scope: CredentialScope;
  readonly seedSignature: string;
}

/** Undefined when the request is unsigned. Throws AwsError, named as the protocol names it. */
export function authenticate(
  request: IncomingMessage,
  url: { readonly rawPath: string; readonly rawQuery: string; readonly query: URLSearchParams },
  protocol: Protocol,
  context: AuthenticationContext,
): PendingAuthentication | undefined {
  const refuse = (reason: RefusalReason, message: string) => refusal(reason, protocol, message);
  const claimed = claimedSignature(request, url.query, refuse);
  if (!claimed) return undefined;

  const key = context.findAccessKey(claimed.accessKeyId);
  if (!key) {
    throw refuse(
      'unknown-key',
      protocol === 's3'
        ? 'The AWS Access Key Id you provided does not exist in our records.'
        : 'The security token included in the request is invalid.',
    );
  }
  checkScope(claimed, context.region, refuse);
  checkTime(claimed, context.nowMs, protocol, refuse);
  checkToken(claimed, key, context.nowMs, refuse);
  const headers = headerValues(request.rawHeaders);
  checkSignedHeaders(claimed, headers, refuse);

  return {
    principal: key.principal,
    service: claimed.scope.service,
    from: claimed.from,
    verify(payloadHash) {
      const secret = signingKey(key.secretAccessKey, claimed.scope);
      const canonical = canonicalRequest({
        method: request.method ?? '',
        rawPath: url.rawPath,
        rawQuery: url.rawQuery,
        headers,
        signedHeaders: claimed.signedHeaders,
        payloadHash,
        service: claimed.scope.service,
      });
      const expected = hmacHex(secret, stringToSign(claimed.timestamp, claimed.scope, canonical));
      if (!equalInConstantTime(expected, claimed.signature)) {
        throw refuse(
          'mismatch',
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
        );
      }
      return { key: secret, timestamp: claimed.timestamp, scope: claimed.scope, seedSignature: expected };
    },
  };
}

type Refuse = (reason: RefusalReason, message: string) => Error;

function claimedSignature(request: IncomingMessage, query: URLSearchParams, refuse: Refuse) {
  try {
    return readSignature(request, query);
  } catch (error) {
    if (error instanceof MalformedSignature) throw refuse('malformed', error.message);
    throw error;
  }
}

function checkScope({ scope, timestamp }: ClaimedSignature, region: string, refuse: Refuse): void {
  // IAM is one service for all regions, and signed for in the first of them; a client that was given an endpoint signs for its own region.
  const isOfAllRegions = scope.service === 'iam';
  const expected = isOfAllRegions ? 'us-east-1' : region;
  if (scope.region !== expected && !(isOfAllRegions && scope.region === region)) {
    throw refuse(
      'wrong-region',
      `Credential should be scoped to a valid region: '${scope.region}' is wrong; expecting '${expected}'.`,
    );
  }
  if (scope.date !== timestamp.slice(0, 8)) {
    throw refuse(
      'malformed',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  }
}

function checkTime(claimed: ClaimedSignature, nowMs: number, protocol: Protocol, refuse: Refuse): void {
  const signedAtMs = parseTimestamp(claimed.timestamp);
  if (signedAtMs === undefined) {
    throw refuse('malformed', `Date must be in ISO-8601 'basic format'. Got '${claimed.timestamp}'.`);
  }
  if (claimed.expiresSeconds !== undefined) {
    if (nowMs > signedAtMs + claimed.expiresSeconds * 1000) throw refuse('expired-presigned', 'Request has expired');
    if (signedAtMs > nowMs + LONGEST_SKEW_MS) throw refuse('expired-presigned', 'Request is not yet valid');
    return;
  }
  const skewMs = signedAtMs - nowMs;
  if (Math.abs(skewMs) <= LONGEST_SKEW_MS) return;
  if (protocol === 's3') {
    throw refuse('skewed', 'The difference between the request time and the current time is too large.');
  }
  const limit = formatTimestamp(nowMs + Math.sign(skewMs) * LONGEST_SKEW_MS);
  const sign = skewMs < 0 ? '-' : '+';
  throw refuse(
    'skewed',
    `Signature ${skewMs < 0 ? 'expired' : 'not yet current'}: ${claimed.timestamp} is ${skewMs < 0 ? 'now earlier' : 'still later'} than ${limit} (${formatTimestamp(nowMs)} ${sign} 15 min.)`,
  );
}

function checkToken(claimed: ClaimedSignature, key: AccessKey, nowMs: number, refuse: Refuse): void {
  if (!equalInConstantTime(key.sessionToken ?? '', claimed.sessionToken ?? '')) {
    throw refuse('wrong-token', 'The security token included in the request is invalid.');
  }
  if (key.expiresAtEpochMs !== undefined && key.expiresAtEpochMs <= nowMs) {
    throw refuse('expired-token', 'The security token included in the request is expired');
  }
}

/**
 * The host and every `x-amz-*` header must be under the signature: a request whose target or copy source could be
 * changed on its way is not authentic.
 */
function checkSignedHeaders(
  claimed: ClaimedSignature,
  headers: ReadonlyMap<string, readonly string[]>,
  refuse: Refuse,
): void {
  const signed = new Set(claimed.signedHeaders);
  if (!signed.has('host')) throw refuse('malformed', "'Host' must be a 'SignedHeader' in the AWS Authorization.");
  for (const name of signed) {
    if (!headers.has(name)) throw refuse('mismatch', `The signed header '${name}' is not in the request.`);
  }
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signed.has(name)) {
      throw refuse('unsigned-headers', `There were headers present in the request which were not signed: ${name}`);
    }
  }
}

function headerValues(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const value = rawHeaders[index + 1] as string;
    const values = headers.get(name);
    if (values) values.push(value);
    else headers.set(name, [value]);
  }
  return headers;
}
