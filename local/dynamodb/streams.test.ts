import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

const TableName = 'tasks';
const Key = { pk: { S: 'a' }, sk: { N: '1' } };
let db: TestDynamoDb;
let streamArn: string;
beforeEach(() => {
  db = openTestDynamoDb();
  db.call('CreateTable', TASKS);
  streamArn = (db.call('DescribeTable', { TableName }).Table as { LatestStreamArn: string }).LatestStreamArn;
});
afterEach(() => db.dispose());

const put = (n: number) => db.call('PutItem', { TableName, Item: { ...Key, n: { N: String(n) } } });
const names = () => db.streams.read(streamArn, undefined, 100).map(({ eventName }) => eventName);

test('each change is a record of the shape that a function gets, in order and after a restart', () => {
  put(1);
  put(2);
  db.call('DeleteItem', { TableName, Key });
  db.reopen();
  const records = db.streams.read(streamArn, undefined, 10);
  expect(records[0]).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-1',
    dynamodb: {
      ApproximateCreationDateTime: Date.UTC(2026, 0, 1) / 1000,
      Keys: Key,
      NewImage: { ...Key, n: { N: '1' } },
      SequenceNumber: expect.stringMatching(/^\d{21}$/),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: streamArn,
  });
  expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
  expect(records[1]?.dynamodb).toMatchObject({ OldImage: { n: { N: '1' } }, NewImage: { n: { N: '2' } } });
  expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
  const [, second, third] = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  expect(db.streams.read(streamArn, second, 10).map(({ dynamodb }) => dynamodb.SequenceNumber)).toEqual([third]);
  expect(db.streams.latest(streamArn)).toBe(third);
});

test('a write that changes nothing, or fails, leaves no record', () => {
  put(1);
  put(1);
  db.call('DeleteItem', { TableName, Key: { pk: { S: 'none' }, sk: { N: '1' } } });
  db.refusal('PutItem', {
    TableName,
    Item: { ...Key, n: { N: '9' } },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  expect(names()).toEqual(['INSERT']);
});

test('listeners hear of a commit when its records can be read, once for a transaction', () => {
  const heard: number[] = [];
  const stop = db.streams.onAppend(streamArn, () => heard.push(db.streams.read(streamArn, undefined, 100).length));
  const Put = (pk: string) => ({ Put: { TableName, Item: { pk: { S: pk }, sk: { N: '1' } } } });
  db.call('TransactWriteItems', { TransactItems: [Put('x'), Put('y')] });
  put(1);
  stop();
  put(2);
  expect(heard).toEqual([2, 3]);
});

test('a stream that is switched off keeps its records and gets no new ones', () => {
  put(1);
  db.call('UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } });
  put(2);
  expect(names()).toEqual(['INSERT']);
});

test('records are forgotten after a day of running, not of standing still', () => {
  put(1);
  db.clock.advance(48 * 60 * 60 * 1000);
  db.reopen();
  put(2);
  expect(names()).toEqual(['INSERT', 'MODIFY']);
  db.clock.advance(25 * 60 * 60 * 1000);
  put(3);
  expect(names()).toEqual(['MODIFY']);
});

test('an item is deleted when its time to live is over, and the stream says by whom', () => {
  const specification = { AttributeName: 'expires', Enabled: true };
  db.call('UpdateTimeToLive', { TableName, TimeToLiveSpecification: specification });
  const now = db.clock.now() / 1000;
  const item = (pk: string, expires: object) => ({ pk: { S: pk }, sk: { N: '1' }, expires });
  for (const Item of [
    item('soon', { N: String(now + 60) }),
    item('later', { N: String(now + 3600) }),
    item('text', { S: String(now + 60) }),
    item('years ago', { N: String(now - 6 * 365 * 86400) }),
  ]) {
    db.call('PutItem', { TableName, Item });
  }
  const left = () => (db.call('Scan', { TableName }).Items as { pk: { S: string } }[]).map(({ pk }) => pk.S).sort();
  db.clock.advance(60_000);
  expect(left()).toEqual(['later', 'soon', 'text', 'years ago']);
  db.clock.advance(1000);
  expect(left()).toEqual(['later', 'text', 'years ago']);
  expect(db.streams.read(streamArn, undefined, 100).at(-1)).toMatchObject({
    eventName: 'REMOVE',
    userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    dynamodb: { Keys: { pk: { S: 'soon' } } },
  });

  db.reopen();
  db.clock.advance(3600_000);
  expect(left()).toEqual(['text', 'years ago']);
});
