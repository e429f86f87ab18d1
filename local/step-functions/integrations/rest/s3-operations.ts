import type { HeaderType, RestOperation } from './rest-operation.ts';
import type { XmlStructure } from './xml-answer.ts';

type Headers = Readonly<Record<string, readonly [string, HeaderType]>>;

const OWNER = { ExpectedBucketOwner: 'x-amz-expected-bucket-owner' };
const METADATA = { member: 'Metadata', prefix: 'x-amz-meta-' };

const CONTENT = {
  CacheControl: 'cache-control',
  ContentDisposition: 'content-disposition',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ContentType: 'content-type',
};
const ENCRYPTION = {
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  BucketKeyEnabled: 'x-amz-server-side-encryption-bucket-key-enabled',
};
const CHECKSUMS = {
  ChecksumCRC32: 'x-amz-checksum-crc32',
  ChecksumCRC32C: 'x-amz-checksum-crc32c',
  ChecksumCRC64NVME: 'x-amz-checksum-crc64nvme',
  ChecksumSHA1: 'x-amz-checksum-sha1',
  ChecksumSHA256: 'x-amz-checksum-sha256',
};
const CONDITIONS = { IfMatch: 'if-match', IfNoneMatch: 'if-none-match' };
const READ_CONDITIONS = {
  ...CONDITIONS,
  IfModifiedSince: 'if-modified-since',
  IfUnmodifiedSince: 'if-unmodified-since',
};

const text = (names: Readonly<Record<string, string>>): Headers =>
  Object.fromEntries(Object.entries(names).map(([member, name]) => [member, [name, 'text']]));

const STORED: Headers = {
  ...text({ ...CHECKSUMS, ...ENCRYPTION }),
  BucketKeyEnabled: [ENCRYPTION.BucketKeyEnabled, 'boolean'],
  ChecksumType: ['x-amz-checksum-type', 'text'],
  VersionId: ['x-amz-version-id', 'text'],
};
const READ: Headers = {
  ...STORED,
  ...text({ ...CONTENT, AcceptRanges: 'accept-ranges', ContentRange: 'content-range', ETag: 'etag' }),
  ContentLength: ['content-length', 'number'],
  LastModified: ['last-modified', 'date'],
  PartsCount: ['x-amz-mp-parts-count', 'number'],
};
const READ_REQUEST = {
  query: { VersionId: 'versionId', PartNumber: 'partNumber' },
  headers: { ...OWNER, ...READ_CONDITIONS, Range: 'range', ChecksumMode: 'x-amz-checksum-mode' },
  prefixed: METADATA,
};

const OBJECT: XmlStructure = {
  members: {
    ChecksumAlgorithm: { list: 'text' },
    ChecksumType: 'text',
    ETag: 'text',
    Key: 'text',
    LastModified: 'date',
    Owner: { members: { DisplayName: 'text', ID: 'text' } },
    Size: 'number',
    StorageClass: 'text',
  },
};
const COMMON_PREFIXES = { list: { members: { Prefix: 'text' } } } as const;

/** The S3 API's operations that a task can ask of the local S3. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html */
export const S3_OPERATIONS: Readonly<Record<string, RestOperation>> = {
  GetObject: {
    method: 'GET',
    path: '/{Bucket}/{Key+}',
    ...READ_REQUEST,
    answer: { headers: READ, prefixed: true, text: 'Body' },
  },
  HeadObject: {
    method: 'HEAD',
    path: '/{Bucket}/{Key+}',
    ...READ_REQUEST,
    answer: { headers: READ, prefixed: true },
  },
  PutObject: {
    method: 'PUT',
    path: '/{Bucket}/{Key+}',
    headers: { ...OWNER, ...CONTENT, ...ENCRYPTION, ...CHECKSUMS, ...CONDITIONS, ContentMD5: 'content-md5' },
    prefixed: METADATA,
    body: { member: 'Body', as: 'blob', checksum: CHECKSUMS.ChecksumCRC32 },
    answer: { headers: { ...STORED, ETag: ['etag', 'text'] } },
  },
  CopyObject: {
    method: 'PUT',
    path: '/{Bucket}/{Key+}',
    headers: {
      ...OWNER,
      ...CONTENT,
      ...ENCRYPTION,
      ...CONDITIONS,
      CopySource: 'x-amz-copy-source',
      CopySourceIfMatch: 'x-amz-copy-source-if-match',
      CopySourceIfNoneMatch: 'x-amz-copy-source-if-none-match',
      MetadataDirective: 'x-amz-metadata-directive',
      ChecksumAlgorithm: 'x-amz-checksum-algorithm',
    },
    prefixed: METADATA,
    answer: {
      headers: { ...STORED, CopySourceVersionId: ['x-amz-copy-source-version-id', 'text'] },
      xml: { members: { ETag: 'text', LastModified: 'date' } },
      xmlMember: 'CopyObjectResult',
    },
  },
  DeleteObject: {
    method: 'DELETE',
    path: '/{Bucket}/{Key+}',
    query: { VersionId: 'versionId' },
    headers: { ...OWNER, IfMatch: 'if-match' },
    answer: {
      headers: { DeleteMarker: ['x-amz-delete-marker', 'boolean'], VersionId: ['x-amz-version-id', 'text'] },
    },
  },
  DeleteObjects: {
    method: 'POST',
    path: '/{Bucket}?delete',
    headers: OWNER,
    body: { member: 'Delete', as: 'xml', root: 'Delete' },
    answer: {
      xml: {
        members: {
          Deleted: {
            list: {
              members: { DeleteMarker: 'boolean', DeleteMarkerVersionId: 'text', Key: 'text', VersionId: 'text' },
            },
          },
          Errors: { list: { members: { Code: 'text', Key: 'text', Message: 'text', VersionId: 'text' } } },
        },
        elements: { Errors: 'Error' },
      },
    },
  },
  ListObjectsV2: {
    method: 'GET',
    path: '/{Bucket}',
    query: {
      ContinuationToken: 'continuation-token',
      Delimiter: 'delimiter',
      EncodingType: 'encoding-type',
      FetchOwner: 'fetch-owner',
      MaxKeys: 'max-keys',
      Prefix: 'prefix',
      StartAfter: 'start-after',
    },
    headers: OWNER,
    fixedQuery: { 'list-type': '2' },
    answer: {
      xml: {
        members: {
          CommonPrefixes: COMMON_PREFIXES,
          Contents: { list: OBJECT },
          ContinuationToken: 'text',
          Delimiter: 'text',
          EncodingType: 'text',
          IsTruncated: 'boolean',
          KeyCount: 'number',
          MaxKeys: 'number',
          Name: 'text',
          NextContinuationToken: 'text',
          Prefix: 'text',
          StartAfter: 'text',
        },
      },
    },
  },
  ListObjectVersions: {
    method: 'GET',
    path: '/{Bucket}?versions',
    query: {
      Delimiter: 'delimiter',
      EncodingType: 'encoding-type',
      KeyMarker: 'key-marker',
      MaxKeys: 'max-keys',
      Prefix: 'prefix',
      VersionIdMarker: 'version-id-marker',
    },
    headers: OWNER,
    answer: {
      xml: {
        members: {
          CommonPrefixes: COMMON_PREFIXES,
          DeleteMarkers: {
            list: { members: { IsLatest: 'boolean', Key: 'text', LastModified: 'date', VersionId: 'text' } },
          },
          IsTruncated: 'boolean',
          KeyMarker: 'text',
          MaxKeys: 'number',
          Name: 'text',
          NextKeyMarker: 'text',
          NextVersionIdMarker: 'text',
          Prefix: 'text',
          VersionIdMarker: 'text',
          Versions: { list: { members: { ...OBJECT.members, IsLatest: 'boolean', VersionId: 'text' } } },
        },
        elements: { DeleteMarkers: 'DeleteMarker', Versions: 'Version' },
      },
    },
  },
  ListBuckets: {
    method: 'GET',
    path: '/',
    query: { BucketRegion: 'bucket-region', MaxBuckets: 'max-buckets', Prefix: 'prefix' },
    answer: {
      xml: {
        members: {
          Buckets: {
            list: { members: { BucketArn: 'text', BucketRegion: 'text', CreationDate: 'date', Name: 'text' } },
            of: 'Bucket',
          },
          Owner: { members: { DisplayName: 'text', ID: 'text' } },
        },
      },
    },
  },
  HeadBucket: {
    method: 'HEAD',
    path: '/{Bucket}',
    headers: OWNER,
    answer: { headers: { BucketRegion: ['x-amz-bucket-region', 'text'] } },
  },
  CreateBucket: { method: 'PUT', path: '/{Bucket}', answer: { headers: { Location: ['location', 'text'] } } },
  DeleteBucket: { method: 'DELETE', path: '/{Bucket}', headers: OWNER },
  GetBucketVersioning: {
    method: 'GET',
    path: '/{Bucket}?versioning',
    headers: OWNER,
    answer: { xml: { members: { Status: 'text' } } },
  },
  PutBucketVersioning: {
    method: 'PUT',
    path: '/{Bucket}?versioning',
    headers: OWNER,
    body: { member: 'VersioningConfiguration', as: 'xml', root: 'VersioningConfiguration' },
  },
  GetBucketTagging: {
    method: 'GET',
    path: '/{Bucket}?tagging',
    headers: OWNER,
    answer: {
      xml: { members: { TagSet: { list: { members: { Key: 'text', Value: 'text' } }, of: 'Tag' } } },
    },
  },
  GetBucketPolicy: { method: 'GET', path: '/{Bucket}?policy', headers: OWNER, answer: { text: 'Policy' } },
};
