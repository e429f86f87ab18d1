import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext, Call, JsonObject } from '../service.ts';
import { Store } from '../store/store.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb.ts';

export const ACCOUNT = '111111111111';

/** The service in this process, with a clock that a test moves. */
export interface TestDynamoDb extends DynamoDb {
  readonly clock: VirtualClock;
  call(operation: string, input: JsonObject, call?: Call): JsonObject;
  /** Runs what must fail; gives the error's code and message. */
  refusal(operation: string, input: JsonObject): { code: string; message: string; fields: JsonObject };
  /** Closes the store and opens the same file again, as after a crash. */
  reopen(): void;
  dispose(): void;
}

const ADMINISTRATOR: Call = {
  principal: { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT },
  accountId: ACCOUNT,
  region: 'eu-west-1',
  requestId: 'request',
};

export function openTestDynamoDb(): TestDynamoDb {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-dynamodb-'));
  const clock = new VirtualClock();
  const open = () => {
    const store = new Store(join(directory, 'store.db'));
    const ctx: AccountContext = {
      accountId: ACCOUNT,
      region: 'eu-west-1',
      store,
      directory,
      clock,
      ids: seededIds('dynamodb'),
      log: () => undefined,
    };
    const service = createDynamoDb(ctx);
    service.background.start();
    return { store, service };
  };
  let current = open();
  const call = (operation: string, input: JsonObject, by = ADMINISTRATOR): JsonObject => {
    const run = current.service.service.operations[operation];
    if (!run) throw new Error(`No operation ${operation}`);
    // As the wire would bring it.
    return run(JSON.parse(JSON.stringify(input)) as JsonObject, by) as JsonObject;
  };
  return {
    get service() {
      return current.service.service;
    },
    get resources() {
      return current.service.resources;
    },
    get streams() {
      return current.service.streams;
    },
    get background() {
      return current.service.background;
    },
    clock,
    call,
    refusal(operation, input) {
      try {
        call(operation, input);
      } catch (error) {
        const { code, message, fields } = error as { code: string; message: string; fields: JsonObject };
        if (code === undefined) throw error;
        return { code, message, fields };
      }
      throw new Error(`${operation} was not refused`);
    },
    reopen() {
      void current.service.background.stop();
      current.store.close();
      current = open();
    },
    dispose() {
      void current.service.background.stop();
      current.store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `pk` (S) and `sk` (N), an index by `owner` and `due`, and a stream with both images. */
export const TASKS: JsonObject = {
  TableName: 'tasks',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
    { AttributeName: 'holder', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-holder',
      KeySchema: [
        { AttributeName: 'holder', KeyType: 'HASH' },
        { AttributeName: 'due', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
};
