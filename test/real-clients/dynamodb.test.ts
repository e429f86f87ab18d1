import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: DynamoDBClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new DynamoDBClient(runtime.client(DEV));
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
});

const dynamo = (...words: string[]) => cli.json('dynamodb', ...words);
const json = (value: unknown) => JSON.stringify(value);
const key = (pk: string, n: number) => ({ pk: { S: pk }, n: { N: String(n) } });

/** A table with `pk` and `n`, and an index by `kind`. */
const makeTable = (name: string) =>
  dynamo(
    ...['create-table', '--table-name', name, '--billing-mode', 'PAY_PER_REQUEST'],
    ...['--attribute-definitions', 'AttributeName=pk,AttributeType=S', 'AttributeName=n,AttributeType=N'],
    'AttributeName=kind,AttributeType=S',
    ...['--key-schema', 'AttributeName=pk,KeyType=HASH', 'AttributeName=n,KeyType=RANGE'],
    '--global-secondary-indexes',
    json([
      {
        IndexName: 'by-kind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]),
  );

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 120_000 }, () => {
  it.skipIf(awscliMissing)('makes a table, waits for it, changes its settings and deletes it', async () => {
    expect(await makeTable('settings')).toMatchObject({ TableDescription: { TableName: 'settings' } });
    const table = ['--table-name', 'settings'];
    await dynamo('wait', 'table-exists', ...table);
    expect(await dynamo('list-tables')).toEqual({ TableNames: ['settings'] });
    expect(await dynamo('describe-table', ...table)).toMatchObject({
      Table: { TableStatus: 'ACTIVE', GlobalSecondaryIndexes: [{ IndexName: 'by-kind', IndexStatus: 'ACTIVE' }] },
    });

    await dynamo('update-time-to-live', ...table, '--time-to-live-specification', 'Enabled=true,AttributeName=expires');
    expect(await dynamo('describe-time-to-live', ...table)).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
    const recovery = ['--point-in-time-recovery-specification', 'PointInTimeRecoveryEnabled=true'];
    await dynamo('update-continuous-backups', ...table, ...recovery);
    expect(await dynamo('describe-continuous-backups', ...table)).toMatchObject({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
      },
    });
    const stream = ['--stream-specification', 'StreamEnabled=true,StreamViewType=NEW_IMAGE'];
    expect(await dynamo('update-table', ...table, ...stream)).toMatchObject({
      TableDescription: { StreamSpecification: { StreamEnabled: true } },
    });

    await dynamo('delete-table', ...table);
    await dynamo('wait', 'table-not-exists', ...table);
    await expect(dynamo('describe-table', ...table)).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the DescribeTable operation: Requested resource not found: Table: settings not found',
    );
  });

  it.skipIf(awscliMissing)('writes, reads, finds and deletes items', async () => {
    await makeTable('things');
    const table = ['--table-name', 'things'];
    const number = '12345678901234567890.123456789012345678';
    const item = {
      ...key('a', 1),
      kind: { S: 'x' },
      exact: { N: number },
      bytes: { B: 'AAEC' },
      list: { L: [{ NULL: true }] },
    };
    await dynamo('put-item', ...table, '--item', json(item));
    expect(await dynamo('get-item', ...table, '--key', json(key('a', 1)))).toEqual({ Item: item });

    const more = [2, 3, 4].map((n) => ({ PutRequest: { Item: { ...key('a', n), kind: { S: n > 2 ? 'x' : 'y' } } } }));
    expect(await dynamo('batch-write-item', '--request-items', json({ things: more }))).toEqual({
      UnprocessedItems: {},
    });
    const got = (await dynamo(
      ...['batch-get-item', '--request-items', json({ things: { Keys: [key('a', 2), key('a', 9)] } })],
    )) as { Responses: { things: object[] } };
    expect(got.Responses.things).toEqual([{ ...key('a', 2), kind: { S: 'y' } }]);

    const query = [
      '--key-condition-expression',
      'kind = :kind',
      '--expression-attribute-values',
      '{":kind": {"S": "x"}}',
    ];
    const found = (await dynamo('query', ...table, '--index-name', 'by-kind', ...query)) as {
      Count: number;
      Items: { n: { N: string } }[];
    };
    expect(found.Count).toBe(3);
    expect(found.Items.map(({ n }) => n.N).sort()).toEqual(['1', '3', '4']);
    // The CLI pages by itself: three requests of one item each.
    const scanned = (await dynamo('scan', ...table, '--page-size', '1', '--projection-expression', 'n')) as {
      Items: object[];
    };
    expect(scanned.Items).toHaveLength(4);

    const update = [
      '--update-expression',
      'SET #k = :new ADD hits :one',
      '--expression-attribute-names',
      '{"#k": "kind"}',
    ];
    const values = ['--expression-attribute-values', '{":new": {"S": "z"}, ":one": {"N": "1"}}'];
    expect(
      await dynamo(
        ...['update-item', ...table, '--key', json(key('a', 1)), ...update, ...values],
        ...['--return-values', 'UPDATED_NEW'],
      ),
    ).toEqual({ Attributes: { kind: { S: 'z' }, hits: { N: '1' } } });
    await expect(
      dynamo(
        ...['put-item', ...table, '--item', json(key('a', 1)), '--condition-expression', 'attribute_not_exists(pk)'],
      ),
    ).rejects.toThrow(
      'An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed',
    );
    expect(await dynamo('delete-item', ...table, '--key', json(key('a', 4)), '--return-values', 'ALL_OLD')).toEqual({
      Attributes: { ...key('a', 4), kind: { S: 'x' } },
    });
  });

  it.skipIf(awscliMissing)('does all of a transaction or nothing, and says which part was in the way', async () => {
    await makeTable('accounts');
    const put = (n: number, condition?: string) => ({
      Put: { TableName: 'accounts', Item: key('t', n), ...(condition ? { ConditionExpression: condition } : {}) },
    });
    await dynamo('transact-write-items', '--transact-items', json([put(1), put(2)]));
    const get = (n: number) => ({ Get: { TableName: 'accounts', Key: key('t', n) } });
    expect(await dynamo('transact-get-items', '--transact-items', json([get(1), get(3)]))).toEqual({
      Responses: [{ Item: key('t', 1) }, {}],
    });
    await expect(
      dynamo('transact-write-items', '--transact-items', json([put(3), put(2, 'attribute_not_exists(pk)')])),
    ).rejects.toThrow(
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    );
    expect(await dynamo('get-item', '--table-name', 'accounts', '--key', json(key('t', 3)))).toEqual({});
  });
});

describe('the SDK', () => {
  const definition = {
    TableName: 'sdk',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };

  it('gets the reasons of a cancelled transaction, with the item that was in the way', async () => {
    await runtime.put(DEV, 'AWS::DynamoDB::Table', definition);
    await sdk.send(new PutItemCommand({ TableName: 'sdk', Item: { pk: { S: 'taken' }, by: { S: 'me' } } }));
    const write = (pk: string) => ({
      Put: {
        TableName: 'sdk',
        Item: { pk: { S: pk } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      },
    });
    await expect(
      sdk.send(new TransactWriteItemsCommand({ TransactItems: [write('free'), write('taken')] })),
    ).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'taken' }, by: { S: 'me' } } },
      ],
    });
  });
});
