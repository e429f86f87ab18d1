import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';
import { clientInRole } from './test-role.ts';

const Bucket = 'sealed';
let runtime: TestRuntime;
let s3: S3Client;
let keyArn: string;

beforeAll(async () => {
  runtime = await startTestRuntime();
  s3 = new S3Client(runtime.client(DEV));
  keyArn = await makeKey('Key');
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: Bucket });
  await runtime.put(DEV, 'AWS::KMS::Alias', { AliasName: 'alias/data', TargetKeyId: keyArn });
});
afterAll(() => runtime.dispose());

const makeKey = async (logicalId: string, properties: JsonObject = {}) =>
  (await runtime.put(DEV, 'AWS::KMS::Key', properties, logicalId)).attributes.Arn as string;
const WITH_KMS = { ServerSideEncryption: 'aws:kms' } as const;
const bytesOf = async (Key: string, Range?: string, client = s3): Promise<Buffer> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};
const names = () => ({
  files: new Set(readdirSync(join(runtime.directory, DEV, 's3-objects'))),
  rows: new Set(
    runtime
      .store(DEV)
      .prepare('SELECT name FROM s3_small_bodies')
      .all()
      .map(({ name }) => String(name)),
  ),
});
/** The bytes as they are kept of what `write` puts. */
async function keptOf(write: () => Promise<unknown>): Promise<Buffer> {
  const before = names();
  await write();
  const after = names();
  const files = [...after.files].filter((file) => !before.files.has(file));
  const rows = [...after.rows].filter((row) => !before.rows.has(row));
  const select = runtime.store(DEV).prepare('SELECT bytes FROM s3_small_bodies WHERE name = ?');
  return Buffer.concat([
    ...files.map((file) => readFileSync(join(runtime.directory, DEV, 's3-objects', file))),
    ...rows.map((row) => select.get(row)?.bytes as Uint8Array),
  ]);
}
const inRole = async (RoleName: string, Statement: readonly JsonObject[]) =>
  new S3Client(await clientInRole(runtime, RoleName, Statement));

describe.each([
  ['AES256', {}],
  ['aws:kms', WITH_KMS],
] as const)('%s', (_name, encryption) => {
  test.each([
    ['a small object', 1000],
    ['a large one', 1_000_000],
  ])('%s is kept encrypted, and any range of it reads as it was put', async (Key, size) => {
    const content = Buffer.alloc(size, 'all the same but for where it stands ');
    const kept = await keptOf(() => s3.send(new PutObjectCommand({ Bucket, Key, Body: content, ...encryption })));
    expect(kept).toHaveLength(size);
    expect(kept.includes(content.subarray(0, 16))).toBe(false);
    expect((await bytesOf(Key)).equals(content)).toBe(true);
    for (const [first, last] of [
      [0, 0],
      [15, 16],
      [16, 31],
      [17, 900],
      [size - 1, size - 1],
      [size - 33, size - 1],
    ] as const) {
      expect((await bytesOf(Key, `bytes=${first}-${last}`)).equals(content.subarray(first, last + 1))).toBe(true);
    }
  });

  test('the same bytes are kept as other bytes each time', async () => {
    const put = () =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'the same'.repeat(10), ...encryption }));
    expect((await keptOf(put)).equals(await keptOf(put))).toBe(false);
  });

  test('parts are read across their borders', async () => {
    const target = { Bucket, Key: 'parts' };
    const parts = [Buffer.alloc(5 * 1024 * 1024 + 3, 'one'), Buffer.from('two')];
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, ...encryption }));
    const Parts = [];
    for (const [at, Body] of parts.entries()) {
      const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: at + 1, Body }));
      Parts.push({ PartNumber: at + 1, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    const whole = Buffer.concat(parts);
    expect((await bytesOf('parts')).equals(whole)).toBe(true);
    expect((await bytesOf('parts', 'bytes=-20')).equals(whole.subarray(-20))).toBe(true);
  });
});

describe('a KMS key', () => {
  test('leaves no MD5 in the ETag, and stands in the answer by its ARN, also when it was named by its alias or id', async () => {
    const md5 = `"${createHash('md5').update('x').digest('hex')}"`;
    for (const SSEKMSKeyId of ['alias/data', keyArn.split('/')[1], keyArn]) {
      const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'named', Body: 'x', ...WITH_KMS, SSEKMSKeyId }));
      expect(put).toMatchObject({ ...WITH_KMS, SSEKMSKeyId: keyArn, ETag: expect.not.stringContaining(md5) });
    }
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'named' }))).toMatchObject({ SSEKMSKeyId: keyArn });
    const plain = await s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'x' }));
    expect(plain.ETag).toBe(md5);
  });

  test('must be the caller’s to use: to generate a data key for a write, to decrypt for a read', async () => {
    const arn = `arn:aws:s3:::${Bucket}`;
    const objects = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${arn}/*` };
    const writer = await inRole('writer', [
      objects,
      {
        Effect: 'Allow',
        Action: 'kms:GenerateDataKey',
        Resource: keyArn,
        Condition: {
          StringEquals: {
            'kms:ViaService': 's3.eu-west-1.amazonaws.com',
            'kms:EncryptionContext:aws:s3:arn': `${arn}/secret`,
          },
        },
      },
    ]);
    const reader = await inRole('reader', [objects, { Effect: 'Allow', Action: 'kms:Decrypt', Resource: keyArn }]);
    const put = (client: S3Client, Key: string) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body: 'content', ...WITH_KMS, SSEKMSKeyId: keyArn }));
    await put(writer, 'secret');
    await expect(put(writer, 'other')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put(reader, 'secret')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('kms:GenerateDataKey'),
    });
    expect((await bytesOf('secret', undefined, reader)).toString()).toBe('content');
    await expect(bytesOf('secret', undefined, writer)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('kms:Decrypt'),
    });
    // What is not encrypted is told without the key.
    expect(await writer.send(new HeadObjectCommand({ Bucket, Key: 'secret' }))).toMatchObject({ ContentLength: 7 });
  });

  test('is the bucket’s default, of a template or by PutBucketEncryption', async () => {
    const bucket = 'by-default';
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: bucket });
    const byDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/data' } as const;
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }],
        },
      }),
    );
    const shown = await s3.send(new GetBucketEncryptionCommand({ Bucket: bucket }));
    expect(shown.ServerSideEncryptionConfiguration?.Rules?.[0]).toMatchObject({
      ApplyServerSideEncryptionByDefault: byDefault,
      BucketKeyEnabled: true,
    });
    expect(await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'x', Body: 'x' }))).toMatchObject({
      ...WITH_KMS,
      SSEKMSKeyId: keyArn,
      BucketKeyEnabled: true,
    });
  });

  test('that is disabled or not there is KMS’s own refusal, and a copy under another key outlives it', async () => {
    const other = await makeKey('Other');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'original', Body: 'content', ...WITH_KMS, SSEKMSKeyId: other }));
    await s3.send(
      new CopyObjectCommand({
        ...{ Bucket, Key: 'copy', CopySource: `${Bucket}/original` },
        ...{ ...WITH_KMS, SSEKMSKeyId: keyArn },
      }),
    );
    const handler = runtime.resourceHandlers(DEV).find(({ type }) => type === 'AWS::KMS::Key');
    await handler?.put({
      stackName: 'test',
      logicalId: 'Other',
      properties: { Enabled: false },
      previous: { physicalId: other.split('/')[1] as string, properties: {} },
      artifact: () => Buffer.alloc(0),
    });
    await expect(bytesOf('original')).rejects.toMatchObject({ name: 'KMS.DisabledException' });
    expect((await bytesOf('copy')).toString()).toBe('content');
    const none = keyArn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: 'none', Body: 'x', ...WITH_KMS, SSEKMSKeyId: none })),
    ).rejects.toMatchObject({ name: 'KMS.NotFoundException' });
  });
});

test('what an earlier release stored plain still reads', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'old', Body: 'y'.repeat(100_000) }));
  const store = runtime.store(DEV);
  const row = store.prepare('SELECT id, content FROM s3_versions WHERE key = ?').get(Buffer.from('old'));
  const content = JSON.parse(String(row?.content)) as {
    encryption: { sealedDataKey?: string };
    segments: { file: string; iv?: string }[];
  };
  delete content.encryption.sealedDataKey;
  for (const segment of content.segments) {
    delete segment.iv;
    writeFileSync(join(runtime.directory, DEV, 's3-objects', segment.file), 'y'.repeat(100_000));
  }
  store.prepare('UPDATE s3_versions SET content = ? WHERE id = ?').run(JSON.stringify(content), row?.id as number);
  expect((await bytesOf('old', 'bytes=-3')).toString()).toBe('yyy');
});
