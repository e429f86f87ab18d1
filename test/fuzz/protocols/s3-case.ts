import { S3_OPERATIONS, S3_REFUSED } from '../../../local/support/rest-operations.ts';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { type Draft, headerText, signed, written } from './draft.ts';
import type { MakeCase } from './fuzz-case.ts';
import { noise, oddText, TEXTS } from './values.ts';

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const BODIES: Readonly<Record<string, string>> = {
  CreateBucket: `<CreateBucketConfiguration ${NAMESPACE}><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`,
  PutBucketVersioning: `<VersioningConfiguration ${NAMESPACE}><Status>Enabled</Status></VersioningConfiguration>`,
  PutBucketPolicy:
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}',
  PutBucketEncryption: `<ServerSideEncryptionConfiguration ${NAMESPACE}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`,
  PutBucketNotificationConfiguration: `<NotificationConfiguration ${NAMESPACE}><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>`,
  DeleteObjects: `<Delete ${NAMESPACE}><Quiet>false</Quiet><Object><Key>none</Key></Object><Object><Key>key</Key><VersionId>x</VersionId></Object></Delete>`,
  CompleteMultipartUpload: `<CompleteMultipartUpload ${NAMESPACE}><Part><PartNumber>1</PartNumber><ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag></Part></CompleteMultipartUpload>`,
  PutObjectLockConfiguration: `<ObjectLockConfiguration ${NAMESPACE}><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>`,
  PutObjectRetention: `<Retention ${NAMESPACE}><Mode>GOVERNANCE</Mode><RetainUntilDate>2027-01-01T00:00:00Z</RetainUntilDate></Retention>`,
  PutObjectLegalHold: `<LegalHold ${NAMESPACE}><Status>ON</Status></LegalHold>`,
  PutObjectTagging: `<Tagging ${NAMESPACE}><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`,
  PutPublicAccessBlock: `<PublicAccessBlockConfiguration ${NAMESPACE}><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>`,
  PutBucketLifecycleConfiguration: `<LifecycleConfiguration ${NAMESPACE}><Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`,
  PutObject: 'hello, object',
  UploadPart: 'hello, part',
};

const XML_TEXTS: readonly string[] = [
  '<!DOCTYPE a [<!ENTITY x "y">]>',
  '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
  '&x;',
  '&#0;',
  '&#x110000;',
  '&#xd800;',
  '&amp',
  '<![CDATA[x]]>',
  '<![CDATA[',
  '<!--',
  '<?php ?>',
  '<a:b xmlns:a="x"/>',
  '<__proto__>1</__proto__>',
  '<constructor><prototype>1</prototype></constructor>',
  '<Key></Key>',
  '<Key/>',
  '<Key>\u0001</Key>',
  '</a>',
  '<',
  '>',
  '<a b=>',
  `<${'a'.repeat(10_000)}/>`,
  `<a ${'b="c" '.repeat(2000)}/>`,
];

function brokenXml(random: SeededRandom, text: string): Buffer {
  const at = random.below(text.length + 1);
  switch (random.below(11)) {
    case 0:
      return Buffer.from(text.slice(0, at));
    case 1:
      return Buffer.from(`${text.slice(0, at)}${pick(random, XML_TEXTS)}${text.slice(at)}`);
    case 2:
      return Buffer.concat([Buffer.from(text.slice(0, at)), noise(random, 8), Buffer.from(text.slice(at))]);
    case 3: {
      const depth = pick(random, [13, 500, 20_000]);
      return Buffer.from(text.replace(/>([^<]*)</, `>${'<a>'.repeat(depth)}$1${'</a>'.repeat(depth)}<`));
    }
    case 4:
      return Buffer.from('<a>'.repeat(pick(random, [20, 50_000])));
    case 5: {
      const value = escaped(oddText(random));
      return Buffer.from(text.replace(/>([^<>]+)</, () => `>${value}<`));
    }
    case 6: {
      // One of the elements, many times.
      const [whole = '<Part></Part>'] = /<(Object|Part|Rule|Tag|Statement)>.*?<\/\1>/.exec(text) ?? [];
      return Buffer.from(text.replace(whole, whole.repeat(pick(random, [2, 1001, 10_001]))));
    }
    case 7:
      return Buffer.from(text.replace(/<(\w+)>([^<]*)<\/\1>/, '').replace(NAMESPACE, 'xmlns="urn:none"'));
    case 8:
      return Buffer.concat([Buffer.from('\ufeff'), Buffer.from(text)]);
    case 9:
      return Buffer.from(text, 'utf16le');
    default:
      return Buffer.from(pick(random, ['', ' ', '{}', '<a/>', '<?xml version="1.0"?>', 'x'.repeat(70_000)]));
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const PARAMETERS = [
  'versionId',
  'partNumber',
  'uploadId',
  'uploads',
  'max-keys',
  'max-parts',
  'max-uploads',
  'part-number-marker',
  'prefix',
  'delimiter',
  'encoding-type',
  'continuation-token',
  'start-after',
  'fetch-owner',
  'key-marker',
  'version-id-marker',
  'upload-id-marker',
  'response-content-type',
  'response-content-disposition',
  'response-cache-control',
  'response-expires',
  'list-type',
  'versions',
  'delete',
  'tagging',
  'acl',
  'retention',
  'legal-hold',
  'object-lock',
  'attributes',
  'x-id',
  '__proto__',
  'constructor',
];

const HEADERS = [
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'content-md5',
  'content-type',
  'content-encoding',
  'content-disposition',
  'cache-control',
  'expires',
  'x-amz-copy-source',
  'x-amz-copy-source-range',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-metadata-directive',
  'x-amz-tagging-directive',
  'x-amz-meta-a',
  'x-amz-meta-__proto__',
  'x-amz-tagging',
  'x-amz-acl',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-checksum-sha256',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-algorithm',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-mp-object-size',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-bypass-governance-retention',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-expected-bucket-owner',
  'x-amz-max-parts',
  'x-amz-part-number-marker',
  'x-amz-object-attributes',
  'x-amz-website-redirect-location',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-write-offset-bytes',
  'x-amz-if-match-size',
];

const HEADER_VALUES: readonly string[] = [
  'bytes=0-4',
  'bytes=-5',
  'bytes=5-',
  'bytes=9-2',
  'bytes=0-99999999999999999999',
  'bytes=0-1,3-4',
  'bytes=a-b',
  '*',
  '"d41d8cd98f00b204e9800998ecf8427e"',
  'W/"x"',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Fri, 99 Foo 2026 99:99:99 GMT',
  '2099-01-01T00:00:00Z',
  '/bucket/other-key',
  '/bucket/other-key?versionId=x',
  'bucket/%zz',
  '/none/key',
  '/bucket',
  'COPY',
  'REPLACE',
  'GOVERNANCE',
  'ON',
  'AES256',
  'aws:kms',
  'aws:kms:dsse',
  'SHA256',
  'CRC64NVME',
  'FULL_OBJECT',
  'COMPOSITE',
  'ENABLED',
  'true',
  '0',
  '-1',
  '1e3',
  'AAAAAA==',
  'a=b&c=d',
  'a=b&a=b',
  '%',
  'eyJhIjoiYiJ9',
  'eyJhIjox',
  'ETag,ObjectSize',
  '111111111111',
  'aws-chunked',
  'gzip',
];

type Change = (random: SeededRandom, draft: Draft) => Draft;

const oddSegment = (random: SeededRandom): string =>
  random.below(3) === 0
    ? pick(random, [
        '%',
        '%zz',
        '%00',
        '%ff',
        '%c0%af',
        '..',
        '%2e%2e',
        '%2F',
        '',
        '//',
        'x'.repeat(1025),
        'é'.length > 0 ? '%C3%A9' : '',
        '+',
        '%0d%0a',
      ])
    : encodeURIComponent(wellFormed(pick(random, TEXTS))).slice(0, 3000);

const wellFormed = (text: string): string => text.replaceAll(/[\ud800-\udfff]/g, '?');

const CHANGES: readonly Change[] = [
  (random, draft) => {
    const parts = draft.path.split('/');
    parts[1 + random.below(Math.max(1, parts.length - 1))] = oddSegment(random);
    return { ...draft, path: parts.join('/') };
  },
  (random, draft) => {
    const value =
      random.below(3) === 0 ? pick(random, ['', '0', '1', '-1', '1001', '99999999999', 'x']) : oddSegment(random);
    const parameter = `${pick(random, PARAMETERS)}${random.below(4) === 0 ? '' : `=${value}`}`;
    return { ...draft, query: draft.query === '' ? parameter : `${draft.query}&${parameter}` };
  },
  (random, draft) => {
    const parts = draft.query.split('&').filter((part) => part !== '');
    if (parts.length === 0) return draft;
    const at = random.below(parts.length);
    const [name = ''] = parts[at]!.split('=');
    parts[at] = random.below(3) === 0 ? '' : `${name}=${oddSegment(random)}`;
    return { ...draft, query: parts.filter((part) => part !== '').join('&') };
  },
  addHeader,
  addHeader,
  addHeader,
  (random, draft) => ({ ...draft, method: pick(random, ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']) }),
  (random, draft) => ({ ...draft, body: brokenXml(random, draft.body.toString('utf8')) }),
  (random, draft) => ({ ...draft, body: brokenXml(random, draft.body.toString('utf8')) }),
];

function addHeader(random: SeededRandom, draft: Draft): Draft {
  const value = random.below(3) > 0 ? pick(random, HEADER_VALUES) : headerText(oddText(random));
  return { ...draft, headers: [...draft.headers, [pick(random, HEADERS), value]] };
}

/** S3: path, parameters, headers and documents with something wrong in them, signed as they should be. */
export const s3Case: MakeCase = (random, world) => {
  const { name, request, headers = {} } = pick(random, random.below(12) === 0 ? S3_REFUSED : S3_OPERATIONS);
  const [method = '', target = ''] = request.split(' ');
  const [path = '/', query = ''] = target.split('?');
  let draft: Draft = {
    method,
    path,
    query,
    headers: [['host', `127.0.0.1:${world.port}`], ...Object.entries(headers)],
    body: Buffer.from(
      BODIES[name] ?? (method === 'PUT' || method === 'POST' ? pick(random, Object.values(BODIES)) : ''),
    ),
  };
  // The document itself is what most operations that take one are about.
  const document = Object.hasOwn(BODIES, name) && name !== 'PutObject' && name !== 'UploadPart';
  if (document && random.below(2) === 0) draft = { ...draft, body: brokenXml(random, draft.body.toString('utf8')) };
  else for (let times = 1 + random.below(3); times > 0; times--) draft = pick(random, CHANGES)(random, draft);
  // Signed headers longer than a server takes are the business of http-case.
  const payloadHash = random.below(4) === 0 ? 'UNSIGNED-PAYLOAD' : undefined;
  return {
    operation: `s3:${name}`,
    shape: 's3',
    method: draft.method,
    pieces: written(
      signed(draft, { credentials: world.credentials, service: 's3', ...(payloadHash ? { payloadHash } : {}) }),
    ),
  };
};
