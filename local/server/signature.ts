import type { IncomingMessage } from 'node:http';
import { ALGORITHM, type CredentialScope } from './sigv4.ts';

/** What a request says about its own signature, wherever it says it. */
export interface ClaimedSignature {
  readonly from: 'header' | 'query';
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260102T030405Z`; empty when the request has none. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Of a presigned request: how long it is good. */
  readonly expiresSeconds?: number;
}

/** The request carries a signature that cannot be read; the text says what is wrong with it. */
export class MalformedSignature extends Error {
  override readonly name = 'MalformedSignature';
}

/** Undefined when the request is not signed at all. Throws MalformedSignature. */
export function readSignature(request: IncomingMessage, query: URLSearchParams): ClaimedSignature | undefined {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) return fromHeader(authorization, request);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return fromQuery(query);
  return undefined;
}

function fromHeader(authorization: string, request: IncomingMessage): ClaimedSignature {
  if (!authorization.startsWith(`${ALGORITHM} `)) {
    throw new MalformedSignature(`Authorization must begin with ${ALGORITHM}: only Signature Version 4 is accepted.`);
  }
  const parts = new Map(
    authorization
      .slice(ALGORITHM.length + 1)
      .split(',')
      .map((part) => {
        const at = part.indexOf('=');
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const;
      }),
  );
  const part = (name: string): string => {
    const value = parts.get(name);
    if (!value)
      throw new MalformedSignature(`Authorization header requires '${name}' parameter. Authorization=${ALGORITHM}`);
    return value;
  };
  const date = request.headers.date;
  return {
    from: 'header',
    ...readCredential(part('Credential')),
    signedHeaders: part('SignedHeaders').split(';'),
    signature: part('Signature'),
    timestamp: single(request.headers['x-amz-date']) ?? (date === undefined ? '' : compactDate(date)),
    sessionToken: single(request.headers['x-amz-security-token']),
  };
}

function fromQuery(query: URLSearchParams): ClaimedSignature {
  const parameter = (name: string): string => {
    const values = query.getAll(name);
    if (values.length !== 1 || values[0] === '') {
      throw new MalformedSignature(`Query-string authentication requires exactly one ${name} parameter.`);
    }
    return values[0] as string;
  };
  if (parameter('X-Amz-Algorithm') !== ALGORITHM) {
    throw new MalformedSignature(`X-Amz-Algorithm only supports "${ALGORITHM}".`);
  }
  const expires = parameter('X-Amz-Expires');
  const expiresSeconds = Number(expires);
  if (!/^\d+$/.test(expires) || expiresSeconds < 1 || expiresSeconds > 604_800) {
    throw new MalformedSignature('X-Amz-Expires must be between 1 and 604800 seconds.');
  }
  return {
    from: 'query',
    ...readCredential(parameter('X-Amz-Credential')),
    signedHeaders: parameter('X-Amz-SignedHeaders').split(';'),
    signature: parameter('X-Amz-Signature'),
    timestamp: parameter('X-Amz-Date'),
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds,
  };
}

function readCredential(text: string): { accessKeyId: string; scope: CredentialScope } {
  const parts = text.split('/');
  const [accessKeyId, date, region, service, terminator] = parts;
  if (parts.length !== 5 || !accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    throw new MalformedSignature(
      'The Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  return { accessKeyId, scope: { date, region, service } };
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function compactDate(date: string): string {
  const epochMs = Date.parse(date);
  return Number.isNaN(epochMs) ? '' : new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
