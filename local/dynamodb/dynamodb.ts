import { parseArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { AccountContext, Background, OperationService, Services } from '../service.ts';
import { ItemOperations } from './item-operations.ts';
import { Items } from './items.ts';
import { tableHandler } from './resources.ts';
import { type StreamReader, Streams } from './streams.ts';
import { TableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';
import { TimeToLive } from './time-to-live.ts';

export type { StreamReader, StreamRecord } from './streams.ts';

export interface DynamoDb {
  readonly service: OperationService;
  readonly resources: readonly ResourceHandler[];
  readonly streams: StreamReader;
  /** Deletes expired items. */
  readonly background: Background;
}

/** DynamoDB of one account. It asks nothing of the other services: what follows a change reads its stream. */
export function createDynamoDb(ctx: AccountContext, _services?: Services): DynamoDb {
  const streams = new Streams(ctx);
  const tables = new Tables(ctx);
  const items = new Items(ctx.store, streams);
  const timeToLive = new TimeToLive(ctx, tables, items);
  const tableOperations = new TableOperations(ctx, tables, items, timeToLive);
  const itemOperations = new ItemOperations(ctx, tables, items, timeToLive);
  return {
    service: {
      name: 'dynamodb',
      operations: { ...tableOperations.operations(), ...itemOperations.operations() },
      // Another account's table is named by its ARN; that account then judges the call.
      addressedAccount: (_operation, { TableName: name }) =>
        typeof name === 'string' ? parseArn(name)?.accountId : undefined,
    },
    resources: [tableHandler(ctx, tables, tableOperations)],
    streams,
    background: {
      start: () => timeToLive.start(),
      stop: async () => timeToLive.stop(),
    },
  };
}
