import type { JsonObject } from '../service.ts';
import type { Items } from './items.ts';
import {
  type IndexDefinition,
  indexArnOf,
  type KeySchema,
  keyAttributes,
  streamArnOf,
  type Table,
} from './table-definition.ts';

/** `TableDescription`, as DescribeTable answers it. Times are epoch seconds. */
export function describeTable(table: Table, items: Items, status: 'ACTIVE' | 'DELETING' = 'ACTIVE'): JsonObject {
  const { items: itemCount, bytes } = items.count(table);
  const throughput = describeThroughput(table);
  const describe = (kind: IndexDefinition['kind']) =>
    table.indexes
      .filter((index) => index.kind === kind)
      .map((index) =>
        describeIndex(table, index, items, kind === 'global' ? { IndexStatus: 'ACTIVE', ...throughput } : {}),
      );
  const [global, local] = [describe('global'), describe('local')];
  return {
    AttributeDefinitions: attributeDefinitions(table),
    TableName: table.name,
    KeySchema: describeKey(table.key),
    TableStatus: status,
    CreationDateTime: table.createdAtMs / 1000,
    ...throughput,
    ...(table.billingMode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode: table.billingMode } } : {}),
    TableSizeBytes: bytes,
    ItemCount: itemCount,
    TableArn: table.arn,
    TableId: table.tableUuid,
    ...(global.length > 0 ? { GlobalSecondaryIndexes: global } : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local } : {}),
    ...describeStream(table),
    ...(table.encryption
      ? { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.encryption.keyArn } }
      : {}),
    DeletionProtectionEnabled: table.deletionProtection,
  };
}

function describeStream(table: Table): JsonObject {
  if (!table.stream) return {};
  return {
    ...(table.stream.enabled
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: table.stream.viewType } }
      : {}),
    LatestStreamLabel: table.stream.label,
    LatestStreamArn: streamArnOf(table),
  };
}

const describeThroughput = (table: Table): JsonObject => ({
  ProvisionedThroughput: {
    NumberOfDecreasesToday: 0,
    ReadCapacityUnits: table.throughput?.read ?? 0,
    WriteCapacityUnits: table.throughput?.write ?? 0,
  },
});

function describeIndex(table: Table, index: IndexDefinition, items: Items, more: JsonObject): JsonObject {
  const { items: itemCount, bytes } = items.count(table, index);
  return {
    IndexName: index.name,
    KeySchema: describeKey(index.key),
    Projection: {
      ProjectionType: index.projection.type,
      ...(index.projection.type === 'INCLUDE' ? { NonKeyAttributes: index.projection.attributes } : {}),
    },
    ...more,
    IndexSizeBytes: bytes,
    ItemCount: itemCount,
    IndexArn: indexArnOf(table, index.name),
  };
}

const describeKey = (key: KeySchema): readonly JsonObject[] => [
  { AttributeName: key.hash.name, KeyType: 'HASH' },
  ...(key.range ? [{ AttributeName: key.range.name, KeyType: 'RANGE' }] : []),
];

function attributeDefinitions(table: Table): readonly JsonObject[] {
  const attributes = [table.key, ...table.indexes.map(({ key }) => key)].flatMap(keyAttributes);
  const types = new Map(attributes.map(({ name, type }) => [name, type]));
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}
