/** An operation of a REST service and a request for it, as its router sees one. The test sends it. */
export interface RestOperation {
  readonly name: string;
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const COPY = { 'x-amz-copy-source': '/bucket/other-key' };

export const S3_OPERATIONS: readonly RestOperation[] = [
  { name: 'ListBuckets', request: 'GET /' },
  { name: 'CreateBucket', request: 'PUT /new-bucket' },
  { name: 'HeadBucket', request: 'HEAD /bucket' },
  { name: 'DeleteBucket', request: 'DELETE /bucket' },
  { name: 'GetBucketLocation', request: 'GET /bucket?location' },
  { name: 'GetBucketVersioning', request: 'GET /bucket?versioning' },
  { name: 'PutBucketVersioning', request: 'PUT /bucket?versioning' },
  { name: 'GetBucketPolicy', request: 'GET /bucket?policy' },
  { name: 'PutBucketPolicy', request: 'PUT /bucket?policy' },
  { name: 'DeleteBucketPolicy', request: 'DELETE /bucket?policy' },
  { name: 'GetBucketEncryption', request: 'GET /bucket?encryption' },
  { name: 'PutBucketEncryption', request: 'PUT /bucket?encryption' },
  { name: 'GetBucketNotificationConfiguration', request: 'GET /bucket?notification' },
  { name: 'PutBucketNotificationConfiguration', request: 'PUT /bucket?notification' },
  { name: 'DeleteBucketEncryption', request: 'DELETE /bucket?encryption' },
  { name: 'GetPublicAccessBlock', request: 'GET /bucket?publicAccessBlock' },
  { name: 'PutPublicAccessBlock', request: 'PUT /bucket?publicAccessBlock' },
  { name: 'DeletePublicAccessBlock', request: 'DELETE /bucket?publicAccessBlock' },
  { name: 'GetBucketTagging', request: 'GET /bucket?tagging' },
  { name: 'PutBucketTagging', request: 'PUT /bucket?tagging' },
  { name: 'DeleteBucketTagging', request: 'DELETE /bucket?tagging' },
  { name: 'GetObjectLockConfiguration', request: 'GET /bucket?object-lock' },
  { name: 'PutObjectLockConfiguration', request: 'PUT /bucket?object-lock' },
  { name: 'ListObjects', request: 'GET /bucket' },
  { name: 'ListObjectsV2', request: 'GET /bucket?list-type=2' },
  { name: 'ListObjectVersions', request: 'GET /bucket?versions' },
  { name: 'PutObject', request: 'PUT /bucket/key' },
  { name: 'GetObject', request: 'GET /bucket/key' },
  { name: 'HeadObject', request: 'HEAD /bucket/key' },
  { name: 'CopyObject', request: 'PUT /bucket/key', headers: COPY },
  { name: 'DeleteObject', request: 'DELETE /bucket/key' },
  { name: 'DeleteObjects', request: 'POST /bucket?delete' },
  { name: 'GetObjectTagging', request: 'GET /bucket/key?tagging' },
  { name: 'PutObjectTagging', request: 'PUT /bucket/key?tagging' },
  { name: 'DeleteObjectTagging', request: 'DELETE /bucket/key?tagging' },
  { name: 'GetObjectRetention', request: 'GET /bucket/key?retention' },
  { name: 'PutObjectRetention', request: 'PUT /bucket/key?retention' },
  { name: 'GetObjectLegalHold', request: 'GET /bucket/key?legal-hold' },
  { name: 'PutObjectLegalHold', request: 'PUT /bucket/key?legal-hold' },
  { name: 'CreateMultipartUpload', request: 'POST /bucket/key?uploads' },
  { name: 'UploadPart', request: 'PUT /bucket/key?partNumber=1&uploadId=x' },
  { name: 'UploadPartCopy', request: 'PUT /bucket/key?partNumber=1&uploadId=x', headers: COPY },
  { name: 'CompleteMultipartUpload', request: 'POST /bucket/key?uploadId=x' },
  { name: 'AbortMultipartUpload', request: 'DELETE /bucket/key?uploadId=x' },
  { name: 'ListParts', request: 'GET /bucket/key?uploadId=x' },
  { name: 'ListMultipartUploads', request: 'GET /bucket?uploads' },
];

/** Requests that AWS answers and that are refused here. */
export const S3_REFUSED: readonly RestOperation[] = [
  ...['acl', 'cors', 'lifecycle', 'logging', 'ownershipControls', 'replication', 'website'].map((subResource) => ({
    name: `?${subResource} of a bucket`,
    request: `GET /bucket?${subResource}`,
  })),
  ...['acl', 'attributes', 'torrent'].map((subResource) => ({
    name: `?${subResource} of an object`,
    request: `GET /bucket/key?${subResource}`,
  })),
  { name: 'SelectObjectContent', request: 'POST /bucket/key?select&select-type=2' },
  { name: 'RestoreObject', request: 'POST /bucket/key?restore' },
  { name: 'PostObject (browser forms)', request: 'POST /bucket' },
  {
    name: 'server-side encryption with a key that the customer sends (SSE-C)',
    request: 'PUT /bucket/key',
    headers: { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
  },
  {
    name: 'server-side encryption `aws:kms:dsse`',
    request: 'PUT /bucket/key',
    headers: { 'x-amz-server-side-encryption': 'aws:kms:dsse' },
  },
  {
    name: 'a storage class other than STANDARD',
    request: 'PUT /bucket/key',
    headers: { 'x-amz-storage-class': 'GLACIER' },
  },
  {
    name: '`If-None-Match` of a write with another value than `*`',
    request: 'PUT /bucket/key',
    headers: { 'if-none-match': '"e"' },
  },
];

const FUNCTION = '/2015-03-31/functions/f';

export const LAMBDA_OPERATIONS: readonly RestOperation[] = [
  { name: 'Invoke', request: `POST ${FUNCTION}/invocations` },
  { name: 'ListFunctions', request: 'GET /2015-03-31/functions/' },
  { name: 'GetFunction', request: `GET ${FUNCTION}` },
  { name: 'GetFunctionConfiguration', request: `GET ${FUNCTION}/configuration` },
  { name: 'PublishVersion', request: `POST ${FUNCTION}/versions` },
  { name: 'ListVersionsByFunction', request: `GET ${FUNCTION}/versions` },
  { name: 'CreateAlias', request: `POST ${FUNCTION}/aliases` },
  { name: 'GetAlias', request: `GET ${FUNCTION}/aliases/a` },
  { name: 'ListAliases', request: `GET ${FUNCTION}/aliases` },
  { name: 'UpdateAlias', request: `PUT ${FUNCTION}/aliases/a` },
  { name: 'DeleteAlias', request: `DELETE ${FUNCTION}/aliases/a` },
  { name: 'AddPermission', request: `POST ${FUNCTION}/policy` },
  { name: 'RemovePermission', request: `DELETE ${FUNCTION}/policy/s` },
  { name: 'GetPolicy', request: `GET ${FUNCTION}/policy` },
  { name: 'PutFunctionConcurrency', request: 'PUT /2017-10-31/functions/f/concurrency' },
  { name: 'GetFunctionConcurrency', request: 'GET /2019-09-30/functions/f/concurrency' },
  { name: 'DeleteFunctionConcurrency', request: 'DELETE /2017-10-31/functions/f/concurrency' },
  { name: 'GetFunctionUrlConfig', request: 'GET /2021-10-31/functions/f/url' },
  { name: 'ListFunctionUrlConfigs', request: 'GET /2021-10-31/functions/f/urls' },
  { name: 'ListEventSourceMappings', request: 'GET /2015-03-31/event-source-mappings/' },
  { name: 'GetEventSourceMapping', request: 'GET /2015-03-31/event-source-mappings/u' },
];

export const LAMBDA_REFUSED: readonly RestOperation[] = [
  { name: 'CreateFunction', request: 'POST /2015-03-31/functions' },
  { name: 'UpdateFunctionCode', request: `PUT ${FUNCTION}/code` },
  { name: 'UpdateFunctionConfiguration', request: `PUT ${FUNCTION}/configuration` },
  { name: 'DeleteFunction', request: `DELETE ${FUNCTION}` },
  { name: 'PutProvisionedConcurrencyConfig', request: 'PUT /2019-09-30/functions/f/provisioned-concurrency' },
  { name: 'PutFunctionEventInvokeConfig', request: 'PUT /2019-09-25/functions/f/event-invoke-config' },
  { name: 'CreateEventSourceMapping', request: 'POST /2015-03-31/event-source-mappings/' },
  { name: 'InvokeWithResponseStream', request: 'POST /2021-11-15/functions/f/response-streaming-invocations' },
  { name: 'ListLayers', request: 'GET /2018-10-31/layers' },
];
