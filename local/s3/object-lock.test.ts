import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  type ObjectLockRetention,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';
import { clientInRole } from './test-role.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const LOCKED = 'Access Denied because object protected by object lock.';
const Bucket = 'locked';
/** Whole seconds, and near enough to the wall clock for the SDK, which corrects its own by what answers say. */
const clock = new VirtualClock(Math.floor(Date.now() / 1000) * 1000);
let runtime: TestRuntime;
let s3: S3Client;
let number = 0;

beforeAll(async () => {
  runtime = await startTestRuntime({ clock });
  s3 = new S3Client(runtime.client(DEV));
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: Bucket, ObjectLockEnabled: true });
  await runtime.put(DEV, 'AWS::S3::Bucket', {
    BucketName: 'versioned',
    VersioningConfiguration: { Status: 'Enabled' },
  });
});
afterAll(() => runtime.dispose());

const inDays = (days: number): Date => new Date(clock.now() + days * DAY_MS);
const inRole = async (name: string, statements: readonly JsonObject[]): Promise<S3Client> =>
  new S3Client(await clientInRole(runtime, name, statements));
const refusal = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'it was done',
    (error: { name: string; message: string }) => `${error.name}: ${error.message}`,
  );

interface Locked {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
}
async function put(input: Partial<PutObjectCommandInput> = {}, client = s3): Promise<Locked> {
  const { Bucket: bucket = Bucket, Key = `object-${++number}`, ...more } = input;
  const target = { Bucket: bucket, Key };
  const { VersionId = '' } = await client.send(new PutObjectCommand({ ...target, ...more, Body: 'kept' }));
  return { ...target, VersionId };
}
const GOVERNED = () => ({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(1) }) as const;
const COMPLIANT = () => ({ ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(1) }) as const;
const BYPASS = { BypassGovernanceRetention: true };
const remove = (version: Locked, more: object = {}, client = s3) =>
  client.send(new DeleteObjectCommand({ ...version, ...more }));
const retain = (version: Locked, Retention: ObjectLockRetention, more: object = {}, client = s3) =>
  client.send(new PutObjectRetentionCommand({ ...version, Retention, ...more }));
const isThere = async (version: Locked): Promise<boolean> =>
  (await refusal(s3.send(new HeadObjectCommand(version)))) === 'it was done';

describe('a version under governance', () => {
  test('is deleted by nobody who does not ask to pass over it', async () => {
    const version = await put(GOVERNED());
    expect(await refusal(remove(version))).toBe(`AccessDenied: ${LOCKED}`);
    expect(await isThere(version)).toBe(true);
    await remove(version, BYPASS);
    expect(await isThere(version)).toBe(false);
  });

  test('is passed over only with a permission of its own', async () => {
    const version = await put(GOVERNED());
    const on = { Effect: 'Allow', Resource: `arn:aws:s3:::${Bucket}/*` };
    const deleter = await inRole('deleter', [{ ...on, Action: 's3:DeleteObjectVersion' }]);
    expect(await refusal(remove(version, BYPASS, deleter))).toBe(
      `AccessDenied: User: arn:aws:sts::${DEV}:assumed-role/deleter/test is not authorized to perform: s3:BypassGovernanceRetention on resource: "arn:aws:s3:::${Bucket}/${version.Key}" because no identity-based policy allows the s3:BypassGovernanceRetention action`,
    );
    const [unlocked, more] = [await put(), await put(GOVERNED())];
    // As the console does, which always asks.
    await remove(unlocked, BYPASS, deleter);
    const passer = await inRole('passer', [
      { ...on, Action: ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention'] },
    ]);
    expect(await refusal(remove(version, {}, passer))).toBe(`AccessDenied: ${LOCKED}`);
    await remove(version, BYPASS, passer);
    expect([await isThere(version), await isThere(unlocked), await isThere(more)]).toEqual([false, false, true]);
  });

  test('is told of one by one among others that are deleted', async () => {
    const [locked, free] = [await put(GOVERNED()), await put()];
    const objects = (versions: readonly Locked[]) => ({
      Objects: versions.map(({ Key, VersionId }) => ({ Key, VersionId })),
    });
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: objects([locked, free]) }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual([free.Key]);
    expect(answer.Errors).toMatchObject([{ Key: locked.Key, Code: 'AccessDenied', Message: LOCKED }]);
    const passed = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: objects([locked]), ...BYPASS }));
    expect(passed.Deleted).toHaveLength(1);
  });

  test('is retained longer by who may retain, and shorter or no more only when passed over', async () => {
    const version = await put(GOVERNED());
    const governed = (days: number) => ({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(days) }) as const;
    await retain(version, governed(3));
    expect(await refusal(retain(version, governed(2)))).toBe(`AccessDenied: ${LOCKED}`);
    expect(await refusal(retain(version, {}))).toBe(`AccessDenied: ${LOCKED}`);
    await retain(version, governed(2), BYPASS);
    expect((await s3.send(new GetObjectRetentionCommand(version))).Retention).toEqual(governed(2));
    await retain(version, {}, BYPASS);
    expect(await refusal(s3.send(new GetObjectRetentionCommand(version)))).toMatch(/^NoSuchObjectLockConfiguration: /);
    await remove(version);
  });
});

describe('a version under compliance', () => {
  test('is deleted by nobody, the root of the account included, until its day has come', async () => {
    const version = await put({ ...COMPLIANT(), ObjectLockRetainUntilDate: new Date(clock.now() + 60_000) });
    expect(await refusal(remove(version, BYPASS))).toBe(`AccessDenied: ${LOCKED}`);
    clock.advance(59_000);
    expect(await refusal(remove(version, BYPASS))).toBe(`AccessDenied: ${LOCKED}`);
    clock.advance(1000);
    await remove(version);
    expect(await isThere(version)).toBe(false);
  });

  test('is neither shortened nor made laxer, and may be retained longer', async () => {
    const version = await put(COMPLIANT());
    const change = (Mode: 'GOVERNANCE' | 'COMPLIANCE', days: number) =>
      refusal(retain(version, { Mode, RetainUntilDate: inDays(days) }, BYPASS));
    expect(await change('COMPLIANCE', 0.5)).toBe(`AccessDenied: ${LOCKED}`);
    expect(await change('GOVERNANCE', 5)).toBe(`AccessDenied: ${LOCKED}`);
    expect(await change('COMPLIANCE', 5)).toBe('it was done');
  });
});

describe('a legal hold', () => {
  test('keeps a version until it is lifted, whatever its retention', async () => {
    const version = await put({ ObjectLockLegalHoldStatus: 'ON', ...GOVERNED() });
    expect(await refusal(remove(version, BYPASS))).toBe(`AccessDenied: ${LOCKED}`);
    await s3.send(new PutObjectLegalHoldCommand({ ...version, LegalHold: { Status: 'OFF' } }));
    expect((await s3.send(new GetObjectLegalHoldCommand(version))).LegalHold).toEqual({ Status: 'OFF' });
    expect(await refusal(remove(version))).toBe(`AccessDenied: ${LOCKED}`);
    await remove(version, BYPASS);
  });

  test('is put on what is there already, by who may hold', async () => {
    const version = await put();
    expect(await refusal(s3.send(new GetObjectLegalHoldCommand(version)))).toMatch(/^NoSuchObjectLockConfiguration: /);
    await s3.send(new PutObjectLegalHoldCommand({ ...version, LegalHold: { Status: 'ON' } }));
    expect(await refusal(remove(version))).toBe(`AccessDenied: ${LOCKED}`);
  });
});

describe('a bucket with Object Lock', () => {
  test('lets versions be put and keys be deleted over what is locked', async () => {
    const version = await put(COMPLIANT());
    await put({ Key: version.Key });
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: version.Key }));
    expect(marker.DeleteMarker).toBe(true);
    await remove({ ...version, VersionId: marker.VersionId as string });
    expect(await isThere(version)).toBe(true);
  });

  test('gives new objects its default retention, however they are made, unless they ask for another', async () => {
    const target = { Bucket: 'by-default' };
    const before = await s3.send(
      new CreateBucketCommand({
        ...target,
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    expect(before.Location).toBe('/by-default');
    expect((await s3.send(new GetBucketVersioningCommand(target))).Status).toBe('Enabled');
    const ObjectLockConfiguration = {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 7 } },
    } as const;
    await s3.send(new PutObjectLockConfigurationCommand({ ...target, ObjectLockConfiguration }));
    const configured = await s3.send(new GetObjectLockConfigurationCommand(target));
    expect(configured.ObjectLockConfiguration).toEqual(ObjectLockConfiguration);

    await put({ ...target, Key: 'put' });
    await s3.send(new CopyObjectCommand({ ...target, Key: 'copied', CopySource: 'by-default/put' }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, Key: 'parts' }));
    const part = { ...target, Key: 'parts', UploadId };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: 'kept' }));
    await s3.send(
      new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
    );
    await put({ ...target, Key: 'asks', ...COMPLIANT() });
    for (const Key of ['put', 'copied', 'parts']) {
      const { Retention } = await s3.send(new GetObjectRetentionCommand({ ...target, Key }));
      expect(Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(7) });
    }
    const head = await s3.send(new HeadObjectCommand({ ...target, Key: 'asks' }));
    expect(head).toMatchObject({ ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inDays(1) });
  });

  test('keeps versions for good, and has Object Lock for good', async () => {
    const suspend = s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    );
    expect(await refusal(suspend)).toBe(
      'InvalidBucketState: An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    );
    await expect(runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: Bucket })).rejects.toThrow(
      `Object Lock of ${Bucket} cannot be turned off`,
    );
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: Bucket, ObjectLockEnabled: 'true' });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  });

  test('has its default retention from the template', async () => {
    const bucket = (Rule: JsonObject): JsonObject => ({
      BucketName: 'from-template',
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
    });
    await runtime.put(DEV, 'AWS::S3::Bucket', bucket({ DefaultRetention: { Mode: 'COMPLIANCE', Years: '2' } }));
    const version = await put({ Bucket: 'from-template' });
    const { Retention } = await s3.send(new GetObjectRetentionCommand(version));
    expect(Retention).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(730) });
    for (const wrong of [
      { Mode: 'COMPLIANCE' },
      { Mode: 'SOFT', Days: 1 },
      { Mode: 'COMPLIANCE', Days: 0 },
      { Mode: 'COMPLIANCE', Days: 1, Years: 1 },
      { Mode: 'COMPLIANCE', Years: 101 },
    ]) {
      await expect(runtime.put(DEV, 'AWS::S3::Bucket', bucket({ DefaultRetention: wrong }))).rejects.toThrow();
    }
  });

  test('shows a lock to those only who may know of it', async () => {
    const version = await put({ ...GOVERNED(), ObjectLockLegalHoldStatus: 'ON' });
    const reader = await inRole('reader', [
      { Effect: 'Allow', Action: ['s3:GetObjectVersion', 's3:GetObjectLegalHold'], Resource: '*' },
    ]);
    const head = await reader.send(new HeadObjectCommand(version));
    expect(head.ObjectLockLegalHoldStatus).toBe('ON');
    expect(head.ObjectLockMode).toBeUndefined();
    expect(await refusal(reader.send(new GetObjectRetentionCommand(version)))).toMatch(/^AccessDenied: /);
  });

  test('takes a lock only from those who may lock, by how long they may', async () => {
    const on = { Effect: 'Allow', Resource: '*' };
    const writer = await inRole('writer', [
      { ...on, Action: 's3:PutObject' },
      {
        ...on,
        Action: 's3:PutObjectRetention',
        Condition: { NumericLessThanEquals: { 's3:object-lock-remaining-retention-days': '2' } },
      },
    ]);
    await put({}, writer);
    await put(GOVERNED(), writer);
    const tooLong = put({ ...GOVERNED(), ObjectLockRetainUntilDate: inDays(3) }, writer);
    expect(await refusal(tooLong)).toMatch(/s3:PutObjectRetention/);
    expect(await refusal(put({ ObjectLockLegalHoldStatus: 'OFF' }, writer))).toMatch(/s3:PutObjectLegalHold/);
  });
});

describe('Object Lock refuses in AWS’s words', () => {
  test('what asks for it in a bucket without', async () => {
    const plain = { Bucket: 'versioned' };
    const version = await put(plain);
    const answers = await Promise.all([
      refusal(put({ ...plain, ...GOVERNED() })),
      refusal(retain(version, { Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) })),
      refusal(s3.send(new GetObjectLegalHoldCommand(version))),
      refusal(s3.send(new GetObjectLockConfigurationCommand(plain))),
      refusal(remove(version, BYPASS)),
    ]);
    expect(answers).toEqual([
      'InvalidRequest: Bucket is missing ObjectLockConfiguration',
      'InvalidRequest: Bucket is missing Object Lock Configuration',
      'InvalidRequest: Bucket is missing Object Lock Configuration',
      'ObjectLockConfigurationNotFoundError: Object Lock configuration does not exist for this bucket',
      'InvalidArgument: x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
    ]);
    expect(await isThere(version)).toBe(true);
  });

  test('a configuration of a bucket that keeps no versions', async () => {
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'unversioned' });
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
    const lock = () =>
      s3.send(new PutObjectLockConfigurationCommand({ Bucket: 'unversioned', ObjectLockConfiguration }));
    expect(await refusal(lock())).toBe(
      "InvalidBucketState: Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'unversioned', VersioningConfiguration }));
    await lock();
    await put({ Bucket: 'unversioned', ...GOVERNED() });
  });

  test.each([
    [
      'a mode without a date',
      { ObjectLockMode: 'GOVERNANCE' },
      'InvalidArgument: x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    ],
    [
      'a date without a mode',
      { ObjectLockRetainUntilDate: new Date('2100-01-01T00:00:00Z') },
      'InvalidArgument: x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    ],
    [
      'a mode that is none',
      { ObjectLockMode: 'SOFT', ObjectLockRetainUntilDate: new Date('2100-01-01T00:00:00Z') },
      'InvalidArgument: Unknown wormMode directive.',
    ],
    [
      'a date that has passed',
      { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date('2020-01-01T00:00:00Z') },
      'InvalidArgument: The retain until date must be in the future!',
    ],
    [
      'a hold that is neither on nor off',
      { ObjectLockLegalHoldStatus: 'PERHAPS' },
      "InvalidArgument: Legal Hold must be either of 'ON' or 'OFF'",
    ],
  ] as const)('%s', async (_name, input, message) => {
    const Key = `refused-${++number}`;
    expect(await refusal(put({ Key, ...(input as Partial<PutObjectCommandInput>) }))).toBe(message);
    expect(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key })))).toMatch(/^NotFound/);
  });
});
