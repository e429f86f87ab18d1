import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableInput,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACC, DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import { TASKS } from './test-table.ts';

let runtime: TestRuntime;
let dev: DynamoDBClient;
const TableName = 'tasks';

beforeAll(async () => {
  runtime = await startTestRuntime();
  dev = new DynamoDBClient(runtime.client(DEV));
  await dev.send(new CreateTableCommand(TASKS as unknown as CreateTableInput));
});
afterAll(() => runtime.dispose());

describe('through the AWS SDK', () => {
  test('a table is described with its times as dates', async () => {
    await waitUntilTableExists({ client: dev, maxWaitTime: 30 }, { TableName });
    const { Table } = await dev.send(new DescribeTableCommand({ TableName }));
    expect(Table?.CreationDateTime).toBeInstanceOf(Date);
    expect(Math.abs(Number(Table?.CreationDateTime) - Date.now())).toBeLessThan(60_000);
  });

  test('every type of attribute comes back as it went', async () => {
    const Item = {
      pk: { S: 'types' },
      sk: { N: '1' },
      b: { B: Uint8Array.of(0, 255, 128) },
      bs: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
      l: { L: [{ NULL: true }, { BOOL: false }, { M: { 'a b': { S: '' } } }] },
      ns: { NS: ['1', '2.5'] },
    };
    await dev.send(new PutItemCommand({ TableName, Item }));
    const got = await dev.send(new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk } }));
    expect(got.Item).toEqual(Item);
    const found = await dev.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :p',
        FilterExpression: 'b = :b',
        ExpressionAttributeValues: { ':p': Item.pk, ':b': Item.b },
      }),
    );
    expect(found.Items).toEqual([Item]);
  });

  test('errors are the SDK’s own classes, with what they carry', async () => {
    const Item = { pk: { S: 'once' }, sk: { N: '1' } };
    const put = {
      TableName,
      Item,
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
    await dev.send(new PutItemCommand(put));
    const failed = await dev.send(new PutItemCommand(put)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConditionalCheckFailedException);
    expect(failed).toMatchObject({ Item });

    const canceled = await dev
      .send(new TransactWriteItemsCommand({ TransactItems: [{ Put: put }] }))
      .catch((error: unknown) => error);
    expect(canceled).toBeInstanceOf(TransactionCanceledException);
    expect(canceled).toMatchObject({ CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item }] });
  });

  test('of fifty who count at once, none is lost', async () => {
    const Key = { pk: { S: 'tally' }, sk: { N: '1' } };
    const add = new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    await Promise.all(Array.from({ length: 50 }, () => dev.send(add)));
    expect((await dev.send(new GetItemCommand({ TableName, Key }))).Item?.n).toEqual({ N: '50' });
  });

  test('another account sees no such table under its name, and is denied under its ARN', async () => {
    const acc = new DynamoDBClient(runtime.client(ACC));
    const Key = { pk: { S: 'once' }, sk: { N: '1' } };
    await expect(acc.send(new GetItemCommand({ TableName, Key }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const arn = `arn:aws:dynamodb:eu-west-1:${DEV}:table/${TableName}`;
    await expect(acc.send(new GetItemCommand({ TableName: arn, Key }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect((await dev.send(new GetItemCommand({ TableName: arn, Key }))).Item).toMatchObject(Key);
  });
});
