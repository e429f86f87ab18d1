import {
  ALGORITHM,
  type CredentialScope,
  canonicalRequest,
  formatTimestamp,
  hmacHex,
  scopeText,
  sha256Hex,
  signingKey,
  stringToSign,
} from '../../../local/server/sigv4.ts';
import { type Credentials, REGION } from './fuzz-world.ts';

/** A request before it is signed and written. Names and values of headers are bytes, as latin1. */
export interface Draft {
  readonly method: string;
  /** As sent. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface Signing {
  readonly credentials: Credentials;
  readonly service: string;
  readonly region?: string;
  readonly atMs?: number;
  /** Of the body by default. */
  readonly payloadHash?: string;
  /** Names that are left out of what is signed. */
  readonly unsigned?: readonly string[];
}

export interface SignedDraft extends Draft {
  readonly signature: string;
  readonly scope: CredentialScope;
  readonly timestamp: string;
  readonly key: Uint8Array;
}

const lines = (headers: Draft['headers']): ReadonlyMap<string, readonly string[]> => {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
};

/** With an Authorization header over every header but those that are not to be. */
export function signed(draft: Draft, signing: Signing): SignedDraft {
  const { credentials, service, region = REGION, unsigned = [] } = signing;
  const timestamp = formatTimestamp(signing.atMs ?? Date.now());
  const scope = { date: timestamp.slice(0, 8), region: service === 'iam' ? 'us-east-1' : region, service };
  const payloadHash = signing.payloadHash ?? sha256Hex(draft.body);
  const headers = [
    ...draft.headers,
    ['x-amz-date', timestamp] as const,
    ...(service === 's3' ? [['x-amz-content-sha256', payloadHash] as const] : []),
    ...(credentials.sessionToken ? [['x-amz-security-token', credentials.sessionToken] as const] : []),
  ];
  const values = lines(headers);
  const signedHeaders = [...values.keys()].filter((name) => !unsigned.includes(name)).sort();
  const key = signingKey(credentials.secretAccessKey, scope);
  const canonical = canonicalRequest({
    method: draft.method,
    rawPath: draft.path,
    rawQuery: draft.query,
    headers: values,
    signedHeaders,
    payloadHash,
    service,
  });
  const signature = hmacHex(key, stringToSign(timestamp, scope, canonical));
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText(scope)}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...draft, headers: [...headers, ['authorization', authorization]], signature, scope, timestamp, key };
}

/** With the signature in its query. */
export function presigned(draft: Draft, signing: Signing & { readonly expires?: string }): Draft {
  const { credentials, service, region = REGION, expires = '300' } = signing;
  const timestamp = formatTimestamp(signing.atMs ?? Date.now());
  const scope = { date: timestamp.slice(0, 8), region, service };
  const values = lines(draft.headers);
  const signedHeaders = [...values.keys()].sort();
  const parameters = [
    `X-Amz-Algorithm=${ALGORITHM}`,
    `X-Amz-Credential=${encodeURIComponent(`${credentials.accessKeyId}/${scopeText(scope)}`)}`,
    `X-Amz-Date=${timestamp}`,
    `X-Amz-Expires=${expires}`,
    `X-Amz-SignedHeaders=${encodeURIComponent(signedHeaders.join(';'))}`,
    ...(credentials.sessionToken ? [`X-Amz-Security-Token=${encodeURIComponent(credentials.sessionToken)}`] : []),
  ];
  const query = [draft.query, ...parameters].filter((part) => part !== '').join('&');
  const canonical = canonicalRequest({
    method: draft.method,
    rawPath: draft.path,
    rawQuery: query,
    headers: values,
    signedHeaders,
    payloadHash: signing.payloadHash ?? 'UNSIGNED-PAYLOAD',
    service,
  });
  const secret = signingKey(credentials.secretAccessKey, scope);
  const signature = hmacHex(secret, stringToSign(timestamp, scope, canonical));
  return { ...draft, query: `${query}&X-Amz-Signature=${signature}` };
}

/** Head and body as they go over the wire; `framing` is what says how long the body is. */
export function head(
  { method, path, query, headers, body }: Draft,
  framing: readonly (readonly [string, string])[] = [['content-length', String(body.length)]],
): Buffer {
  const target = query === '' ? path : `${path}?${query}`;
  const all = [...headers, ...framing, ['connection', 'close'] as const];
  const text = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${text}\r\n`, 'latin1');
}

export const written = (draft: Draft): readonly Buffer[] => [Buffer.concat([head(draft), draft.body])];

/** Text as a header can hold it: its UTF-8 bytes, without those that end a header. */
export const headerText = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a header cannot hold
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' ')
    .slice(0, 6000);
