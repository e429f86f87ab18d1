import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';

let runtime: TestRuntime;
let dev: S3Client;
let acc: S3Client;
let bucketNumber = 0;
let Bucket = '';

beforeAll(async () => {
  runtime = await startTestRuntime();
  dev = new S3Client(runtime.client(DEV));
  acc = new S3Client(runtime.client(ACC));
});
afterAll(() => runtime.dispose());

const makeBucket = async (properties: JsonObject = {}, accountId = DEV): Promise<string> => {
  const BucketName = `bucket-${++bucketNumber}`;
  await runtime.put(accountId, 'AWS::S3::Bucket', { BucketName, ...properties });
  return BucketName;
};
const VERSIONED: JsonObject = { VersioningConfiguration: { Status: 'Enabled' } };

const put = (Key: string, Body: string | Buffer, bucket = Bucket) =>
  dev.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
const read = async (Key: string, VersionId?: string, bucket = Bucket) =>
  (await dev.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }))).Body?.transformToString();
const refusal = async (sent: Promise<unknown>): Promise<{ name: string; status: number; message: string }> => {
  try {
    await sent;
  } catch (error) {
    const { name, message, $metadata } = error as {
      name: string;
      message: string;
      $metadata: { httpStatusCode: number };
    };
    if (!$metadata) throw error;
    return { name, message, status: $metadata.httpStatusCode };
  }
  throw new Error('It was not refused.');
};
/** Everything that holds bytes of objects: files and, for small ones, rows. */
const storedBodies = () => [
  ...readdirSync(join(runtime.directory, DEV, 's3-objects')),
  ...runtime
    .store(DEV)
    .prepare('SELECT name FROM s3_small_bodies ORDER BY name')
    .all()
    .map(({ name }) => String(name)),
];

describe('objects', () => {
  beforeEach(async () => {
    Bucket = await makeBucket(VERSIONED);
  });

  test('what was put is what is got, with its type, metadata, ETag and checksum', async () => {
    const content = Buffer.from('héllo\r\nworld');
    const answer = await dev.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a.txt',
        Body: content,
        ContentType: 'text/plain',
        CacheControl: 'no-cache',
        Metadata: { owner: 'ml' },
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const md5 = `"${createHash('md5').update(content).digest('hex')}"`;
    expect(answer).toMatchObject({ ETag: md5, ServerSideEncryption: 'AES256', ChecksumType: 'FULL_OBJECT' });
    expect(answer.ChecksumSHA256).toBe(createHash('sha256').update(content).digest('base64'));

    const got = await dev.send(new GetObjectCommand({ Bucket, Key: 'a.txt', ChecksumMode: 'ENABLED' }));
    expect(got).toMatchObject({
      ETag: md5,
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentLength: content.length,
      Metadata: { owner: 'ml' },
      VersionId: answer.VersionId,
      ChecksumSHA256: answer.ChecksumSHA256,
    });
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(content);
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'a %s checksum that fits is stored, and one that does not is BadDigest',
    async (ChecksumAlgorithm) => {
      const member = `Checksum${ChecksumAlgorithm}`;
      // 123456789: the check value of the CRC catalogue.
      const check = { CRC32: 'cbf43926', CRC32C: 'e3069283', CRC64NVME: 'ae8b14860a799888', SHA1: '', SHA256: '' }[
        ChecksumAlgorithm
      ];
      const digest =
        check === ''
          ? createHash(ChecksumAlgorithm.toLowerCase()).update('123456789').digest('base64')
          : Buffer.from(check, 'hex').toString('base64');
      const input = { Bucket, Key: 'sum', ChecksumAlgorithm };
      const answer = await dev.send(new PutObjectCommand({ ...input, Body: '123456789', [member]: digest }));
      expect(answer[member as 'ChecksumCRC32']).toBe(digest);

      const refused = await refusal(dev.send(new PutObjectCommand({ ...input, Body: '12345678X', [member]: digest })));
      expect(refused).toMatchObject({ name: 'BadDigest', status: 400 });
      expect(await read('sum')).toBe('123456789');
    },
  );

  test('a wrong Content-MD5 stores nothing and leaves no bytes', async () => {
    const before = storedBodies();
    const ContentMD5 = createHash('md5').update('other').digest('base64');
    expect(await refusal(dev.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'body', ContentMD5 })))).toMatchObject(
      {
        name: 'BadDigest',
      },
    );
    expect(storedBodies()).toEqual(before);
    expect((await refusal(dev.send(new HeadObjectCommand({ Bucket, Key: 'x' })))).status).toBe(404);
  });

  test('a body of unknown length is streamed with a trailing checksum', async () => {
    const pieces = Array.from({ length: 40 }, (_piece, at) => Buffer.alloc(50_000, at));
    const content = Buffer.concat(pieces);
    await dev.send(
      new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from(pieces), ContentLength: content.length }),
    );
    const got = await dev.send(new GetObjectCommand({ Bucket, Key: 'stream' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(content)).toBe(true);
  });

  test.each([
    'with space/and+plus',
    'percent%2Bencoded%20already',
    '../../etc/passwd',
    './a/../b',
    'ünïcödé/日本語/🦭',
    'quotes\'"&<>',
    'trailing/',
    '//double//slash',
    'question?and#hash',
    'tab\tand\nnewline',
    'constructor',
  ])('the key %j is itself, and no path', async (Key) => {
    await put(Key, Key);
    expect(await read(Key)).toBe(Key);
    const { Contents } = await dev.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
    expect(Contents?.map((entry) => decodeURIComponent((entry.Key ?? '').replaceAll('+', ' ')))).toEqual([Key]);
    await dev.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
    expect((await refusal(dev.send(new HeadObjectCommand({ Bucket, Key })))).status).toBe(404);
  });

  test('of fifty writers with If-None-Match: * exactly one wins, and its bytes stand', async () => {
    const racers = Array.from({ length: 50 }, (_racer, at) =>
      dev.send(new PutObjectCommand({ Bucket, Key: 'lock', Body: `writer ${at}`, IfNoneMatch: '*' })).then(
        () => at,
        (error: Error) => error.name,
      ),
    );
    const results = await Promise.all(racers);
    const winners = results.filter((result) => typeof result === 'number');
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => result === 'PreconditionFailed')).toHaveLength(49);
    expect(await read('lock')).toBe(`writer ${winners[0]}`);
    const { Versions } = await dev.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'lock' }));
    expect(Versions).toHaveLength(1);
  });

  test('If-Match lets a writer replace only what it has seen', async () => {
    const first = await put('doc', 'one');
    await put('doc', 'two');
    const late = new PutObjectCommand({ Bucket, Key: 'doc', Body: 'three', IfMatch: first.ETag });
    expect(await refusal(dev.send(late))).toMatchObject({ name: 'PreconditionFailed', status: 412 });
    expect(await read('doc')).toBe('two');
    const missing = new PutObjectCommand({ Bucket, Key: 'none', Body: 'x', IfMatch: first.ETag });
    expect(await refusal(dev.send(missing))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  });

  test('ranges, part of them and past the end', async () => {
    await put('digits', '0123456789');
    const range = (Range: string) => dev.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
    const middle = await range('bytes=2-4');
    expect(middle).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3 });
    expect(middle.$metadata.httpStatusCode).toBe(206);
    expect(await middle.Body?.transformToString()).toBe('234');
    expect(await (await range('bytes=-3')).Body?.transformToString()).toBe('789');
    expect(await (await range('bytes=8-99')).Body?.transformToString()).toBe('89');
    expect(await refusal(range('bytes=10-'))).toMatchObject({ name: 'InvalidRange', status: 416 });
  });

  test('conditional reads answer 304 and 412', async () => {
    const { ETag } = await put('doc', 'one');
    const get = (more: object) => dev.send(new GetObjectCommand({ Bucket, Key: 'doc', ...more }));
    expect((await refusal(get({ IfNoneMatch: ETag }))).status).toBe(304);
    expect((await refusal(get({ IfMatch: '"other"' }))).status).toBe(412);
    expect((await refusal(get({ IfModifiedSince: new Date(Date.now() + 60_000) }))).status).toBe(304);
    expect((await refusal(get({ IfUnmodifiedSince: new Date(0) }))).status).toBe(412);
    const overridden = await get({ IfMatch: ETag, ResponseContentType: 'text/csv' });
    expect(overridden.ContentType).toBe('text/csv');
  });
});

describe('versions', () => {
  beforeEach(async () => {
    Bucket = await makeBucket(VERSIONED);
  });

  test('each version stays readable under its id, and a delete only puts a marker on top', async () => {
    const first = await put('doc', 'one');
    const second = await put('doc', 'two');
    const marker = await dev.send(new DeleteObjectCommand({ Bucket, Key: 'doc' }));
    expect(marker).toMatchObject({ DeleteMarker: true });
    expect(await refusal(dev.send(new GetObjectCommand({ Bucket, Key: 'doc' })))).toMatchObject({ name: 'NoSuchKey' });
    expect(await read('doc', first.VersionId)).toBe('one');
    expect(await read('doc', second.VersionId)).toBe('two');
    const onMarker = dev.send(new GetObjectCommand({ Bucket, Key: 'doc', VersionId: marker.VersionId }));
    expect(await refusal(onMarker)).toMatchObject({ name: 'MethodNotAllowed', status: 405 });

    const { Versions, DeleteMarkers } = await dev.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      [first.VersionId, false],
    ]);
    expect(DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([[marker.VersionId, true]]);

    await dev.send(new DeleteObjectCommand({ Bucket, Key: 'doc', VersionId: marker.VersionId }));
    expect(await read('doc')).toBe('two');
    await dev.send(new DeleteObjectCommand({ Bucket, Key: 'doc', VersionId: second.VersionId }));
    expect(await read('doc')).toBe('one');
  });

  test('a bucket that keeps versions is deleted only when none is left', async () => {
    const { VersionId } = await put('doc', 'one');
    await dev.send(new DeleteObjectCommand({ Bucket, Key: 'doc' }));
    expect(await refusal(dev.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({ name: 'BucketNotEmpty' });
    const { DeleteMarkers = [] } = await dev.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [
      { Key: 'doc', VersionId },
      ...DeleteMarkers.map((marker) => ({ Key: 'doc', VersionId: marker.VersionId })),
    ];
    await dev.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    await dev.send(new DeleteBucketCommand({ Bucket }));
    expect(await refusal(dev.send(new HeadBucketCommand({ Bucket })))).toMatchObject({ status: 404 });
  });

  test('without versioning a second put replaces the first, bytes and all', async () => {
    const plain = await makeBucket();
    await put('doc', 'one', plain);
    const files = storedBodies();
    const answer = await put('doc', 'two', plain);
    expect(answer.VersionId).toBeUndefined();
    expect(await read('doc', undefined, plain)).toBe('two');
    await expect.poll(() => storedBodies().length).toBe(files.length);
    const { Versions } = await dev.send(new ListObjectVersionsCommand({ Bucket: plain }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['null']);
  });
});

describe('listing', () => {
  test('pages through keys and common prefixes in the order of their bytes', async () => {
    const bucket = await makeBucket();
    const keys = ['a', 'b/1', 'b/2', 'b/3', 'c', 'd/1', 'd/x/2', 'é', 'z'];
    for (const key of keys.toReversed()) await put(key, key, bucket);
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    let pages = 0;
    do {
      const page = await dev.send(
        new ListObjectsV2Command({ Bucket: bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
      );
      ContinuationToken = page.NextContinuationToken;
      pages++;
    } while (ContinuationToken);
    expect(seen.sort()).toEqual(['a', 'b/', 'c', 'd/', 'z', 'é']);
    expect(pages).toBe(3);

    const inside = await dev.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'b/', StartAfter: 'b/1' }));
    expect(inside.Contents?.map(({ Key }) => Key)).toEqual(['b/2', 'b/3']);
  });

  test('pages through versions', async () => {
    const bucket = await makeBucket(VERSIONED);
    const ids: (string | undefined)[] = [];
    for (const key of ['a', 'b', 'b', 'b', 'c']) ids.push((await put(key, key, bucket)).VersionId);
    const seen: (string | undefined)[] = [];
    let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    do {
      const page = await dev.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 2, ...marker }));
      seen.push(...(page.Versions ?? []).map(({ VersionId }) => VersionId));
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    } while (marker.KeyMarker);
    expect(seen).toEqual([ids[0], ids[3], ids[2], ids[1], ids[4]]);
  });
});

describe('multipart', () => {
  const MIB = 1024 * 1024;
  beforeEach(async () => {
    Bucket = await makeBucket(VERSIONED);
  });

  test.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('parts become one object with a %s %s checksum', async (ChecksumAlgorithm, ChecksumType) => {
    const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(5 * MIB + 17, 'b'), Buffer.from('the end')];
    const target = { Bucket, Key: 'big' };
    const { UploadId } = await dev.send(
      new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm, ChecksumType }),
    );
    const Parts = [];
    for (const [at, Body] of parts.entries()) {
      const PartNumber = at + 1;
      const sent = await dev.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body, ChecksumAlgorithm }));
      const member = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32';
      Parts.push({ PartNumber, ETag: sent.ETag, [member]: sent[member] });
    }
    const listed = await dev.send(new ListPartsCommand({ ...target, UploadId }));
    expect(listed.Parts?.map(({ Size }) => Size)).toEqual(parts.map((part) => part.length));
    const done = await dev.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
    );
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);

    // A full-object checksum is verified by the SDK while it reads.
    const got = await dev.send(new GetObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(got.ChecksumType).toBe(ChecksumType);
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(parts))).toBe(true);
    const across = await dev.send(
      new GetObjectCommand({ ...target, Range: `bytes=${10 * MIB + 15}-${10 * MIB + 19}` }),
    );
    expect(await across.Body?.transformToString()).toBe('bbthe');
    const part = await dev.send(new HeadObjectCommand({ ...target, PartNumber: 2 }));
    expect(part).toMatchObject({ PartsCount: 3, ContentLength: 5 * MIB + 17 });
  });

  test('a part that is too small, missing or out of order is refused and the upload goes on', async () => {
    const target = { Bucket, Key: 'big' };
    const { UploadId } = await dev.send(new CreateMultipartUploadCommand(target));
    const upload = (PartNumber: number) =>
      dev.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: `part ${PartNumber}` }));
    const [one, two] = [await upload(1), await upload(2)];
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      refusal(dev.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } })));
    const [first, second] = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    expect(await complete([first, second])).toMatchObject({ name: 'EntityTooSmall' });
    expect(await complete([second, first])).toMatchObject({ name: 'InvalidPartOrder' });
    expect(await complete([{ PartNumber: 1, ETag: '"0"' }])).toMatchObject({ name: 'InvalidPart' });
    await dev.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: [second] } }));
    expect(await read('big')).toBe('part 2');
  });

  test('an aborted upload leaves no bytes', async () => {
    const before = storedBodies();
    const target = { Bucket, Key: 'big' };
    const { UploadId } = await dev.send(new CreateMultipartUploadCommand(target));
    await dev.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x' }));
    await dev.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    await expect.poll(storedBodies).toEqual(before);
    expect(await refusal(dev.send(new ListPartsCommand({ ...target, UploadId })))).toMatchObject({
      name: 'NoSuchUpload',
    });
  });
});

describe('copies', () => {
  test('a copy has its own life, and says where it comes from', async () => {
    Bucket = await makeBucket(VERSIONED);
    const source = await put('from+plus &', 'content');
    const copy = await dev.send(
      new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/${encodeURIComponent('from+plus &')}` }),
    );
    expect(copy).toMatchObject({ CopySourceVersionId: source.VersionId });
    expect(copy.CopyObjectResult?.ETag).toBe(source.ETag);
    await dev.send(new DeleteObjectCommand({ Bucket, Key: 'from+plus &', VersionId: source.VersionId }));
    expect(await read('to')).toBe('content');
    const onto = dev.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/to` }));
    expect(await refusal(onto)).toMatchObject({ name: 'InvalidRequest' });
  });

  test('another account copies what the bucket policy lets it read, and nothing else', async () => {
    const source = await makeBucket(VERSIONED);
    const target = await makeBucket(VERSIONED, ACC);
    await put('outbound/model', 'weights', source);
    await put('private/data', 'rows', source);
    await runtime.put(DEV, 'AWS::S3::BucketPolicy', {
      Bucket: source,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACC}:root` },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${source}/outbound/*`,
        },
      },
    });
    const copy = (Key: string) =>
      acc.send(new CopyObjectCommand({ Bucket: target, Key, CopySource: `${source}/${Key}` }));
    await copy('outbound/model');
    const got = await acc.send(new GetObjectCommand({ Bucket: target, Key: 'outbound/model' }));
    expect(await got.Body?.transformToString()).toBe('weights');
    expect(await refusal(copy('private/data'))).toMatchObject({ name: 'AccessDenied', status: 403 });
    // Not there, and not to be known that it is not: the policy gives no s3:ListBucket.
    expect(await refusal(acc.send(new GetObjectCommand({ Bucket: source, Key: 'outbound/none' })))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(await refusal(dev.send(new GetObjectCommand({ Bucket: target, Key: 'outbound/model' })))).toMatchObject({
      name: 'AccessDenied',
    });
  });
});

describe('buckets', () => {
  test('a name is taken in all accounts, and the bucket is where its maker is', async () => {
    const name = 'made-by-dev';
    const CreateBucketConfiguration = { LocationConstraint: REGION as 'eu-west-1' };
    await dev.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    expect(await refusal(dev.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration })))).toMatchObject(
      {
        name: 'BucketAlreadyOwnedByYou',
        status: 409,
      },
    );
    expect(await refusal(acc.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration })))).toMatchObject(
      {
        name: 'BucketAlreadyExists',
        status: 409,
      },
    );
    await expect(runtime.put(ACC, 'AWS::S3::Bucket', { BucketName: name })).rejects.toMatchObject({
      code: 'BucketAlreadyExists',
    });
    const listed = await dev.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toContain(name);
    expect((await dev.send(new GetBucketLocationCommand({ Bucket: name }))).LocationConstraint).toBe(REGION);
    expect(await refusal(acc.send(new HeadBucketCommand({ Bucket: name })))).toMatchObject({ status: 403 });
  });

  test('a template gives a bucket its encryption, versioning and a generated name', async () => {
    const keyArn = (await runtime.put(DEV, 'AWS::KMS::Key', {}, 'BucketKey')).attributes.Arn as string;
    const made = await runtime.put(
      DEV,
      'AWS::S3::Bucket',
      {
        ...VERSIONED,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
            },
          ],
        },
      },
      'DataBucket',
    );
    expect(made.physicalId).toMatch(/^test-databucket-[0-9a-f]{12}$/);
    expect(made.attributes).toMatchObject({ Arn: `arn:aws:s3:::${made.physicalId}` });
    expect(await put('x', 'x', made.physicalId)).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: keyArn,
      BucketKeyEnabled: true,
    });
    expect((await dev.send(new GetBucketVersioningCommand({ Bucket: made.physicalId }))).Status).toBe('Enabled');
  });

  test('a policy that would open the bucket to everybody is refused while public policies are blocked', async () => {
    const bucket = await makeBucket();
    const policy = (Statement: object) =>
      dev.send(
        new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
      );
    const Resource = `arn:aws:s3:::${bucket}/*`;
    expect(await refusal(policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource }))).toMatchObject({
      name: 'AccessDenied',
    });
    expect(
      await refusal(policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::other/*' })),
    ).toMatchObject({ name: 'MalformedPolicy' });
    expect(await refusal(dev.send(new GetBucketPolicyCommand({ Bucket: bucket })))).toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
    await policy({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    await put('x', 'x', bucket);
  });

  test('what is not done is refused by name', async () => {
    const bucket = await makeBucket();
    await put('x', 'x', bucket);
    const acl = dev.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'x' }));
    expect(await refusal(acl)).toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('?acl') });
    const redirected = dev.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'x', Body: 'y', WebsiteRedirectLocation: '/z' }),
    );
    expect(await refusal(redirected)).toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('x-amz-website-redirect-location'),
    });
    expect(await read('x', undefined, bucket)).toBe('x');
  });
});

describe('after a crash', () => {
  test('objects are there, and bytes that no object names are swept', async () => {
    const first = await startTestRuntime();
    let client = new S3Client(first.client(DEV));
    await first.put(DEV, 'AWS::S3::Bucket', { BucketName: 'kept' });
    const large = 'content '.repeat(10_000);
    await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'small', Body: 'content' }));
    await client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'large', Body: large }));
    await first.stop();
    const folder = join(first.directory, DEV, 's3-objects');
    // As a process leaves it that was killed between writing the bytes and committing the row.
    writeFileSync(join(folder, 'half-written'), 'half');

    const second = await startTestRuntime({ directory: first.directory });
    client = new S3Client(second.client(DEV));
    for (const [Key, content] of Object.entries({ small: 'content', large })) {
      const got = await client.send(new GetObjectCommand({ Bucket: 'kept', Key }));
      expect(await got.Body?.transformToString()).toBe(content);
    }
    expect(readdirSync(folder)).toHaveLength(1);
    await second.dispose();
  });
});
