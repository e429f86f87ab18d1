import type { RestResponse } from '../service.ts';
import {
  BATCH,
  behindPrefix,
  commonPrefixOf,
  describe,
  goOnBehind,
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
