import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, notImplemented } from '../aws-error.ts';
import type { Bucket } from './buckets.ts';
import { checksumHeader } from './checksum.ts';
import { encryptionHeaders } from './encryption.ts';
import { header } from './request.ts';
import { NULL_VERSION, type ObjectContent, type ObjectDescription, type Version } from './versions.ts';

const STORED = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const METADATA = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;
const DEFAULT_TYPE = 'binary/octet-stream';

/** The x-amz headers of operations that make an object. */
export const WRITE_HEADERS: readonly (string | RegExp)[] = [
  /^x-amz-meta-/,
  'x-amz-acl',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-tagging',
  /^x-amz-object-lock-(mode|retain-until-date|legal-hold)$/,
];

/** Metadata and stored headers of a new object. */
export function readDescription(headers: IncomingHttpHeaders): Pick<ObjectDescription, 'metadata' | 'headers'> {
  assertPlain(headers);
  const metadata = Object.fromEntries(
    Object.keys(headers)
      .filter((name) => name.startsWith(METADATA))
      .map((name) => [name.slice(METADATA.length), header(headers, name) as string]),
  );
  const bytes = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
      Size: bytes,
      MaxSizeAllowed: MAX_METADATA_BYTES,
    });
  }
  const stored = STORED.flatMap((name) => {
    const value = name === 'content-encoding' ? storedEncoding(headers) : header(headers, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { metadata, headers: { 'content-type': DEFAULT_TYPE, ...Object.fromEntries(stored) } };
}

/** `aws-chunked` is of the wire and not of the object. */
function storedEncoding(headers: IncomingHttpHeaders): string | undefined {
  const encodings = (header(headers, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  const kept = encodings.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked');
  return kept.length === 0 ? undefined : kept.join(',');
}

/** Ownership is the bucket owner's and storage is of one class, as new buckets have it. */
function assertPlain(headers: IncomingHttpHeaders): void {
  const acl = header(headers, 'x-amz-acl');
  if (acl !== undefined && acl !== 'bucket-owner-full-control' && acl !== 'private') {
    throw new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);
  }
  const storageClass = header(headers, 'x-amz-storage-class');
  if (storageClass !== undefined && storageClass !== 'STANDARD') {
    throw notImplemented(`The storage class ${storageClass}`);
  }
}

/** `x-amz-version-id`, where the bucket keeps versions. */
export const versionHeaders = (bucket: Bucket, version: Version): Record<string, string> =>
  bucket.versioning === undefined && version.versionId === NULL_VERSION
    ? {}
    : { 'x-amz-version-id': version.versionId };

export function checksumHeaders({ checksum }: Pick<ObjectContent, 'checksum'>): Record<string, string> {
  if (!checksum) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

/** The headers of GetObject and HeadObject, but for those about length and range. */
export function describeObject(bucket: Bucket, version: Version, content: ObjectContent): Record<string, string> {
  return {
    ...content.headers,
    ...Object.fromEntries(Object.entries(content.metadata).map(([name, value]) => [`${METADATA}${name}`, value])),
    ...encryptionHeaders(content.encryption),
    ...versionHeaders(bucket, version),
    'accept-ranges': 'bytes',
    etag: `"${content.etag}"`,
    'last-modified': new Date(version.modifiedAtMs).toUTCString(),
  };
}
