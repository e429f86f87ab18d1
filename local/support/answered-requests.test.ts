import { expect, it } from 'vitest';
import { clientOf, restOperationOf } from './answered-requests.ts';

const asked = (service: 's3' | 'lambda', text: string, headers: Record<string, string> = {}) => {
  const [method = '', target = ''] = text.split(' ');
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  return restOperationOf({ service, method, rawPath: pathname, query: searchParams, headers });
};

it.each([
  ['GET /', 'ListBuckets'],
  ['PUT /logs', 'CreateBucket'],
  ['PUT /logs/', 'CreateBucket'],
  ['PUT /logs?versioning', 'PutBucketVersioning'],
  ['GET /logs?list-type=2&prefix=a%2F', 'ListObjectsV2'],
  ['PUT /logs/a/b.txt?x-id=PutObject', 'PutObject'],
  ['PUT /logs/a/b.txt?partNumber=2&uploadId=u', 'UploadPart'],
])('%s is %s', (request, operation) => {
  expect(asked('s3', request)).toBe(operation);
});

it('a PUT that names a source is a copy', () => {
  expect(asked('s3', 'PUT /logs/a', { 'x-amz-copy-source': '/logs/b' })).toBe('CopyObject');
  expect(asked('s3', 'PUT /logs/a?partNumber=1&uploadId=u', { 'x-amz-copy-source': '/logs/b' })).toBe('UploadPartCopy');
});

it.each([
  ['POST /2015-03-31/functions/train/invocations', 'Invoke'],
  ['GET /2015-03-31/functions', 'ListFunctions'],
  ['GET /2015-03-31/functions/train/aliases/live', 'GetAlias'],
  ['GET /2015-03-31/layers', undefined],
])('%s is %s', (request, operation) => {
  expect(asked('lambda', request)).toBe(operation);
});

it('a client is known by its user agent', () => {
  expect(['aws-cli/2.9.19 Python/3.11.2', 'aws-sdk-js/3.1164.0 ua/2.1', undefined].map(clientOf)).toEqual([
    'AWS CLI',
    'SDK',
    'by hand',
  ]);
});
