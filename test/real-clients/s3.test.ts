import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

const MIB = 1024 * 1024;
const BUCKET = 'real-clients';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: S3Client;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new S3Client({ ...runtime.client(DEV), forcePathStyle: true });
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: BUCKET });
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const api = (...words: string[]) => cli.json('s3api', ...words);
const s3 = (...words: string[]) => cli.text('s3', ...words);
const bucket = ['--bucket', BUCKET];
const json = (value: unknown) => JSON.stringify(value);

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** A file that no compression makes smaller, and its digest. */
async function bigFile(name: string, mebibytes: number) {
  const path = join(folder, name);
  const piece = Buffer.alloc(MIB);
  writeFileSync(path, '');
  for (let n = 0; n < mebibytes; n++) writeFileSync(path, randomFillSync(piece), { flag: 'a' });
  return { path, digest: await digestOf(path) };
}

describe('the SDK', { timeout: 120_000 }, () => {
  it('uploads 100 MiB in parts, copies a range as a part, and reads it back', async () => {
    const { path, digest } = await bigFile('parts', 100);
    const whole = { Bucket: BUCKET, Key: 'big' };
    const { UploadId } = await sdk.send(new CreateMultipartUploadCommand(whole));
    const { Uploads } = await sdk.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    expect(Uploads).toEqual([expect.objectContaining({ Key: 'big', UploadId })]);
    const bytes = readFileSync(path);
    const Parts = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const Body = bytes.subarray(n * 10 * MIB, (n + 1) * 10 * MIB);
        const part = { ...whole, UploadId, PartNumber: n + 1 };
        return { PartNumber: n + 1, ETag: (await sdk.send(new UploadPartCommand({ ...part, Body }))).ETag };
      }),
    );
    const done = await sdk.send(new CompleteMultipartUploadCommand({ ...whole, UploadId, MultipartUpload: { Parts } }));
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-10"$/);

    const { Body, ContentLength } = await sdk.send(new GetObjectCommand(whole));
    expect(ContentLength).toBe(100 * MIB);
    const hash = createHash('sha256');
    for await (const piece of Body as AsyncIterable<Buffer>) hash.update(piece);
    expect(hash.digest('hex')).toBe(digest);

    const copy = { Bucket: BUCKET, Key: 'range' };
    const { UploadId: copyId } = await sdk.send(new CreateMultipartUploadCommand(copy));
    const CopySourceRange = `bytes=${MIB}-${7 * MIB - 1}`;
    const source = { CopySource: `/${BUCKET}/big`, CopySourceRange };
    const { CopyPartResult } = await sdk.send(
      new UploadPartCopyCommand({ ...copy, UploadId: copyId, PartNumber: 1, ...source }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
    await sdk.send(new CompleteMultipartUploadCommand({ ...copy, UploadId: copyId, MultipartUpload }));
    const read = await sdk.send(new GetObjectCommand(copy));
    const copied = Buffer.from((await read.Body?.transformToByteArray()) ?? []);
    expect(copied.equals(bytes.subarray(MIB, 7 * MIB))).toBe(true);
  });

  it('writes where nothing is yet, once', async () => {
    const write = () => sdk.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'once', Body: 'x', IfNoneMatch: '*' }));
    const settled = await Promise.allSettled(Array.from({ length: 20 }, write));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [lost] = settled.filter((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(lost?.reason).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  });

  it('asks whether there is a bucket', async () => {
    await sdk.send(new HeadBucketCommand({ Bucket: BUCKET }));
    await expect(sdk.send(new HeadBucketCommand({ Bucket: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 180_000 }, () => {
  it.skipIf(awscliMissing)('copies a file of 100 MiB there and back, in parts of its own choice', async () => {
    const { path, digest } = await bigFile('upload', 100);
    await s3('cp', path, `s3://${BUCKET}/cli/big`, '--no-progress');
    expect(await api('head-object', ...bucket, '--key', 'cli/big')).toMatchObject({
      ContentLength: 100 * MIB,
      ETag: expect.stringMatching(/-\d+"$/),
    });
    await s3('cp', `s3://${BUCKET}/cli/big`, `s3://${BUCKET}/cli/copy`, '--no-progress');
    const back = join(folder, 'download');
    await s3('cp', `s3://${BUCKET}/cli/copy`, back, '--no-progress');
    expect(await digestOf(back)).toBe(digest);
  });

  it.skipIf(awscliMissing)('makes a bucket, syncs a folder with it, lists it and removes it', async () => {
    await s3('mb', 's3://synced');
    const from = join(folder, 'from');
    mkdirSync(join(from, 'nested'), { recursive: true });
    const names = ['a.txt', 'nested/b c.txt', 'nested/ü&<>.txt'];
    for (const name of names) writeFileSync(join(from, name), `this is ${name}`);
    await s3('sync', from, 's3://synced/data', '--no-progress');
    const listed = await s3('ls', 's3://synced/data/', '--recursive');
    for (const name of names) expect(listed).toContain(`data/${name}`);
    expect(await s3('ls', 's3://synced/data/')).toMatch(/PRE nested\/\n.* {1,}\d+ a\.txt\n/);
    // Nothing has changed since.
    expect(await s3('sync', from, 's3://synced/data', '--no-progress')).toBe('');
    const to = join(folder, 'to');
    await s3('sync', 's3://synced/data', to, '--no-progress');
    expect(
      readdirSync(to, { recursive: true })
        .filter((name) => String(name).endsWith('.txt'))
        .sort(),
    ).toEqual(names.sort());
    await s3('rm', 's3://synced', '--recursive');
    await s3('rb', 's3://synced');
    await expect(s3('ls', 's3://synced')).rejects.toThrow(
      'An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist',
    );
  });

  it.skipIf(awscliMissing)('keeps versions, and brings back what was deleted', async () => {
    await api('create-bucket', '--bucket', 'kept', '--create-bucket-configuration', `LocationConstraint=${REGION}`);
    const kept = ['--bucket', 'kept'];
    await api('put-bucket-versioning', ...kept, '--versioning-configuration', 'Status=Enabled');
    expect(await api('get-bucket-versioning', ...kept)).toEqual({ Status: 'Enabled' });
    const body = (text: string) => {
      const path = join(folder, 'body');
      writeFileSync(path, text);
      return ['--body', path];
    };
    const object = [...kept, '--key', 'file'];
    const first = await api('put-object', ...object, ...body('one'));
    await api('put-object', ...object, ...body('two'));
    const deleted = await api('delete-object', ...object);
    expect(deleted).toMatchObject({ DeleteMarker: true });
    await expect(api('get-object', ...object, join(folder, 'none'))).rejects.toThrow('(NoSuchKey)');
    expect(await api('list-object-versions', ...kept)).toMatchObject({
      Versions: [{ IsLatest: false }, { VersionId: first.VersionId }],
      DeleteMarkers: [{ VersionId: deleted.VersionId, IsLatest: true }],
    });
    await api('delete-object', ...object, '--version-id', String(deleted.VersionId));
    await api('get-object', ...object, '--range', 'bytes=0-1', join(folder, 'part'));
    expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('tw');
    const old = ['--version-id', String(first.VersionId)];
    await api('get-object', ...object, ...old, join(folder, 'old'));
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('one');
  });

  it.skipIf(awscliMissing)('sets and shows what a bucket is told', async () => {
    await api('create-bucket', '--bucket', 'told', '--create-bucket-configuration', `LocationConstraint=${REGION}`);
    const told = ['--bucket', 'told'];
    const policy = {
      Version: '2012-10-17',
      Statement: [
        { Sid: 'a', Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::told/*' },
      ],
    };
    await api('put-bucket-policy', ...told, '--policy', json(policy));
    expect(JSON.parse((await api('get-bucket-policy', ...told)).Policy as string)).toEqual(policy);
    await api('put-object', ...told, '--key', 'stays');
    await expect(api('delete-object', ...told, '--key', 'stays')).rejects.toThrow(
      'An error occurred (AccessDenied) when calling the DeleteObject operation',
    );
    await api('delete-bucket-policy', ...told);
    await expect(api('get-bucket-policy', ...told)).rejects.toThrow('(NoSuchBucketPolicy)');

    await api(
      'put-bucket-notification-configuration',
      ...told,
      '--notification-configuration',
      '{"EventBridgeConfiguration": {}}',
    );
    expect(await api('get-bucket-notification-configuration', ...told)).toEqual({ EventBridgeConfiguration: {} });

    const blocked = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    const flags = Object.keys(blocked).map((name) => `${name}=true`);
    await api('put-public-access-block', ...told, '--public-access-block-configuration', flags.join(','));
    expect(await api('get-public-access-block', ...told)).toEqual({ PublicAccessBlockConfiguration: blocked });
    await api('delete-public-access-block', ...told);

    await api('put-bucket-tagging', ...told, '--tagging', 'TagSet=[{Key=team,Value=risk}]');
    expect(await api('get-bucket-tagging', ...told)).toEqual({ TagSet: [{ Key: 'team', Value: 'risk' }] });
    await api('delete-bucket-tagging', ...told);
    await expect(api('get-bucket-tagging', ...told)).rejects.toThrow('(NoSuchTagSet)');
    await api('delete-bucket-encryption', ...told);

    await api('put-object-tagging', ...told, '--key', 'stays', '--tagging', 'TagSet=[{Key=a,Value=b}]');
    expect(await api('get-object-tagging', ...told, '--key', 'stays')).toMatchObject({
      TagSet: [{ Key: 'a', Value: 'b' }],
    });
    await api('delete-object-tagging', ...told, '--key', 'stays');
    expect(await api('list-objects', ...told)).toMatchObject({ Contents: [{ Key: 'stays' }] });
  });

  it.skipIf(awscliMissing)('locks an object, and lets nobody delete its version', async () => {
    const region = ['--create-bucket-configuration', `LocationConstraint=${REGION}`];
    await api('create-bucket', '--bucket', 'locked', ...region, '--object-lock-enabled-for-bucket');
    const locked = ['--bucket', 'locked'];
    const rule = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } };
    await api('put-object-lock-configuration', ...locked, '--object-lock-configuration', json(rule));
    expect(await api('get-object-lock-configuration', ...locked)).toEqual({ ObjectLockConfiguration: rule });
    const object = [...locked, '--key', 'evidence'];
    const { VersionId } = await api('put-object', ...object);
    expect(await api('get-object-retention', ...object)).toMatchObject({ Retention: { Mode: 'GOVERNANCE' } });
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await api('put-object-retention', ...object, '--retention', `Mode=COMPLIANCE,RetainUntilDate=${until}`);
    await api('put-object-legal-hold', ...object, '--legal-hold', 'Status=ON');
    expect(await api('get-object-legal-hold', ...object)).toEqual({ LegalHold: { Status: 'ON' } });
    await expect(
      api('delete-object', ...object, '--version-id', String(VersionId), '--bypass-governance-retention'),
    ).rejects.toThrow('An error occurred (AccessDenied) when calling the DeleteObject operation');
  });

  it.skipIf(awscliMissing)('presigns a link that anybody can use, until it is changed', async () => {
    writeFileSync(join(folder, 'linked'), 'for you');
    await s3('cp', join(folder, 'linked'), `s3://${BUCKET}/linked`);
    const link = (await s3('presign', `s3://${BUCKET}/linked`, '--expires-in', '60')).trim();
    expect(await (await fetch(link)).text()).toBe('for you');
    expect((await fetch(link.replace('linked', 'big'))).status).toBe(403);
  });
});
