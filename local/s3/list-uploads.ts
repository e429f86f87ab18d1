import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { readListing } from './listing.ts';
import type { ObjectStore } from './objects.ts';
import { type BucketRequest, type ObjectRequest, pageSize, takeOnly } from './request.ts';
import { invalidArgument } from './s3-error.ts';
import type { Upload } from './uploads.ts';
import { writeXml, type XmlElement } from './xml.ts';

const XML = { 'content-type': 'application/xml' };

/** ListParts */
export async function listParts({ uploads }: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('ListParts', request, ['uploadId', 'max-parts', 'part-number-marker'], []);
  requireAccess({ call, action: 'ListMultipartUploadParts', bucket, key });
  const upload = uploads.get(bucket, key, rest.query.get('uploadId') ?? '');
  const markerText = rest.query.get('part-number-marker') ?? '';
  if (!/^\d{0,9}$/.test(markerText)) {
    throw invalidArgument(
      'Provided part-number-marker not an integer or within integer range',
      'part-number-marker',
      markerText,
    );
  }
  const marker = Number(markerText);
  const maxParts = pageSize(rest.query, 'max-parts');
  const later = uploads.parts(upload).filter(({ number }) => number > marker);
  const page = later.slice(0, maxParts);
  const body = writeXml('ListPartsResult', [
    ['Bucket', bucket.name],
    ['Key', key],
    ['UploadId', upload.uploadId],
    ['PartNumberMarker', marker],
    ['NextPartNumberMarker', page.at(-1)?.number ?? 0],
    ['MaxParts', maxParts],
    ['IsTruncated', later.length > page.length],
    ['ChecksumAlgorithm', upload.algorithm],
    ['ChecksumType', upload.checksumType],
    ...page.map(
      (part): XmlElement => [
        'Part',
        [
          ['PartNumber', part.number],
          ['LastModified', new Date(part.modifiedAtMs).toISOString()],
          ['ETag', `"${part.etag}"`],
          ['Size', part.segment.bytes],
          [`Checksum${upload.algorithm}`, part.checksum],
        ],
      ],
    ),
    ['StorageClass', 'STANDARD'],
  ]);
  return { statusCode: 200, headers: XML, body };
}

/** ListMultipartUploads, by key and then by age. */
export async function listUploads({ uploads }: ObjectStore, request: BucketRequest): Promise<RestResponse> {
  const { rest, call, bucket } = request;
  takeOnly(
    'ListMultipartUploads',
    request,
    ['uploads', 'prefix', 'encoding-type', 'max-uploads', 'key-marker', 'upload-id-marker'],
    [],
  );
  requireAccess({ call, action: 'ListBucketMultipartUploads', bucket });
  const { prefix, encode, encodingType } = readListing(request);
  const maxUploads = pageSize(rest.query, 'max-uploads');
  const [keyMarker, idMarker] = [rest.query.get('key-marker') ?? '', rest.query.get('upload-id-marker') ?? ''];
  const later = uploadsBehind(
    uploads.list(bucket).filter(({ key }) => key.startsWith(prefix)),
    keyMarker,
    idMarker,
  );
  const page = later.slice(0, maxUploads);
  const last = maxUploads > 0 && page.length < later.length ? page.at(-1) : undefined;
  const body = writeXml('ListMultipartUploadsResult', [
    ['Bucket', bucket.name],
    ['KeyMarker', encode(keyMarker)],
    ['UploadIdMarker', idMarker],
    ['NextKeyMarker', last && encode(last.key)],
    ['NextUploadIdMarker', last?.uploadId],
    ['Prefix', encode(prefix)],
    ['EncodingType', encodingType],
    ['MaxUploads', maxUploads],
    ['IsTruncated', last !== undefined],
    ...page.map(
      (upload): XmlElement => [
        'Upload',
        [
          ['Key', encode(upload.key)],
          ['UploadId', upload.uploadId],
          ['Initiated', new Date(upload.createdAtMs).toISOString()],
          ['StorageClass', 'STANDARD'],
          ['ChecksumAlgorithm', upload.algorithm],
          ['ChecksumType', upload.checksumType],
        ],
      ],
    ),
  ]);
  return { statusCode: 200, headers: XML, body };
}

/** A key's marker stands behind all of its uploads, unless an upload's stands with it. */
function uploadsBehind(all: readonly Upload[], keyMarker: string, idMarker: string): readonly Upload[] {
  if (keyMarker === '') return all;
  const marker = Buffer.from(keyMarker);
  const marked =
    idMarker === '' ? -1 : all.findIndex(({ key, uploadId }) => key === keyMarker && uploadId === idMarker);
  if (marked >= 0) return all.slice(marked + 1);
  return all.filter(({ key }) => Buffer.compare(Buffer.from(key), marker) > 0);
}
