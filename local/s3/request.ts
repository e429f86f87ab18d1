import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, notImplemented } from '../aws-error.ts';
import type { Call, RestRequest } from '../service.ts';
import type { Bucket } from './buckets.ts';
import { invalidArgument } from './s3-error.ts';
import { NULL_VERSION } from './versions.ts';

/** A request for a bucket or an object, its path taken apart. */
export interface S3Request {
  readonly rest: RestRequest;
  readonly call: Call;
  readonly bucketName: string;
  /** Undefined for a request about the bucket itself. */
  readonly key: string | undefined;
}

export interface BucketRequest extends S3Request {
  readonly bucket: Bucket;
}

export interface ObjectRequest extends BucketRequest {
  readonly key: string;
}

const MAX_KEY_BYTES = 1024;

/** Path-style: `/BUCKET/KEY`. The key is percent-decoded once and is opaque from there on: `+`, `../` and all. */
export function parsePath(rawPath: string): { readonly bucketName: string; readonly key: string | undefined } {
  const path = rawPath.split('?')[0] as string;
  const slash = path.indexOf('/', 1);
  const bucketName = decode(slash < 0 ? path.slice(1) : path.slice(1, slash));
  const key = slash < 0 ? '' : decode(path.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new AwsError('KeyTooLongError', 'Your key is too long', 400, {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: MAX_KEY_BYTES,
    });
  }
  return { bucketName, key: key === '' ? undefined : key };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", 400, { URI: text });
  }
}

/** Query parameters that say nothing to an operation: the SDK's own label and a presigned URL's signature. */
const QUERY_OF_ALL = /^(x-id|X-Amz-.*)$/i;

/** Headers that belong to the wire, to every operation, or that are read wherever they may stand. */
const HEADERS_OF_ALL =
  /^x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer|expected-bucket-owner|sdk-checksum-algorithm|checksum-(crc32|crc32c|crc64nvme|sha1|sha256)|optional-object-attributes)$/;

/** Refuses by name the parameters and x-amz headers that the operation does not do. */
export function takeOnly(
  operation: string,
  { rest }: S3Request,
  query: readonly string[],
  headers: readonly (string | RegExp)[],
): void {
  for (const name of rest.query.keys()) {
    if (!query.includes(name) && !QUERY_OF_ALL.test(name)) throw notImplemented(`s3:${operation} with ?${name}`);
  }
  for (const name of Object.keys(rest.headers)) {
    if (!name.startsWith('x-amz-') || HEADERS_OF_ALL.test(name)) continue;
    const known = headers.some((header) => (typeof header === 'string' ? header === name : header.test(name)));
    if (!known) throw notImplemented(`s3:${operation} with the header ${name}`);
  }
}

export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return value === undefined ? undefined : Array.isArray(value) ? value.join(', ') : String(value);
};

/** `max-keys`, `max-parts`, `max-uploads`: 0 to 1000. */
export function pageSize(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null) return 1000;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, text);
  }
  return Math.min(Number(text), 1000);
}

/** `versionId`; undefined when the latest version is meant. Throws InvalidArgument for what is no version id. */
export function readVersionId(query: URLSearchParams): string | undefined {
  const text = query.get('versionId') ?? undefined;
  if (text === undefined || text === NULL_VERSION || /^[0-9a-f]{32}$/.test(text)) return text;
  throw text === ''
    ? invalidArgument('Version id cannot be the empty string', 'versionId', text)
    : invalidArgument('Invalid version id specified', 'versionId', text);
}
