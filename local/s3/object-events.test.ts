import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { ResourceRequest } from '../deploy/resource.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext, Call, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { createS3, type S3 } from './s3.ts';

type ServiceEvent = Parameters<Services['emitServiceEvent']>[1];

const ACCOUNT = '111111111111';
const CALL: Call = {
  principal: { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT },
  accountId: ACCOUNT,
  region: 'eu-west-1',
  requestId: 'REQUEST',
};

let directory: string;
let store: Store;
let s3: S3;
let emit: (event: ServiceEvent) => void;
let events: ServiceEvent[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
  store = new Store(join(directory, 'store.db'));
  events = [];
  emit = (event) => events.push(event);
  const ctx: AccountContext = {
    accountId: ACCOUNT,
    region: 'eu-west-1',
    store,
    directory,
    clock: new VirtualClock(),
    ids: seededIds('s3'),
    log: () => undefined,
  };
  s3 = createS3(ctx, {
    emitServiceEvent: (_accountId, event) => emit(event),
    callOperation: () => Promise.reject(new Error('These objects have no KMS key.')),
  });
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

async function makeBucket(BucketName: string, eventBridge: boolean, versioned: boolean): Promise<void> {
  const handler = s3.resources.find(({ type }) => type === 'AWS::S3::Bucket');
  await handler?.put({
    stackName: 'stack',
    logicalId: 'Bucket',
    properties: {
      BucketName,
      ...(eventBridge ? { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } } : {}),
      ...(versioned ? { VersioningConfiguration: { Status: 'Enabled' } } : {}),
    },
  } as unknown as ResourceRequest);
}

const send = (method: string, path: string, body = '', headers: Record<string, string> = {}) => {
  const [rawPath = '', query = ''] = path.split('?');
  return s3.service.handle(
    {
      method,
      rawPath,
      query: new URLSearchParams(query),
      headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
      body: Readable.from([Buffer.from(body)]),
    },
    CALL,
  );
};

describe('events on EventBridge', () => {
  test('an object that is created is told with its plain key, size, ETag, version and reason', async () => {
    await makeBucket('data', true, true);
    const { headers } = await send('PUT', '/data/new%20file%2Bplus', 'hello');
    await send('PUT', '/data/copy', '', { 'x-amz-copy-source': 'data/new%20file%2Bplus' });
    expect(events).toEqual([
      {
        source: 'aws.s3',
        detailType: 'Object Created',
        resources: ['arn:aws:s3:::data'],
        detail: {
          version: '0',
          bucket: { name: 'data' },
          object: {
            key: 'new file+plus',
            size: 5,
            etag: '5d41402abc4b2a76b9719d911017c592',
            'version-id': headers?.['x-amz-version-id'],
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
          'request-id': 'REQUEST',
          requester: ACCOUNT,
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
      expect.objectContaining({ detail: expect.objectContaining({ reason: 'CopyObject' }) }),
    ]);
  });

  test('sequencers grow, also when the clock stands still', async () => {
    await makeBucket('data', true, false);
    for (const body of ['1', '2', '3']) await send('PUT', '/data/key', body);
    const sequencers = events.map(({ detail }) => (detail as { object: { sequencer: string } }).object.sequencer);
    expect(sequencers).toEqual([...sequencers].sort());
    expect(new Set(sequencers).size).toBe(3);
  });

  test('a deletion says whether a marker was put or a version is gone; of what is not there, nothing', async () => {
    await makeBucket('data', true, true);
    await makeBucket('plain', true, false);
    const { headers } = await send('PUT', '/data/key', 'x');
    const versionId = headers?.['x-amz-version-id'] as string;
    await send('PUT', '/plain/key', 'x');
    events.length = 0;
    const marker = await send('DELETE', '/data/key');
    await send('DELETE', `/data/key?versionId=${versionId}`);
    await send('DELETE', '/plain/key');
    await send('DELETE', '/plain/none');
    expect(events.map(({ detailType, detail }) => [detailType, detail])).toEqual([
      [
        'Object Deleted',
        expect.objectContaining({
          'deletion-type': 'Delete Marker Created',
          object: expect.objectContaining({ 'version-id': marker.headers?.['x-amz-version-id'] }),
        }),
      ],
      [
        'Object Deleted',
        expect.objectContaining({
          'deletion-type': 'Permanently Deleted',
          object: { key: 'key', 'version-id': versionId, sequencer: expect.any(String) },
        }),
      ],
      ['Object Deleted', expect.objectContaining({ object: { key: 'key', sequencer: expect.any(String) } })],
    ]);
  });

  test('tags that are put and taken away are told, without a sequencer', async () => {
    await makeBucket('data', true, true);
    const { headers } = await send('PUT', '/data/key', 'x', { 'x-amz-tagging': 'a=1' });
    events.length = 0;
    const document = '<Tagging><TagSet><Tag><Key>b</Key><Value>2</Value></Tag></TagSet></Tagging>';
    const md5 = createHash('md5').update(document).digest('base64');
    await send('PUT', '/data/key?tagging', document, { 'content-md5': md5 });
    await send('DELETE', '/data/key?tagging');
    const object = {
      key: 'key',
      etag: '9dd4e461268c8034f5c8564e155c67a6',
      'version-id': headers?.['x-amz-version-id'],
    };
    expect(events).toMatchObject([
      { detailType: 'Object Tags Added', detail: { object } },
      { detailType: 'Object Tags Deleted', detail: { object } },
    ]);
    expect(events.map(({ detail }) => (detail as { object: object }).object)).toEqual([object, object]);
  });

  test('a bucket without EventBridgeConfiguration tells nobody', async () => {
    await makeBucket('quiet', false, true);
    await send('PUT', '/quiet/key', 'x');
    await send('DELETE', '/quiet/key');
    expect(events).toEqual([]);
  });

  test('an event that cannot be kept takes the object with it: no row, no bytes', async () => {
    await makeBucket('data', true, true);
    emit = () => {
      throw new Error('The bus is full.');
    };
    await expect(send('PUT', '/data/key', 'x')).rejects.toThrow('The bus is full.');
    await expect(send('PUT', '/data/key', 'x'.repeat(20_000))).rejects.toThrow('The bus is full.');
    await expect(send('GET', '/data/key')).rejects.toMatchObject({ code: 'NoSuchKey' });
    expect(store.prepare('SELECT * FROM s3_small_bodies').all()).toEqual([]);
    await expect.poll(() => readdirSync(join(directory, 's3-objects'))).toEqual([]);
  });

  test.each([
    ['If-None-Match: *', () => ({ 'if-none-match': '*' })],
    ['If-Match', (etag: string) => ({ 'if-match': etag })],
  ] as const)('of 50 racers with %s one wins, with one event', async (name, condition) => {
    await makeBucket('race', true, true);
    const { headers } = name === 'If-Match' ? await send('PUT', '/race/key', 'before') : {};
    events.length = 0;
    const race = (at: number) => send('PUT', '/race/key', `racer ${at}`, condition(headers?.etag ?? ''));
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_racer, at) => race(at)));
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(won).toHaveLength(1);
    expect(new Set(lost)).toEqual(new Set(['PreconditionFailed']));
    expect(events).toMatchObject([{ detail: { object: { 'version-id': won[0]?.headers?.['x-amz-version-id'] } } }]);
    expect((await send('GET', '/race/key')).headers?.etag).toBe(won[0]?.headers?.etag);
  });

  test('of small objects that replace each other at once only the last one keeps its bytes', async () => {
    await makeBucket('plain', true, false);
    await Promise.all(['1', '2', '3'].map((body) => send('PUT', '/plain/key', body)));
    expect(events).toHaveLength(3);
    expect(store.prepare('SELECT * FROM s3_small_bodies').all()).toHaveLength(1);
  });

  const recorded = join(
    process.env.SLUICE_CONFORMANCE ?? join(import.meta.dirname, '../../../shared/conformance'),
    'eventbridge/sample-events',
  );
  test.skipIf(!existsSync(recorded)).each([
    ['aws-s3-object-created-doc', 'versioned', 0],
    ['localstack-object-created-putobject', 'plain', 0],
    ['localstack-object-deleted-deleteobject', 'plain', 1],
    ['localstack-object-deleted-deleteobject-2', 'versioned', 1],
  ])('has the members of the event that AWS sent: %s', async (file, bucket, at) => {
    await makeBucket(bucket, true, bucket === 'versioned');
    const { headers } = await send('PUT', `/${bucket}/key`, 'x');
    const versionId = headers?.['x-amz-version-id'];
    await send('DELETE', `/${bucket}/key${versionId ? `?versionId=${versionId}` : ''}`);
    const { event } = JSON.parse(readFileSync(join(recorded, `${file}.json`), 'utf8')) as { event: { detail: object } };
    expect(membersOf(events[at]?.detail)).toEqual(membersOf(event.detail));
  });
});

/** Paths of all members, in alphabetical order. */
function membersOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value)
    .flatMap(([name, member]) => membersOf(member, `${path}/${name}`))
    .sort();
}
