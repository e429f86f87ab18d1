import { requireAccess } from './access.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, pageSize } from './request.ts';
import { invalidArgument } from './s3-error.ts';
import type { Version } from './versions.ts';
import type { XmlElement } from './xml.ts';

/** How many rows are read at a time. */
export const BATCH = 500;

/** What a listing selects and how it writes keys. */
export interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encode: (key: string) => string;
  readonly encodingType: string | undefined;
}

export function readListing({ rest: { query } }: BucketRequest): Listing {
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: pageSize(query, 'max-keys'),
    encodingType,
    encode: encodingType === 'url' ? urlEncode : (key) => key,
  };
}

/** As S3 encodes keys in listings: a slash stays, a space is a plus. */
const urlEncode = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%2F/g, '/')
    .replace(/%20/g, '+');

export function requireListing({ call, bucket, rest: { query } }: BucketRequest, action: string): void {
  const context: Record<string, string> = { 's3:prefix': query.get('prefix') ?? '' };
  for (const name of ['delimiter', 'max-keys']) {
    const value = query.get(name);
    if (value !== null) context[`s3:${name}`] = value;
  }
  requireAccess({ call, action, bucket, context });
}

/** The key's common prefix: through the first delimiter behind the listing's prefix. */
export function commonPrefixOf(key: string, { prefix, delimiter }: Listing): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The first bytes behind everything that begins with the text. */
export function behindPrefix(text: string): Buffer {
  const end = Buffer.from(text);
  // UTF-8 holds no 0xFF, so the last byte can always grow.
  end[end.length - 1] = (end[end.length - 1] as number) + 1;
  return end;
}

export const behindKey = (key: string): Buffer => Buffer.concat([Buffer.from(key), Uint8Array.of(0)]);

/** Where a listing that has given `last` goes on: behind the key, or behind all that shares the common prefix. */
export const goOnBehind = (last: string, listing: Listing): Buffer =>
  commonPrefixOf(last, listing) === last ? behindPrefix(last) : behindKey(last);

export const laterOf = (left: Buffer, right: Buffer): Buffer => (Buffer.compare(left, right) > 0 ? left : right);

export const ownerOf = ({ ctx }: ObjectStore): readonly XmlElement[] => [['ID', ctx.accountId]];

export function describe({ modifiedAtMs, content }: Version): readonly XmlElement[] {
  return [
    ['LastModified', new Date(modifiedAtMs).toISOString()],
    ['ETag', `"${content?.etag}"`],
    ['ChecksumAlgorithm', content?.checksum?.algorithm],
    ['ChecksumType', content?.checksum?.type],
    ['Size', content?.bytes],
    ['StorageClass', 'STANDARD'],
  ];
}
