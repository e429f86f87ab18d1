import type { RestResponse } from '../service.ts';
import type { Bucket } from './buckets.ts';
import {
  BATCH,
  behindKey,
  behindPrefix,
  commonPrefixOf,
  describe,
  goOnBehind,
  type Listing,
  laterOf,
  ownerOf,
  readListing,
  requireListing,
} from './listing.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, takeOnly } from './request.ts';
import { invalidArgument } from './s3-error.ts';
import type { Version } from './versions.ts';
import { writeXml, type XmlElement } from './xml.ts';

/** A key with its object, or a common prefix. */
interface Entry {
  readonly name: string;
  readonly object: Version | undefined;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly truncated: boolean;
}

function readPage({ versions }: ObjectStore, bucket: Bucket, listing: Listing, after: Buffer | undefined): Page {
  const entries: Entry[] = [];
  let from: Buffer | undefined = laterOf(Buffer.from(listing.prefix), after ?? Buffer.alloc(0));
  let truncated = false;
  scan: while (from) {
    const batch: readonly Version[] = versions.objects(bucket, from, BATCH);
    from = undefined;
    for (const object of batch) {
      if (!object.key.startsWith(listing.prefix)) break scan;
      if (entries.length >= listing.maxKeys) {
        truncated = listing.maxKeys > 0;
        break scan;
      }
      const common = commonPrefixOf(object.key, listing);
      entries.push({ name: common ?? object.key, object: common === undefined ? object : undefined });
      from = common === undefined ? behindKey(object.key) : behindPrefix(common);
      // The rest of a common prefix is skipped by the store, not read through.
      if (common !== undefined) continue scan;
    }
  }
  return { entries, truncated };
}

const lastOf = ({ entries }: Page): string => entries.at(-1)?.name ?? '';

const writeEntries = (
  { entries }: Page,
  { encode }: Listing,
  owner: readonly XmlElement[] | undefined,
): readonly XmlElement[] => [
  ...entries.flatMap(({ name, object }): XmlElement[] =>
    object ? [['Contents', [['Key', encode(name)], ...describe(object), ['Owner', owner]]]] : [],
  ),
  ...entries.flatMap(({ name, object }): XmlElement[] =>
    object ? [] : [['CommonPrefixes', [['Prefix', encode(name)]]]],
  ),
];

/** ListObjectsV2 */
export async function listObjectsV2(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  takeOnly(
    'ListObjectsV2',
    request,
    [
      'list-type',
      'prefix',
      'delimiter',
      'max-keys',
      'encoding-type',
      'continuation-token',
      'start-after',
      'fetch-owner',
    ],
    [],
  );
  requireListing(request, 'ListBucket');
  const { bucket, rest } = request;
  const listing = readListing(request);
  const token = rest.query.get('continuation-token');
  const startAfter = rest.query.get('start-after');
  const after =
    token === null
      ? startAfter === null
        ? undefined
        : behindKey(startAfter)
      : goOnBehind(decodeToken(token), listing);

  const page = readPage(store, bucket, listing, after);
  const { encode } = listing;
  const owner = rest.query.get('fetch-owner') === 'true' ? ownerOf(store) : undefined;
  const body = writeXml('ListBucketResult', [
    ['Name', bucket.name],
    ['Prefix', encode(listing.prefix)],
    ['Delimiter', listing.delimiter === '' ? undefined : encode(listing.delimiter)],
    ['MaxKeys', listing.maxKeys],
    ['EncodingType', listing.encodingType],
    ['KeyCount', page.entries.length],
    ['IsTruncated', page.truncated],
    ['ContinuationToken', token ?? undefined],
    ['NextContinuationToken', page.truncated ? encodeToken(lastOf(page)) : undefined],
    ['StartAfter', startAfter === null ? undefined : encode(startAfter)],
    ...writeEntries(page, listing, owner),
  ]);
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}

/** Opaque to the client: the last name given. */
const encodeToken = (name: string): string => Buffer.from(`1:${name}`).toString('base64');

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('1:')) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  return text.slice(2);
}

/** ListObjects: the first version, which older command lines speak. */
export async function listObjects(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  takeOnly('ListObjects', request, ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'marker'], []);
  requireListing(request, 'ListBucket');
  const { bucket, rest } = request;
  const listing = readListing(request);
  const marker = rest.query.get('marker') ?? '';
  const page = readPage(store, bucket, listing, marker === '' ? undefined : goOnBehind(marker, listing));
  const { encode, delimiter } = listing;
  const body = writeXml('ListBucketResult', [
    ['Name', bucket.name],
    ['Prefix', encode(listing.prefix)],
    ['Marker', encode(marker)],
    // Without a delimiter the client goes on behind the last key by itself.
    ['NextMarker', page.truncated && delimiter !== '' ? encode(lastOf(page)) : undefined],
    ['Delimiter', delimiter === '' ? undefined : encode(delimiter)],
    ['MaxKeys', listing.maxKeys],
    ['EncodingType', listing.encodingType],
    ['IsTruncated', page.truncated],
    ...writeEntries(page, listing, ownerOf(store)),
  ]);
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}
