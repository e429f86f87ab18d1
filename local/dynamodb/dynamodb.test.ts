import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from './attribute-value.ts';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

let db: TestDynamoDb;
const TableName = 'tasks';
const key = (pk: string, sk: number): Item => ({ pk: { S: pk }, sk: { N: String(sk) } });
const get = (pk: string, sk: number) => db.call('GetItem', { TableName, Key: key(pk, sk) }).Item;
const put = (item: Item) => db.call('PutItem', { TableName, Item: item });

beforeEach(() => {
  db = openTestDynamoDb();
  db.call('CreateTable', TASKS);
});
afterEach(() => db.dispose());

describe('items', () => {
  test('an acknowledged item is there after the store was opened anew', () => {
    put({ ...key('a', 1), title: { S: 'one' } });
    db.reopen();
    expect(get('a', 1)).toEqual({ ...key('a', 1), title: { S: 'one' } });
  });

  test('a number keeps its 38 digits and one canonical form', () => {
    const n = '12345678901234567890123456789012345678';
    put({ ...key('a', 1), n: { N: n }, m: { N: '+001.2300e2' }, tiny: { N: '-1E-130' } });
    expect(get('a', 1)).toMatchObject({ n: { N: n }, m: { N: '123' }, tiny: { N: `-0.${'0'.repeat(129)}1` } });
  });

  test.each([
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['123456789012345678901234567890123456789', 'Attempting to store more than 38 significant digits in a Number'],
    ['abc', 'The parameter cannot be converted to a numeric value: abc'],
  ])('the number %s is refused with the reason', (n, message) => {
    expect(db.refusal('PutItem', { TableName, Item: { ...key('a', 1), n: { N: n } } })).toMatchObject({
      code: 'ValidationException',
      message,
    });
    expect(get('a', 1)).toBeUndefined();
  });

  test.each([
    [{ pk: { S: 'a' } }, 'One or more parameter values were invalid: Missing the key sk in the item'],
    [
      { pk: { S: 'a' }, sk: { S: '1' } },
      'One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S',
    ],
    [
      { pk: { S: '' }, sk: { N: '1' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
    [
      { ...key('a', 1), holder: { N: '1' } },
      'One or more parameter values were invalid: Type mismatch for Index Key holder Expected: S Actual: N IndexName: by-holder',
    ],
    [{ ...key('a', 1), big: { S: 'x'.repeat(400 * 1024) } }, 'Item size has exceeded the maximum allowed size'],
    [{ ...key('a', 1), set: { SS: [] } }, 'One or more parameter values were invalid: An string set  may not be empty'],
    [
      { ...key('a', 1), set: { NS: ['1', '1.0'] } },
      'One or more parameter values were invalid: Input collection [1, 1] contains duplicates.',
    ],
  ])('a malformed item is refused: %#', (Item, message) => {
    expect(db.refusal('PutItem', { TableName, Item })).toMatchObject({ code: 'ValidationException', message });
  });

  test('a failed condition changes nothing and gives the item when asked', () => {
    put({ ...key('a', 1), title: { S: 'one' } });
    const refused = db.refusal('PutItem', {
      TableName,
      Item: { ...key('a', 1), title: { S: 'two' } },
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(refused).toEqual({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      fields: { Item: { ...key('a', 1), title: { S: 'one' } } },
    });
    expect(get('a', 1)).toMatchObject({ title: { S: 'one' } });
  });

  test('an attribute named like a property of Object is an attribute like any other', () => {
    put({ ...key('a', 1), constructor: { S: 'x' }, m: { M: {} } } as unknown as Item);
    db.call('UpdateItem', {
      TableName,
      Key: key('a', 1),
      UpdateExpression: 'SET #p = :v, m.#p = :v',
      ConditionExpression: 'attribute_exists(#c) AND attribute_not_exists(#h)',
      ExpressionAttributeNames: { '#p': '__proto__', '#c': 'constructor', '#h': 'hasOwnProperty' },
      ExpressionAttributeValues: { ':v': { S: 'v' } },
    });
    expect(JSON.parse(JSON.stringify(get('a', 1)))).toEqual(
      JSON.parse(
        '{"pk":{"S":"a"},"sk":{"N":"1"},"constructor":{"S":"x"},"m":{"M":{"__proto__":{"S":"v"}}},"__proto__":{"S":"v"}}',
      ),
    );
  });

  test.each([
    ['NONE', undefined],
    ['ALL_OLD', { ...key('a', 1), n: { N: '1' }, m: { M: { x: { S: 'old' } } } }],
    ['ALL_NEW', { ...key('a', 1), n: { N: '2' }, m: { M: { x: { S: 'new' } } } }],
    ['UPDATED_OLD', { n: { N: '1' }, m: { M: { x: { S: 'old' } } } }],
    ['UPDATED_NEW', { n: { N: '2' }, m: { M: { x: { S: 'new' } } } }],
  ])('UpdateItem with ReturnValues %s gives that much', (ReturnValues, Attributes) => {
    put({ ...key('a', 1), n: { N: '1' }, m: { M: { x: { S: 'old' } } } });
    const answer = db.call('UpdateItem', {
      TableName,
      Key: key('a', 1),
      UpdateExpression: 'SET m.x = :x ADD n :one',
      ExpressionAttributeValues: { ':x': { S: 'new' }, ':one': { N: '1' } },
      ReturnValues,
    });
    expect(answer.Attributes).toEqual(Attributes);
  });

  test('a batch writes and reads across items, and names no item twice', () => {
    const PutRequest = (pk: string) => ({ PutRequest: { Item: { ...key(pk, 1), title: { S: pk } } } });
    db.call('BatchWriteItem', { RequestItems: { [TableName]: ['a', 'b', 'c'].map(PutRequest) } });
    db.call('BatchWriteItem', { RequestItems: { [TableName]: [{ DeleteRequest: { Key: key('b', 1) } }] } });
    const Keys = ['a', 'b', 'c'].map((pk) => key(pk, 1));
    const { Responses } = db.call('BatchGetItem', {
      RequestItems: { [TableName]: { Keys, ProjectionExpression: 'title' } },
    });
    expect(Responses).toEqual({ [TableName]: [{ title: { S: 'a' } }, { title: { S: 'c' } }] });
    expect(
      db.refusal('BatchWriteItem', { RequestItems: { [TableName]: [PutRequest('a'), PutRequest('a')] } }),
    ).toMatchObject({
      message: 'Provided list of item keys contains duplicates',
    });
  });

  test('what is not done is refused by name', () => {
    expect(db.refusal('PutItem', { TableName, Item: key('a', 1), Expected: {} })).toMatchObject({
      code: 'NotImplemented',
      message: expect.stringContaining('Expected of dynamodb:PutItem'),
    });
    expect(get('a', 1)).toBeUndefined();
  });
});

describe('tables', () => {
  test('a table is described as it was made', () => {
    const { Table } = db.call('DescribeTable', { TableName }) as { Table: Record<string, unknown> };
    expect(Table).toMatchObject({
      TableName,
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/tasks',
      KeySchema: TASKS.KeySchema,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [expect.objectContaining({ IndexName: 'by-holder', IndexStatus: 'ACTIVE' })],
      StreamSpecification: TASKS.StreamSpecification,
      LatestStreamArn: expect.stringMatching(/^arn:aws:dynamodb:eu-west-1:111111111111:table\/tasks\/stream\/2026-/),
    });
    expect(db.call('DescribeTimeToLive', { TableName })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    });
  });

  test('a table is made once, listed, and gone with its items', () => {
    put(key('a', 1));
    expect(db.refusal('CreateTable', TASKS)).toMatchObject({ code: 'ResourceInUseException' });
    expect(db.call('ListTables', {})).toEqual({ TableNames: [TableName] });
    db.call('DeleteTable', { TableName });
    expect(db.refusal('DescribeTable', { TableName })).toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: tasks not found',
    });
    db.call('CreateTable', TASKS);
    expect(get('a', 1)).toBeUndefined();
  });

  test('a protected table is not deleted', () => {
    db.call('UpdateTable', { TableName, DeletionProtectionEnabled: true });
    expect(db.refusal('DeleteTable', { TableName }).message).toContain('protected against deletion');
    expect(db.call('ListTables', {})).toEqual({ TableNames: [TableName] });
  });

  test('an index that is added later holds the items that were there', () => {
    put({ ...key('a', 1), colour: { S: 'red' } });
    db.call('UpdateTable', {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'colour', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'by-colour',
            KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        },
      ],
    });
    const found = db.call('Query', {
      TableName,
      IndexName: 'by-colour',
      KeyConditionExpression: 'colour = :c',
      ExpressionAttributeValues: { ':c': { S: 'red' } },
    });
    expect(found).toMatchObject({ Count: 1, Items: [{ ...key('a', 1), colour: { S: 'red' } }] });
  });

  test('a template makes a table, changes it and keeps what is in it', async () => {
    const [handler] = db.resources;
    const properties = {
      ...TASKS,
      TableName: undefined,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    };
    const request = {
      stackName: 'stack',
      logicalId: 'Registry',
      artifact: () => new Uint8Array(),
    };
    const made = await handler?.put({ ...request, properties });
    expect(made?.physicalId).toMatch(/^stack-Registry-[0-9A-F]{12}$/);
    expect(made?.attributes.StreamArn).toContain(`table/${made?.physicalId}/stream/`);
    const name = String(made?.physicalId);
    db.call('PutItem', { TableName: name, Item: key('a', 1) });

    const previous = { physicalId: name, properties };
    const again = await handler?.put({
      ...request,
      previous,
      properties: {
        ...properties,
        GlobalSecondaryIndexes: undefined,
        AttributeDefinitions: (TASKS.AttributeDefinitions as object[]).slice(0, 2),
      },
    });
    expect(again).toEqual(made);
    expect(db.call('GetItem', { TableName: name, Key: key('a', 1) }).Item).toEqual(key('a', 1));
    expect(db.call('DescribeTimeToLive', { TableName: name })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
    const otherKey = {
      ...properties,
      KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'sk', AttributeType: 'N' }],
      GlobalSecondaryIndexes: undefined,
    };
    await expect(handler?.put({ ...request, previous, properties: otherKey })).rejects.toThrow('KeySchema changed');
  });
});
