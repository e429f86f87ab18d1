import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, pageSize, takeOnly } from './request.ts';
import { invalidArgument } from './s3-error.ts';
import type { Version } from './versions.ts';
import { writeXml, type XmlElement } from './xml.ts';

const BATCH = 500;

/** What a listing selects and how it writes keys. */
interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encode: (key: string) => string;
  readonly encodingType: string | undefined;
}

function readListing({ rest: { query } }: BucketRequest): Listing {
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

function requireListing({ call, bucket, rest: { query } }: BucketRequest, action: string): void {
  const context: Record<string, string> = { 's3:prefix': query.get('prefix') ?? '' };
  for (const name of ['delimiter', 'max-keys']) {
    const value = query.get(name);
    if (value !== null) context[`s3:${name}`] = value;
  }
  requireAccess({ call, action, bucket, context });
}

/** The key's common prefix: through the first delimiter behind the listing's prefix. */
function commonPrefixOf(key: string, { prefix, delimiter }: Listing): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The first bytes behind everything that begins with the text. */
function behindPrefix(text: string): Buffer {
  const end = Buffer.from(text);
  // UTF-8 holds no 0xFF, so the last byte can always grow.
  end[end.length - 1] = (end[end.length - 1] as number) + 1;
  return end;
}

const behindKey = (key: string): Buffer => Buffer.concat([Buffer.from(key), Uint8Array.of(0)]);

/** Where a listing that has given `last` goes on: behind the key, or behind all that shares the common prefix. */
const goOnBehind = (last: string, listing: Listing): Buffer =>
  commonPrefixOf(last, listing) === last ? behindPrefix(last) : behindKey(last);

const laterOf = (left: Buffer, right: Buffer): Buffer => (Buffer.compare(left, right) > 0 ? left : right);

/** ListObjectsV2 */
export async function listObjects(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
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

  const entries: { readonly name: string; readonly object: Version | undefined }[] = [];
  let from: Buffer | undefined = laterOf(Buffer.from(listing.prefix), after ?? Buffer.alloc(0));
  let truncated = false;
  scan: while (from) {
    const batch: readonly Version[] = store.versions.objects(bucket, from, BATCH);
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

  const { encode } = listing;
  const owner = rest.query.get('fetch-owner') === 'true' ? ownerOf(store) : undefined;
  const body = writeXml('ListBucketResult', [
    ['Name', bucket.name],
    ['Prefix', encode(listing.prefix)],
    ['Delimiter', listing.delimiter === '' ? undefined : encode(listing.delimiter)],
    ['MaxKeys', listing.maxKeys],
    ['EncodingType', listing.encodingType],
    ['KeyCount', entries.length],
    ['IsTruncated', truncated],
    ['ContinuationToken', token ?? undefined],
    ['NextContinuationToken', truncated ? encodeToken(entries.at(-1)?.name ?? '') : undefined],
    ['StartAfter', startAfter === null ? undefined : encode(startAfter)],
    ...entries.flatMap(({ name, object }): XmlElement[] =>
      object ? [['Contents', [['Key', encode(name)], ...describe(object), ['Owner', owner]]]] : [],
    ),
    ...entries.flatMap(({ name, object }): XmlElement[] =>
      object ? [] : [['CommonPrefixes', [['Prefix', encode(name)]]]],
    ),
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

const ownerOf = ({ ctx }: ObjectStore): readonly XmlElement[] => [['ID', ctx.accountId]];

function describe({ modifiedAtMs, content }: Version): readonly XmlElement[] {
  return [
    ['LastModified', new Date(modifiedAtMs).toISOString()],
    ['ETag', `"${content?.etag}"`],
    ['ChecksumAlgorithm', content?.checksum?.algorithm],
    ['ChecksumType', content?.checksum?.type],
    ['Size', content?.bytes],
    ['StorageClass', 'STANDARD'],
  ];
}

/** ListObjectVersions */
export async function listVersions(store: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  takeOnly(
    'ListObjectVersions',
    request,
    ['versions', 'prefix', 'delimiter', 'max-keys', 'encoding-type', 'key-marker', 'version-id-marker'],
    [],
  );
  requireListing(request, 'ListBucketVersions');
  const { bucket, rest } = request;
  const listing = readListing(request);
  const keyMarker = rest.query.get('key-marker') ?? '';
  const versionMarker = rest.query.get('version-id-marker') ?? '';
  const { encode } = listing;

  let from = laterOf(Buffer.from(listing.prefix), keyMarker === '' ? Buffer.alloc(0) : goOnBehind(keyMarker, listing));
  let belowRowId: number | undefined;
  if (versionMarker !== '') {
    const marked = store.versions.find(bucket, keyMarker, versionMarker);
    if (!marked) throw invalidArgument('Invalid version id specified', 'version-id-marker', versionMarker);
    from = Buffer.from(keyMarker);
    belowRowId = marked.id;
  }

  const entries: { readonly name: string; readonly version: Version | undefined }[] = [];
  let truncated = false;
  for (let more = true; more; ) {
    const batch = store.versions.versions(bucket, from, BATCH, belowRowId);
    more = false;
    for (const version of batch) {
      if (!version.key.startsWith(listing.prefix)) {
        more = false;
        break;
      }
      if (entries.length >= listing.maxKeys) {
        truncated = listing.maxKeys > 0;
        more = false;
        break;
      }
      const common = commonPrefixOf(version.key, listing);
      entries.push({ name: common ?? version.key, version: common === undefined ? version : undefined });
      more = true;
      if (common !== undefined) {
        from = behindPrefix(common);
        belowRowId = undefined;
        break;
      }
      from = Buffer.from(version.key);
      belowRowId = version.id;
    }
  }

  const last = entries.at(-1);
  const body = writeXml('ListVersionsResult', [
    ['Name', bucket.name],
    ['Prefix', encode(listing.prefix)],
    ['KeyMarker', encode(keyMarker)],
    ['VersionIdMarker', versionMarker],
    ['MaxKeys', listing.maxKeys],
    ['EncodingType', listing.encodingType],
    ['Delimiter', listing.delimiter === '' ? undefined : encode(listing.delimiter)],
    ['IsTruncated', truncated],
    ['NextKeyMarker', truncated && last ? encode(last.name) : undefined],
    ['NextVersionIdMarker', truncated ? last?.version?.versionId : undefined],
    ...entries.flatMap(({ version }): XmlElement[] => (version ? [describeVersion(store, version, encode)] : [])),
    ...entries.flatMap(({ name, version }): XmlElement[] =>
      version ? [] : [['CommonPrefixes', [['Prefix', encode(name)]]]],
    ),
  ]);
  return { statusCode: 200, headers: { 'content-type': 'application/xml' }, body };
}

function describeVersion(store: ObjectStore, version: Version, encode: (key: string) => string): XmlElement {
  const identity: XmlElement[] = [
    ['Key', encode(version.key)],
    ['VersionId', version.versionId],
    ['IsLatest', version.isLatest],
  ];
  if (version.content) return ['Version', [...identity, ...describe(version), ['Owner', ownerOf(store)]]];
  return [
    'DeleteMarker',
    [...identity, ['LastModified', new Date(version.modifiedAtMs).toISOString()], ['Owner', ownerOf(store)]],
  ];
}
