import {
  CloudTrailClient,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  type LookupEventsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import { Store } from '../store/store.ts';
import { EventHistory } from './event-history.ts';

const DAY_MS = 86_400_000;

describe('the history of an account', () => {
  const world = (store = new Store(':memory:')) => {
    const clock = new VirtualClock(100 * DAY_MS);
    const logged: { level: string; message: string }[] = [];
    const log = (level: string, message: string) => logged.push({ level, message });
    return { clock, store, logged, history: new EventHistory({ store, clock, ids: seededIds('trail'), log }) };
  };
  const event = (n: number) => ({ eventSource: 's3.amazonaws.com', eventName: `Get${n}` });
  const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, before: Number.MAX_SAFE_INTEGER, limit: 100_000 };
  const names = (history: EventHistory) =>
    history.find(ALL).map(({ text }) => (JSON.parse(text) as { eventName: string }).eventName);

  test('an event is kept though the transaction in which it came is taken back', async () => {
    const { store, history } = world();
    expect(() =>
      store.transaction(() => {
        history.record(event(1));
        throw new Error('denied');
      }),
    ).toThrow('denied');
    await Promise.resolve();
    expect(store.prepare('SELECT count(*) AS n FROM cloudtrail_events').get()?.n).toBe(1);
  });

  test('the newest 10,000 are kept, for 90 days', async () => {
    const { clock, history } = world();
    for (let n = 0; n < 10_700; n++) history.record(event(n));
    history.flush();
    const kept = names(history);
    expect(kept.length).toBeGreaterThanOrEqual(10_000);
    expect(kept.length).toBeLessThan(10_700);
    expect(kept[0]).toBe('Get10699');
    clock.advance(91 * DAY_MS);
    for (let n = 0; n < 500; n++) history.record(event(n));
    history.flush();
    expect(names(history)).toHaveLength(500);
  });

  test('one that cannot be written is told to the log, and nobody fails for it', () => {
    const { store, history, logged } = world();
    store.db.exec('DROP TABLE cloudtrail_events');
    history.record(event(1));
    history.flush();
    expect(logged).toEqual([{ level: 'error', message: '1 events could not be kept in the event history' }]);
  });
});

describe('a call that is denied', () => {
  let runtime: TestRuntime;
  let trail: CloudTrailClient;
  beforeEach(async () => {
    runtime = await startTestRuntime();
    trail = new CloudTrailClient(runtime.client(DEV));
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'shelf' }, 'Shelf');
    await runtime.put(DEV, 'AWS::IAM::Role', {
      RoleName: 'nobody',
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${DEV}:root` }, Action: 'sts:AssumeRole' }],
      },
    });
  });
  afterEach(async () => {
    trail.destroy();
    await runtime.dispose();
  });

  const lookup = async (input: LookupEventsCommandInput = {}) =>
    (await trail.send(new LookupEventsCommand(input))).Events ?? [];

  async function nobody(): Promise<S3Client> {
    const sts = new STSClient(runtime.client(DEV));
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${DEV}:role/nobody`, RoleSessionName: 'me' }),
    );
    sts.destroy();
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    return new S3Client({ ...runtime.client(DEV), credentials, forcePathStyle: true });
  }
  const read = (client: S3Client, Key: string) => client.send(new GetObjectCommand({ Bucket: 'shelf', Key }));

  test('is one event that says who, what and which statement is missing, and no secret', async () => {
    const client = await nobody();
    await expect(read(client, 'book')).rejects.toMatchObject({ name: 'AccessDenied' });
    const [event, ...others] = await lookup();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      EventName: 'GetObject',
      EventSource: 's3.amazonaws.com',
      Username: 'me',
      Resources: [{ ResourceName: 'arn:aws:s3:::shelf/book' }],
    });
    const record = JSON.parse(event?.CloudTrailEvent ?? '{}');
    expect(record).toMatchObject({
      eventID: event?.EventId,
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${DEV}:assumed-role/nobody/me`,
        sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${DEV}:role/nobody`, userName: 'nobody' } },
      },
      awsRegion: REGION,
      sourceIPAddress: '127.0.0.1',
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining(
        'is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::shelf/book"',
      ),
      recipientAccountId: DEV,
      additionalEventData: {
        action: 's3:GetObject',
        missing: { in: 'identity-based policy', statement: { Effect: 'Allow', Action: 's3:GetObject' } },
      },
    });
    const { secretAccessKey, sessionToken } = await client.config.credentials();
    for (const secret of [secretAccessKey, sessionToken]) expect(event?.CloudTrailEvent).not.toContain(secret);
    client.destroy();
  });

  test('from another account is told where the resource is, and there alone', async () => {
    const stranger = new S3Client({ ...runtime.client(ACC), forcePathStyle: true });
    await expect(read(stranger, 'book')).rejects.toMatchObject({ name: 'AccessDenied' });
    stranger.destroy();
    expect(await lookup()).toHaveLength(1);
    const theirs = new CloudTrailClient(runtime.client(ACC));
    expect((await theirs.send(new LookupEventsCommand({}))).Events).toEqual([]);
    theirs.destroy();
  });

  test('is found by what it was about, page by page, newest first', async () => {
    const client = await nobody();
    for (const key of ['a', 'b', 'c', 'd', 'e']) await read(client, key).catch(() => undefined);
    client.destroy();
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page: LookupEventsCommandOutput = await trail.send(
        new LookupEventsCommand({ MaxResults: 2, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
      seen.push(...(page.Events ?? []).map(({ Resources }) => Resources?.[0]?.ResourceName?.at(-1)));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
    const by = (AttributeKey: 'Username' | 'ResourceName' | 'EventName', AttributeValue: string) =>
      lookup({ LookupAttributes: [{ AttributeKey, AttributeValue }] });
    expect(await by('Username', 'me')).toHaveLength(5);
    expect(await by('ResourceName', 'arn:aws:s3:::shelf/c')).toHaveLength(1);
    expect(await by('EventName', 'PutObject')).toEqual([]);
    expect(await lookup({ EndTime: new Date(0) })).toEqual([]);
  });

  test('is there after a restart', async () => {
    const client = await nobody();
    await read(client, 'book').catch(() => undefined);
    client.destroy();
    await runtime.stop();
    const again = await startTestRuntime({ directory: runtime.directory });
    const after = new CloudTrailClient(again.client(DEV));
    expect((await after.send(new LookupEventsCommand({}))).Events).toHaveLength(1);
    after.destroy();
    await again.stop();
  });

  test.each([
    [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
    [{ NextToken: 'none' }, 'InvalidNextTokenException'],
    [{ StartTime: new Date(2000), EndTime: new Date(1000) }, 'InvalidTimeRangeException'],
    [
      { LookupAttributes: [{ AttributeKey: 'Colour' as 'Username', AttributeValue: 'a' }] },
      'InvalidLookupAttributesException',
    ],
    [{ LookupAttributes: [{ AttributeKey: 'ReadOnly' as const, AttributeValue: 'true' }] }, 'NotImplemented'],
  ])('%j is refused', async (input, name) => {
    await expect(lookup(input)).rejects.toMatchObject({ name });
  });
});
