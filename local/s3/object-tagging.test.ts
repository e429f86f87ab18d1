import {
  CopyObjectCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type Tag,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';
import { clientInRole } from './test-role.ts';

const Bucket = 'tagged';
let runtime: TestRuntime;
let s3: S3Client;

beforeAll(async () => {
  runtime = await startTestRuntime();
  s3 = new S3Client(runtime.client(DEV));
  await runtime.put(DEV, 'AWS::S3::Bucket', {
    BucketName: Bucket,
    VersioningConfiguration: { Status: 'Enabled' },
  });
});
afterAll(() => runtime.dispose());

const put = async (Key: string, Tagging?: string, client = s3) =>
  (await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', Tagging }))).VersionId as string;
const tag = (Key: string, TagSet: Tag[], VersionId?: string, client = s3) =>
  client.send(new PutObjectTaggingCommand({ Bucket, Key, VersionId, Tagging: { TagSet } }));
const tagsOf = async (Key: string, VersionId?: string): Promise<Record<string, string | undefined>> => {
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }));
  return Object.fromEntries((TagSet ?? []).map(({ Key: name, Value }) => [name, Value]));
};
const inRole = async (name: string, statements: readonly JsonObject[]): Promise<S3Client> =>
  new S3Client(await clientInRole(runtime, name, statements));
const refusal = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'it was done',
    (error: { name: string; message: string }) => `${error.name}: ${error.message}`,
  );

test('tags are of one version, replaced as a whole, and taken away', async () => {
  const first = await put('versions', 'kind=model&note=a%2Bb+c');
  const second = await put('versions');
  expect(await tagsOf('versions', first)).toEqual({ kind: 'model', note: 'a+b c' });
  expect(await tagsOf('versions')).toEqual({});

  await tag('versions', [{ Key: 'stage', Value: 'new' }], second);
  await tag('versions', [{ Key: 'only', Value: 'this' }], first);
  expect(await tagsOf('versions', first)).toEqual({ only: 'this' });
  expect(Object.keys(await tagsOf('versions'))).toEqual(['stage']);

  await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'versions', VersionId: first }));
  expect(await tagsOf('versions', first)).toEqual({});
  expect(Object.keys(await tagsOf('versions', second))).toEqual(['stage']);
});

test('an object says how many tags it has, to who may read them', async () => {
  await put('counted', 'a=1&b=2');
  expect((await s3.send(new GetObjectCommand({ Bucket, Key: 'counted' }))).TagCount).toBe(2);
  const reader = await inRole('reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }]);
  const got = await reader.send(new GetObjectCommand({ Bucket, Key: 'counted' }));
  expect(got.TagCount).toBeUndefined();
  const asked = reader.send(new GetObjectTaggingCommand({ Bucket, Key: 'counted' }));
  expect(await refusal(asked)).toMatch(/^AccessDenied: .*s3:GetObjectTagging/);
});

test('a copy takes the tags along or gets others', async () => {
  await put('source', 'a=1');
  const CopySource = `${Bucket}/source`;
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
  expect(await tagsOf('copy')).toEqual({ a: '1' });
  const replaced = { Bucket, Key: 'copy', CopySource, TaggingDirective: 'REPLACE' } as const;
  await s3.send(new CopyObjectCommand({ ...replaced, Tagging: 'b=2' }));
  expect(await tagsOf('copy')).toEqual({ b: '2' });
  const copier = await inRole('copier', [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }]);
  const unallowed = copier.send(new CopyObjectCommand({ Bucket, Key: 'another', CopySource }));
  expect(await refusal(unallowed)).toMatch(/^AccessDenied: .*s3:GetObjectTagging/);
  await copier.send(new CopyObjectCommand({ ...replaced, Key: 'another' }));
  expect(await tagsOf('another')).toEqual({});
});

test('policies see the tags that a request asks for', async () => {
  const on = { Effect: 'Allow', Resource: '*' };
  const tagger = await inRole('tagger', [
    { ...on, Action: 's3:PutObject' },
    {
      ...on,
      Action: 's3:PutObjectTagging',
      Condition: {
        StringEquals: { 's3:RequestObjectTag/stage': ['dev', 'acc'] },
        'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['stage'] },
      },
    },
  ]);
  await put('by-role', 'stage=dev', tagger);
  await tag('by-role', [{ Key: 'stage', Value: 'acc' }], undefined, tagger);
  expect(await refusal(tag('by-role', [{ Key: 'stage', Value: 'prd' }], undefined, tagger))).toMatch(/^AccessDenied/);
  expect(await refusal(put('by-role', 'stage=dev&more=1', tagger))).toMatch(/^AccessDenied/);
  expect(await tagsOf('by-role')).toEqual({ stage: 'acc' });
});

test.each([
  [
    'too many',
    Array.from({ length: 11 }, (_tag, at) => ({ Key: `k${at}`, Value: '' })),
    'BadRequest: Object tags cannot be greater than 10',
  ],
  [
    'the same twice',
    [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ],
    'InvalidTag: Cannot provide multiple Tags with the same key',
  ],
  [
    'a key too long',
    [{ Key: 'k'.repeat(129), Value: '' }],
    'InvalidTag: The TagKey you have provided is too long, max allowed is 128',
  ],
  [
    'a value too long',
    [{ Key: 'k', Value: 'v'.repeat(257) }],
    'InvalidTag: The TagValue you have provided is too long, max allowed is 256',
  ],
  ['AWS’s own', [{ Key: 'aws:x', Value: '' }], 'InvalidTag: System tags cannot be added/updated by requester'],
  ['a sign that is none', [{ Key: 'k', Value: '<' }], 'InvalidTag: The TagValue you have provided is invalid'],
] as const)('%s is refused, and the tags stay as they were', async (_name, TagSet, message) => {
  await put('refused', 'was=here');
  expect(await refusal(tag('refused', [...TagSet]))).toBe(message);
  expect(await tagsOf('refused')).toEqual({ was: 'here' });
});

test('a header that names a tag twice is refused, and nothing is put', async () => {
  expect(await refusal(put('header', 'a=1&a=2'))).toMatch(
    /^InvalidArgument: The header 'x-amz-tagging' shall be encoded/,
  );
  expect(await refusal(tagsOf('header'))).toMatch(/^NoSuchKey/);
});

test('a bucket has tags too', async () => {
  const TagSet = [{ Key: 'team', Value: 'ml' }];
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
  await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
  expect(await refusal(s3.send(new GetBucketTaggingCommand({ Bucket })))).toMatch(/^NoSuchTagSet/);
});
