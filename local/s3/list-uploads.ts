import type { RestResponse } from '../service.ts';
import { requireAccess } from './access.ts';
import { type BucketRequest, type ObjectRequest, pageSize, takeOnly } from './request.ts';
import type { Uploads } from './uploads.ts';
import { writeXml, type XmlElement } from './xml.ts';

const XML = { 'content-type': 'application/xml' };

/** ListParts */
export async function listParts(uploads: Uploads, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('ListParts', request, ['uploadId', 'max-parts', 'part-number-marker'], []);
  requireAccess({ call, action: 'ListMultipartUploadParts', bucket, key });
  const upload = uploads.get(bucket, key, rest.query.get('uploadId') ?? '');
  const marker = Number(rest.query.get('part-number-marker') ?? 0);
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

/** ListMultipartUploads, in one page. */
export async function listUploads(uploads: Uploads, request: BucketRequest): Promise<RestResponse> {
  const { rest, call, bucket } = request;
  takeOnly('ListMultipartUploads', request, ['uploads', 'prefix'], []);
  requireAccess({ call, action: 'ListBucketMultipartUploads', bucket });
  const prefix = rest.query.get('prefix') ?? '';
  const body = writeXml('ListMultipartUploadsResult', [
    ['Bucket', bucket.name],
    ['Prefix', prefix],
    ['IsTruncated', false],
    ...uploads
      .list(bucket)
      .filter(({ key }) => key.startsWith(prefix))
      .map(
        (upload): XmlElement => [
          'Upload',
          [
            ['Key', upload.key],
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
