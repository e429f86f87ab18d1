import { afterEach, describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../dynamodb/streams.ts';
import type { JsonObject } from '../../service.ts';
import { ACCOUNT, type LambdaWorld, type LambdaWorldOptions, lambdaWorld, REGION, until } from '../lambda-world.ts';
import { itemFailureIndex } from './item-failures.ts';

let worlds: LambdaWorld[] = [];

function world(options?: LambdaWorldOptions): LambdaWorld {
  const made = lambdaWorld(options);
  worlds.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(worlds.map((made) => made.stop()));
  worlds = [];
});

const STREAM = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/registry/stream/2026-01-01T00:00:00.000`;
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;

const record = (sequence: number, kind = 'outbox', atMs = Date.UTC(2026, 0, 1)): StreamRecord => ({
  eventID: `event-${sequence}`,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: REGION,
  eventSourceARN: STREAM,
  dynamodb: {
    ApproximateCreationDateTime: atMs / 1000,
    Keys: { id: { S: `k${sequence}` } },
    NewImage: { id: { S: `k${sequence}` }, kind: { S: kind } },
    SequenceNumber: String(100 + sequence),
    SizeBytes: 10,
    StreamViewType: 'NEW_IMAGE',
  },
});

/** Writes down which records it got, then does what `body` says. */
const receiver = (body = ''): Record<string, string> => ({
  'index.mjs': `export const handler = async ({ Records }) => {
    const got = Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber) - 100);
    process.stdout.write('got ' + got.join());
    ${body}
  };`,
});

/** Time flies in these tests: no sandbox must seem slow for it. */
const deployReceiver = (made: LambdaWorld, body?: string) => made.deploy('relay', receiver(body), { Timeout: 900 });

const batches = ({ lambda }: LambdaWorld): string[] =>
  lambda.logs
    .read('/aws/lambda/relay')
    .filter(({ message }) => message.startsWith('got '))
    .map(({ message }) => message.slice(4));

const map = (made: LambdaWorld, properties: JsonObject = {}, previous?: string) =>
  made.put(
    'AWS::Lambda::EventSourceMapping',
    { FunctionName: 'relay', EventSourceArn: STREAM, StartingPosition: 'TRIM_HORIZON', ...properties },
    previous === undefined ? {} : { previous },
  );

describe('a mapping of a DynamoDB stream', () => {
  it('carries the records to the function in order, no more than the batch size at once', async () => {
    const made = world();
    await deployReceiver(made);
    for (const sequence of [1, 2, 3]) made.stream.append(record(sequence));

    await map(made, { BatchSize: 2 });
    await until(() => batches(made).length === 2);
    made.stream.append(record(4));
    await until(() => batches(made).length === 3);

    expect(batches(made)).toEqual(['1,2', '3', '4']);
  });

  it('begins with what comes next when it starts at LATEST', async () => {
    const made = world();
    await deployReceiver(made);
    made.stream.append(record(1));

    await map(made, { StartingPosition: 'LATEST' });
    made.stream.append(record(2));
    await until(() => batches(made).length === 1);

    expect(batches(made)).toEqual(['2']);
  });

  it('passes by what the filter does not want, and does not look at it again', async () => {
    const made = world();
    await deployReceiver(made);
    await map(made, {
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"kind":{"S":["outbox"]}}}}' }] },
    });

    made.stream.append(record(1, 'other'));
    made.stream.append(record(2));
    made.stream.append(record(3, 'other'));
    await until(() => positionOf(made) === '103');

    expect(batches(made)).toEqual(['2']);
  });

  it('waits for more until the batching window is over', async () => {
    const made = world();
    await deployReceiver(made);
    await map(made, { BatchSize: 3, MaximumBatchingWindowInSeconds: 10 });

    made.stream.append(record(1));
    await until(() => made.clock.pending > 0);
    made.stream.append(record(2));
    expect(batches(made)).toEqual([]);
    await until(() => made.clock.pending > 0);
    made.clock.advance(10_000);
    await until(() => batches(made).length === 1);

    expect(batches(made)).toEqual(['1,2']);
  });

  it('repeats a batch that failed before it goes on, then gives it up to the destination', async () => {
    const made = world();
    await deployReceiver(made, "if (got.includes(1)) throw new Error('poison');");
    const DestinationConfig = { OnFailure: { Destination: QUEUE } };
    await map(made, { BatchSize: 2, MaximumRetryAttempts: 1, DestinationConfig });

    for (const sequence of [1, 2, 3]) made.stream.append(record(sequence));
    await advanceUntil(made, () => batches(made).includes('3'));

    expect(batches(made)).toEqual(['1,2', '1,2', '3']);
    expect(made.sent).toHaveLength(1);
    expect(JSON.parse(made.sent[0]?.body ?? '')).toMatchObject({
      version: '1.0',
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      DDBStreamBatchInfo: { startSequenceNumber: '101', endSequenceNumber: '102', batchSize: 2, streamArn: STREAM },
    });
  });

  it('splits a batch that failed until the poison is alone', async () => {
    const made = world();
    await deployReceiver(made, "if (got.includes(3)) throw new Error('poison');");
    for (const sequence of [1, 2, 3, 4]) made.stream.append(record(sequence));

    await map(made, { MaximumRetryAttempts: 0, BisectBatchOnFunctionError: true });
    await advanceUntil(made, () => batches(made).includes('4'));

    expect(batches(made)).toEqual(['1,2,3,4', '1,2', '3,4', '3', '4']);
  });

  it('begins again at the first record that the function reports as failed', async () => {
    const made = world();
    const body = `globalThis.runs = (globalThis.runs ?? 0) + 1;
      if (globalThis.runs === 1) return { batchItemFailures: [{ itemIdentifier: '102' }] };`;
    await deployReceiver(made, body);
    for (const sequence of [1, 2, 3]) made.stream.append(record(sequence));

    await map(made, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await advanceUntil(made, () => batches(made).length === 2);

    expect(batches(made)).toEqual(['1,2,3', '2,3']);
  });

  it('gives up records that are too old without running them', async () => {
    const made = world();
    await deployReceiver(made);
    made.stream.append(record(1, 'outbox', made.clock.now() - 120_000));
    made.stream.append(record(2));

    await map(made, { MaximumRecordAgeInSeconds: 60, DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    await until(() => batches(made).length === 1);

    expect(batches(made)).toEqual(['2']);
    expect(JSON.parse(made.sent[0]?.body ?? '')).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded' },
      DDBStreamBatchInfo: { startSequenceNumber: '101', endSequenceNumber: '101' },
    });
  });

  it('goes on after a restart where it was', async () => {
    const before = world();
    await deployReceiver(before);
    await map(before);
    before.stream.append(record(1));
    await until(() => positionOf(before) === '101');
    await before.lambda.background.stop();
    before.stream.append(record(2));

    const after = world({ store: before.store, stream: before.stream });
    await deployReceiver(after);
    await until(() => positionOf(after) === '102');

    expect(batches(after)).toEqual(['1', '2']);
  });

  it.each([
    { what: 'a queue', properties: { EventSourceArn: QUEUE } },
    { what: 'ten batches at once', properties: { ParallelizationFactor: 10 } },
    {
      what: 'a stream in S3 as destination',
      properties: { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::b' } } },
    },
  ])('is refused by name with $what', async ({ properties }) => {
    const made = world();
    await deployReceiver(made);

    await expect(map(made, properties)).rejects.toMatchObject({ code: 'NotImplemented' });
  });
});

const positionOf = ({ store }: LambdaWorld): unknown =>
  store.prepare('SELECT position FROM lambda_mappings').get()?.position;

/** Moves the clock to the next timer whenever everything else is waiting for it. */
async function advanceUntil({ clock }: LambdaWorld, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10);
  }
}

describe('itemFailureIndex', () => {
  it.each([
    { payload: 'null', index: undefined },
    { payload: '{}', index: undefined },
    { payload: '{"batchItemFailures":[]}', index: undefined },
    { payload: '{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}', index: 1 },
    { payload: '{"batchItemFailures":[{"itemIdentifier":"9"}]}', index: 0 },
    { payload: '{"batchItemFailures":[{"itemIdentifier":""}]}', index: 0 },
    { payload: '{"batchItemFailures":"all"}', index: 0 },
    { payload: '"fine"', index: 0 },
  ])('of $payload is $index', ({ payload, index }) => {
    expect(itemFailureIndex(payload, ['1', '2', '3'])).toBe(index);
  });
});
