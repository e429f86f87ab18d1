import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Report } from './bench.ts';
import { withBenchDirectory } from './bench-directory.ts';
import { type Flight, inFlight } from './in-flight.ts';
import { machine, round } from './machine.ts';
import { type BenchResource, startRuntimeThread } from './runtime-thread.ts';

const TableName = 'bench';
const OPERATIONS = 500;
const WARM_UP = 200;
const PAYLOAD = 'x'.repeat(1024);

const table: BenchResource = {
  type: 'AWS::DynamoDB::Table',
  logicalId: 'Table',
  properties: {
    TableName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
};

/**
 * Operations on items of 1 KiB over the wire through the SDK, each write on disk before it is answered and in the table's stream; beside
 * them the disk alone: 1 KiB appended and synced.
 */
export const bench = (): Promise<Report> =>
  withBenchDirectory(async (directory) => {
    const runtime = await startRuntimeThread({ directory, resources: [table] });
    const client = new DynamoDBClient(runtime);
    const key = (index: number) => ({ pk: { S: `item-${index}` } });
    const Item = (index: number) => ({ ...key(index), text: { S: PAYLOAD } });
    const operations: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
      PutItem: (index) => client.send(new PutItemCommand({ TableName, Item: Item(index) })),
      'UpdateItem with a condition': (index) =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: key(index),
            UpdateExpression: 'ADD n :one',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
        ),
      'TransactWriteItems of 3': (index) =>
        client.send(
          new TransactWriteItemsCommand({
            TransactItems: [0, 1, 2].map((part) => ({ Put: { TableName, Item: Item(index * 3 + part) } })),
          }),
        ),
      GetItem: (index) => client.send(new GetItemCommand({ TableName, Key: key(index) })),
    };
    try {
      await inFlight(WARM_UP, 20, operations.PutItem as (index: number) => Promise<unknown>);
      const rows: Record<string, string | number>[] = [];
      for (const [operation, run] of Object.entries(operations)) {
        for (const lanes of [1, 20]) {
          const flight: Flight = await inFlight(OPERATIONS, lanes, run);
          rows.push({ operation, inFlight: lanes, ...flight });
        }
      }
      return { bench: 'dynamodb', machine: machine(), rows, summary: { operations: OPERATIONS, ...floor(directory) } };
    } finally {
      client.destroy();
      await runtime.stop();
    }
  });

/** What the disk alone does with as many appends. */
function floor(directory: string): Record<string, number> {
  const descriptor = openSync(join(directory, 'floor'), 'a');
  const block = Buffer.alloc(1024, 'x');
  const beganMs = performance.now();
  for (let count = 0; count < OPERATIONS; count++) {
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
  }
  const ms = performance.now() - beganMs;
  closeSync(descriptor);
  return { floorSyncsPerSecond: Math.round((OPERATIONS / ms) * 1000), floorSyncMs: round(ms / OPERATIONS, 3) };
}
