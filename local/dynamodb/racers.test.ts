import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const TableName = 'racers';
const KEYS = ['a', 'b'];

let runtime: TestRuntime;
let clients: DynamoDBClient[];
beforeAll(async () => {
  runtime = await startTestRuntime();
  // Connections of their own, so that requests come in whatever order the sockets have.
  clients = Array.from({ length: 4 }, () => new DynamoDBClient(runtime.client(DEV)));
  await runtime.put(DEV, 'AWS::DynamoDB::Table', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await runtime.dispose();
});

/** A write that was acknowledged: the versions that it made. */
type Made = readonly (readonly [key: string, version: number])[];

interface Attempt {
  readonly client: number;
  /** One key, or both in a transaction. */
  readonly keys: readonly string[];
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  client: fc.nat({ max: 3 }),
  keys: fc.oneof(...KEYS.map((key) => fc.constant([key])), fc.constant(KEYS)),
});

/** Reads the versions, and writes the next ones if they still stand so. Undefined when somebody was faster. */
async function raise({ client: at, keys }: Attempt, run: string, mine: string): Promise<Made | undefined> {
  const client = clients[at] as DynamoDBClient;
  const seen = await Promise.all(keys.map(async (key) => [key, await versionOf(client, `${run}/${key}`)] as const));
  const updates = seen.map(([key, version]) => ({
    TableName,
    Key: { pk: { S: `${run}/${key}` } },
    UpdateExpression: 'SET version = :next, writer = :mine',
    ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : 'version = :seen',
    ExpressionAttributeValues: {
      ':next': { N: String(version + 1) },
      ':mine': { S: mine },
      ...(version === 0 ? {} : { ':seen': { N: String(version) } }),
    },
  }));
  try {
    const [only, ...others] = updates;
    if (only && others.length === 0) await client.send(new UpdateItemCommand(only));
    else await client.send(new TransactWriteItemsCommand({ TransactItems: updates.map((Update) => ({ Update })) }));
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException)
      return undefined;
    throw error;
  }
  return seen.map(([key, version]) => [key, version + 1]);
}

async function versionOf(client: DynamoDBClient, pk: string): Promise<number> {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }));
  return Number(Item?.version?.N ?? 0);
}

test('of racers for the next version of an item one wins each, and transactions win everywhere or nowhere', {
  timeout: 120_000,
}, async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 2, maxLength: 24 }), async (attempts) => {
      const run = String(runs++);
      const made = await Promise.all(attempts.map((one, at) => raise(one, run, String(at))));
      for (const key of KEYS) {
        const versions = made
          .flatMap((each) => each ?? [])
          .filter(([one]) => one === key)
          .map(([, version]) => version);
        // Each version was made once and none left out: the acknowledged writes stand in one order, whatever was asked at once.
        expect(versions.toSorted((a, b) => a - b)).toEqual(versions.map((_, at) => at + 1));
        const { Item } = await (clients[0] as DynamoDBClient).send(
          new GetItemCommand({ TableName, Key: { pk: { S: `${run}/${key}` } }, ConsistentRead: true }),
        );
        expect(Number(Item?.version?.N ?? 0)).toBe(versions.length);
        const last = made.findIndex((each) =>
          each?.some(([one, version]) => one === key && version === versions.length),
        );
        if (last >= 0) expect(Item?.writer).toEqual({ S: String(last) });
      }
      // Somebody is always fastest.
      expect(made.some((each) => each !== undefined)).toBe(true);
    }),
    { numRuns: 40 },
  );
});
