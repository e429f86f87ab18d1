import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

const TableName = 'tasks';
let db: TestDynamoDb;
beforeEach(() => {
  db = openTestDynamoDb();
  db.call('CreateTable', TASKS);
});
afterEach(() => db.dispose());

const key = (pk: string) => ({ pk: { S: pk }, sk: { N: '1' } });
const item = (pk: string, n: number) => ({ ...key(pk), n: { N: String(n) } });
const get = (pk: string) => db.call('GetItem', { TableName, Key: key(pk) }).Item;

describe('TransactWriteItems', () => {
  test('does all of its writes', () => {
    db.call('PutItem', { TableName, Item: item('there', 1) });
    db.call('PutItem', { TableName, Item: item('gone', 1) });
    db.call('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName, Item: item('new', 1), ConditionExpression: 'attribute_not_exists(pk)' } },
        {
          Update: {
            TableName,
            Key: key('there'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
        { Delete: { TableName, Key: key('gone') } },
        { ConditionCheck: { TableName, Key: key('absent'), ConditionExpression: 'attribute_not_exists(pk)' } },
      ],
    });
    expect([get('new'), get('there'), get('gone')]).toEqual([item('new', 1), item('there', 2), undefined]);
  });

  test('does nothing when one condition fails, and says which, with the item', () => {
    db.call('PutItem', { TableName, Item: item('there', 1) });
    const refused = db.refusal('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName, Item: item('new', 1) } },
        {
          Put: {
            TableName,
            Item: item('there', 2),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Update: {
            TableName,
            Key: key('other'),
            UpdateExpression: 'SET n = n + :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
      ],
    });
    expect(refused).toEqual({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]',
      fields: {
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: item('there', 1) },
          {
            Code: 'ValidationError',
            Message: 'The provided expression refers to an attribute that does not exist in the item',
          },
        ],
      },
    });
    expect([get('new'), get('there')]).toEqual([undefined, item('there', 1)]);
    expect(db.streams.latest(streamArn())).toBeDefined();
  });

  test('is done once for a token, for ten minutes; another request under it is refused', () => {
    const add = (n: string) => ({
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName,
            Key: key('counter'),
            UpdateExpression: 'ADD n :n',
            ExpressionAttributeValues: { ':n': { N: n } },
          },
        },
      ],
    });
    db.call('TransactWriteItems', add('1'));
    db.reopen();
    db.call('TransactWriteItems', add('1'));
    expect(get('counter')).toEqual(item('counter', 1));
    expect(db.refusal('TransactWriteItems', add('2')).code).toBe('IdempotentParameterMismatchException');
    db.clock.advance(10 * 60 * 1000);
    db.call('TransactWriteItems', add('2'));
    expect(get('counter')).toEqual(item('counter', 3));
  });

  test('names no item twice', () => {
    const Put = { TableName, Item: item('a', 1) };
    const refused = db.refusal('TransactWriteItems', {
      TransactItems: [{ Put }, { Delete: { TableName, Key: key('a') } }],
    });
    expect(refused.message).toBe('Transaction request cannot include multiple operations on one item');
    expect(get('a')).toBeUndefined();
  });

  test('a table that is not there stops it before anything is written', () => {
    const refused = db.refusal('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName, Item: item('a', 1) } },
        { Put: { TableName: 'missing', Item: item('a', 1) } },
      ],
    });
    expect(refused.code).toBe('ResourceNotFoundException');
    expect(get('a')).toBeUndefined();
  });
});

test('TransactGetItems answers in order, with a gap for what is not there', () => {
  db.call('PutItem', { TableName, Item: item('a', 1) });
  const answer = db.call('TransactGetItems', {
    TransactItems: [
      { Get: { TableName, Key: key('none') } },
      { Get: { TableName, Key: key('a'), ProjectionExpression: 'n' } },
    ],
  });
  expect(answer).toEqual({ Responses: [{}, { Item: { n: { N: '1' } } }] });
});

const streamArn = () => (db.call('DescribeTable', { TableName }).Table as { LatestStreamArn: string }).LatestStreamArn;
