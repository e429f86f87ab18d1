/** What a service's answer is made of, as its API model says. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly oneOf: readonly string[] }
  | { readonly members: Readonly<Record<string, Shape>>; readonly required?: readonly string[] }
  | { readonly shape: () => Shape };

const strings = (...names: string[]): Record<string, Shape> =>
  Object.fromEntries(names.map((name) => [name, 'string' as const]));

// --- DynamoDB, https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/ ---

const attributeValue: Shape = {
  members: {
    ...strings('S', 'N', 'B'),
    SS: { list: 'string' },
    NS: { list: 'string' },
    BS: { list: 'string' },
    M: { map: { shape: () => attributeValue } },
    L: { list: { shape: () => attributeValue } },
    NULL: 'boolean',
    BOOL: 'boolean',
  },
};
const attributes: Shape = { map: attributeValue };
const capacity: Shape = {
  members: { CapacityUnits: 'number', ReadCapacityUnits: 'number', WriteCapacityUnits: 'number' },
};
const consumedCapacity: Shape = {
  members: {
    TableName: 'string',
    CapacityUnits: 'number',
    ReadCapacityUnits: 'number',
    WriteCapacityUnits: 'number',
    Table: capacity,
    LocalSecondaryIndexes: { map: capacity },
    GlobalSecondaryIndexes: { map: capacity },
  },
};
const written: Shape = {
  members: {
    Attributes: attributes,
    ConsumedCapacity: consumedCapacity,
    ItemCollectionMetrics: { members: { ItemCollectionKey: attributes, SizeEstimateRangeGB: { list: 'number' } } },
  },
};

// --- Step Functions ---

const described: Shape = {
  members: {
    ...strings('ExecutionArn', 'StateMachineArn', 'Name', 'StartDate', 'StopDate', 'Input', 'Output', 'TraceHeader'),
    ...strings('MapRunArn', 'Error', 'Cause', 'StateMachineVersionArn', 'StateMachineAliasArn'),
    ...strings('RedriveDate', 'RedriveStatusReason'),
    Status: { oneOf: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] },
    InputDetails: { members: { Included: 'boolean' } },
    OutputDetails: { members: { Included: 'boolean' } },
    RedriveCount: 'number',
    RedriveStatus: { oneOf: ['REDRIVABLE', 'NOT_REDRIVABLE', 'REDRIVABLE_BY_MAP_RUN'] },
  },
  required: ['ExecutionArn', 'StateMachineArn', 'Status', 'StartDate'],
};

/**
 * `SERVICE:ACTION` → what the result of its Task is checked against: the answer of the operation, and for `.sync` that of the operation
 * which Step Functions polls. A Task that waits for its token is answered by whoever has it, so nothing is known of its result.
 */
const RESULTS: Readonly<Record<string, Shape>> = {
  'lambda:invoke': {
    members: { StatusCode: 'number', ...strings('FunctionError', 'LogResult', 'Payload', 'ExecutedVersion') },
  },
  'states:startExecution': {
    members: strings('ExecutionArn', 'StartDate'),
    required: ['ExecutionArn', 'StartDate'],
  },
  'states:startExecution.sync': described,
  'states:startExecution.sync:2': described,
  'events:putEvents': {
    members: {
      FailedEntryCount: 'number',
      Entries: { list: { members: strings('EventId', 'ErrorCode', 'ErrorMessage') } },
    },
  },
  'sqs:sendMessage': {
    members: strings(
      'MD5OfMessageBody',
      'MD5OfMessageAttributes',
      'MD5OfMessageSystemAttributes',
      'MessageId',
      'SequenceNumber',
    ),
  },
  'sns:publish': { members: strings('MessageId', 'SequenceNumber') },
  'dynamodb:getItem': { members: { Item: attributes, ConsumedCapacity: consumedCapacity } },
  'dynamodb:putItem': written,
  'dynamodb:updateItem': written,
  'dynamodb:deleteItem': written,
  'sagemaker:createTrainingJob': { members: strings('TrainingJobArn'), required: ['TrainingJobArn'] },
  'sagemaker:createTrainingJob.sync': {
    members: {
      ...strings('TrainingJobName', 'TrainingJobArn', 'FailureReason', 'RoleArn', 'CreationTime', 'TrainingStartTime'),
      ...strings('TrainingEndTime', 'LastModifiedTime', 'SecondaryStatus'),
      ModelArtifacts: { members: strings('S3ModelArtifacts'), required: ['S3ModelArtifacts'] },
      TrainingJobStatus: { oneOf: ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped', 'Deleting'] },
      HyperParameters: { map: 'string' },
      TrainingTimeInSeconds: 'number',
      BillableTimeInSeconds: 'number',
    },
    required: [
      'TrainingJobName',
      'TrainingJobArn',
      'ModelArtifacts',
      'TrainingJobStatus',
      'SecondaryStatus',
      'StoppingCondition',
      'CreationTime',
    ],
  },
};

/** The service's name in `aws-sdk:` resources, where the optimised integration has another. */
const SDK_NAMES: Readonly<Record<string, string>> = { sfn: 'states', eventbridge: 'events' };

/** Undefined where the shape is not known here: the result is then taken as it is. */
export function resultShape(resourceType: string, resource: string): Shape | undefined {
  const sdk = /^aws-sdk:(.+)$/.exec(resourceType)?.[1];
  const service = sdk === undefined ? resourceType : (SDK_NAMES[sdk] ?? sdk);
  return RESULTS[`${service}:${resource}`];
}
