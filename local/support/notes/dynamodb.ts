import type { ServiceNotes } from '../service-notes.ts';

export const dynamodbNotes: ServiceNotes = {
  service: 'dynamodb',
  title: 'DynamoDB',
  typePrefixes: ['AWS::DynamoDB::'],
  does: [
    'Expressions (condition, filter, key condition, projection, update), transactions, batches, global and local secondary indexes, time to live, streams with all four view types.',
  ],
  withoutEffect: [
    { type: 'AWS::DynamoDB::Table', properties: ['ProvisionedThroughput'], as: 'shown', why: 'nothing is throttled' },
    { type: 'AWS::DynamoDB::Table', properties: ['SSESpecification'], as: 'shown', why: 'items are not encrypted' },
    {
      type: 'AWS::DynamoDB::Table',
      properties: ['PointInTimeRecoverySpecification'],
      as: 'shown',
      why: 'there is no backup to restore from',
    },
    { type: 'AWS::DynamoDB::Table', properties: ['Tags'], as: 'kept' },
  ],
  refusedOperations: [
    'ExecuteStatement',
    'CreateBackup',
    'RestoreTableToPointInTime',
    'ExportTableToPointInTime',
    'TagResource',
    'PutResourcePolicy',
  ],
  refused: [
    'The members that expressions replaced: `AttributesToGet`, `AttributeUpdates`, `ConditionalOperator`, `Expected`, `KeyConditions`, `QueryFilter`, `ScanFilter`.',
    '`ReturnConsumedCapacity` and `ReturnItemCollectionMetrics` other than `NONE`.',
    'Table classes other than `STANDARD`, global tables, resource policies, `OnDemandThroughput`, `WarmThroughput`.',
    'PartiQL, backups, exports, tagging, and the API of DynamoDB Streams: a stream is read by a Lambda event source mapping.',
    'A template that changes a table’s `KeySchema` or its local indexes in place.',
  ],
  differs: ['A table is never seen `CREATING` or `UPDATING`: changes take effect at once.'],
};
