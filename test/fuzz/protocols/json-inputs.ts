import type { JsonObject } from '../../../local/service.ts';
import { accountFacts } from '../../../local/support/account-facts.ts';
import { ACCOUNT, arnOf, type FuzzWorld, OTHER_ACCOUNT, REGION, ROLE } from './fuzz-world.ts';

const KEY = { pk: { S: 'a' }, sk: { N: '1' } };
const VALUES = { ':a': { S: 'a' }, ':n': { N: '1' }, ':b': { N: '2' }, ':l': { L: [{ S: 'y' }] } };
const BUS = arnOf('events', 'event-bus/default');
const MACHINE = arnOf('states', 'stateMachine:m');
const DEFINITION = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}';
const DIGEST = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=';

const DYNAMODB: Readonly<Record<string, JsonObject>> = {
  BatchGetItem: {
    RequestItems: {
      things: { Keys: [KEY], ProjectionExpression: 'n, #l', ExpressionAttributeNames: { '#l': 'list' } },
    },
  },
  BatchWriteItem: {
    RequestItems: {
      things: [
        { PutRequest: { Item: { ...KEY, n: { N: '2' } } } },
        { DeleteRequest: { Key: { pk: { S: 'b' }, sk: { N: '1' } } } },
      ],
    },
  },
  CreateTable: {
    TableName: 'others',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  DeleteItem: {
    TableName: 'things',
    Key: KEY,
    ConditionExpression: 'n > :n',
    ExpressionAttributeValues: { ':n': { N: '0' } },
    ReturnValues: 'ALL_OLD',
  },
  DeleteTable: { TableName: 'others' },
  GetItem: { TableName: 'things', Key: KEY, ConsistentRead: true, ProjectionExpression: 'n, list[0]' },
  ListTables: { Limit: 10, ExclusiveStartTableName: 'a' },
  PutItem: {
    TableName: 'things',
    Item: {
      ...KEY,
      n: { N: '3.50' },
      list: { L: [{ S: 'x' }, { M: { a: { BOOL: true } } }] },
      set: { SS: ['a', 'b'] },
      owner: { S: 'me' },
    },
    ConditionExpression: 'attribute_exists(pk) AND size(list) < :n',
    ExpressionAttributeValues: { ':n': { N: '9' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
  Query: {
    TableName: 'things',
    KeyConditionExpression: 'pk = :a AND sk BETWEEN :n AND :b',
    FilterExpression: 'attribute_exists(n) OR contains(list, :a)',
    ExpressionAttributeValues: { ':a': VALUES[':a'], ':n': VALUES[':n'], ':b': VALUES[':b'] },
    Limit: 5,
    ScanIndexForward: false,
    ExclusiveStartKey: KEY,
  },
  Scan: {
    TableName: 'things',
    FilterExpression: '#n = :n',
    ExpressionAttributeNames: { '#n': 'n' },
    ExpressionAttributeValues: { ':n': { N: '1' } },
    Segment: 0,
    TotalSegments: 2,
    Limit: 3,
  },
  TransactGetItems: { TransactItems: [{ Get: { TableName: 'things', Key: KEY, ProjectionExpression: 'n' } }] },
  TransactWriteItems: {
    ClientRequestToken: 'token',
    TransactItems: [
      { Put: { TableName: 'things', Item: { pk: { S: 't' }, sk: { N: '1' } } } },
      {
        Update: {
          TableName: 'things',
          Key: KEY,
          UpdateExpression: 'ADD n :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
        },
      },
      {
        ConditionCheck: {
          TableName: 'things',
          Key: { pk: { S: 'c' }, sk: { N: '1' } },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ],
  },
  UpdateContinuousBackups: {
    TableName: 'things',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
  UpdateItem: {
    TableName: 'things',
    Key: KEY,
    UpdateExpression: 'SET n = n + :n, list = list_append(list, :l) REMOVE #gone',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#gone': 'gone' },
    ExpressionAttributeValues: { ':n': VALUES[':n'], ':l': VALUES[':l'] },
    ReturnValues: 'UPDATED_NEW',
  },
  UpdateTable: { TableName: 'things', GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'none' } }] },
  UpdateTimeToLive: { TableName: 'things', TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } },
  ListTagsOfResource: { ResourceArn: arnOf('dynamodb', 'table/things') },
  TagResource: { ResourceArn: arnOf('dynamodb', 'table/things'), Tags: [{ Key: 'a', Value: 'b' }] },
  UntagResource: { ResourceArn: arnOf('dynamodb', 'table/things'), TagKeys: ['a'] },
};

const EVENTS: Readonly<Record<string, JsonObject>> = {
  CancelReplay: { ReplayName: 'replay' },
  CreateApiDestination: {
    Name: 'd',
    ConnectionArn: arnOf('events', 'connection/c/x'),
    InvocationEndpoint: 'https://example.com/*',
    HttpMethod: 'POST',
    InvocationRateLimitPerSecond: 5,
  },
  CreateArchive: { ArchiveName: 'b', EventSourceArn: BUS, EventPattern: '{"source":["a"]}', RetentionDays: 1 },
  CreateConnection: {
    Name: 'c',
    AuthorizationType: 'BASIC',
    AuthParameters: {
      BasicAuthParameters: { Username: 'u', Password: 'p' },
      InvocationHttpParameters: { HeaderParameters: [{ Key: 'k', Value: 'v', IsValueSecret: true }] },
    },
  },
  CreateEventBus: { Name: 'made', Tags: [{ Key: 'a', Value: 'b' }] },
  DeleteApiDestination: { Name: 'd' },
  DeleteArchive: { ArchiveName: 'b' },
  DeleteConnection: { Name: 'c' },
  DeleteEventBus: { Name: 'made' },
  DeleteRule: { Name: 's', Force: false },
  DescribeApiDestination: { Name: 'd' },
  DescribeArchive: { ArchiveName: 'a' },
  DescribeConnection: { Name: 'c' },
  DescribeEventBus: { Name: 'bus' },
  DescribeReplay: { ReplayName: 'replay' },
  ListApiDestinations: { NamePrefix: 'd', ConnectionArn: arnOf('events', 'connection/c/x'), Limit: 5 },
  ListArchives: { EventSourceArn: BUS, Limit: 5 },
  ListConnections: { NamePrefix: 'c', Limit: 5 },
  ListEventBuses: { NamePrefix: 'b', Limit: 5, NextToken: 'x' },
  ListReplays: { State: 'COMPLETED', Limit: 5 },
  ListRuleNamesByTarget: { TargetArn: arnOf('sqs', 'queue'), Limit: 5 },
  ListRules: { NamePrefix: 'r', Limit: 5 },
  ListTargetsByRule: { Rule: 'r', Limit: 5 },
  ListTagsForResource: { ResourceARN: BUS },
  PutEvents: {
    Entries: [
      {
        Source: 'fuzz',
        DetailType: 'x',
        Detail: '{"a":[1,{"b":null}]}',
        Resources: [BUS],
        Time: 1767225600,
        EventBusName: 'default',
        TraceHeader: 'Root=1',
      },
      { Source: 'fuzz', DetailType: 'y', Detail: '{}' },
    ],
  },
  PutPermission: { EventBusName: 'bus', StatementId: 's', Principal: OTHER_ACCOUNT, Action: 'events:PutEvents' },
  PutRule: {
    Name: 's',
    EventPattern: '{"source":["never"],"detail":{"a":[{"numeric":[">",1]}]}}',
    State: 'ENABLED',
    Description: 'd',
    Tags: [{ Key: 'a', Value: 'b' }],
  },
  PutTargets: {
    Rule: 'r',
    Targets: [
      {
        Id: 'u',
        Arn: arnOf('sqs', 'queue'),
        InputTransformer: { InputPathsMap: { a: '$.detail.a' }, InputTemplate: '{"x":<a>}' },
        RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: { Arn: arnOf('sqs', 'queue') },
      },
    ],
  },
  RemovePermission: { EventBusName: 'bus', StatementId: 's' },
  RemoveTargets: { Rule: 'r', Ids: ['u'] },
  StartReplay: {
    ReplayName: 'replay',
    EventSourceArn: arnOf('events', 'archive/a'),
    EventStartTime: 1767225600,
    EventEndTime: 1767225660,
    Destination: { Arn: BUS, FilterArns: [arnOf('events', 'rule/r')] },
  },
  TagResource: { ResourceARN: BUS, Tags: [{ Key: 'a', Value: 'b' }] },
  TestEventPattern: {
    EventPattern: '{"source":["a"],"detail":{"n":[{"numeric":["<",5]}],"s":[{"wildcard":"a*b"}]}}',
    Event: `{"id":"1","source":"a","detail-type":"t","account":"${ACCOUNT}","time":"2026-01-01T00:00:00Z","region":"${REGION}","resources":[],"detail":{"n":1,"s":"ab"}}`,
  },
  UntagResource: { ResourceARN: BUS, TagKeys: ['a'] },
  UpdateApiDestination: { Name: 'd', InvocationEndpoint: 'https://example.com/', HttpMethod: 'GET' },
  UpdateArchive: { ArchiveName: 'a', EventPattern: '{"source":["fuzz"]}', RetentionDays: 2 },
  UpdateConnection: {
    Name: 'c',
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' } },
  },
};

const kms = ({ keyId, signingKeyId, ciphertext }: FuzzWorld): Readonly<Record<string, JsonObject>> => ({
  Decrypt: { CiphertextBlob: ciphertext, KeyId: keyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
  Encrypt: { KeyId: keyId, Plaintext: 'aGVsbG8=', EncryptionContext: { a: 'b' } },
  GenerateDataKey: { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: { a: 'b' } },
  GenerateDataKeyWithoutPlaintext: { KeyId: keyId, NumberOfBytes: 32 },
  GetKeyPolicy: { KeyId: keyId, PolicyName: 'default' },
  GetPublicKey: { KeyId: signingKeyId },
  ListAliases: { KeyId: keyId, Limit: 5, Marker: 'x' },
  ListKeys: { Limit: 5, Marker: 'x' },
  Sign: { KeyId: signingKeyId, SigningAlgorithm: 'ECDSA_SHA_256', Message: 'aGVsbG8=', MessageType: 'RAW' },
  Verify: {
    KeyId: signingKeyId,
    SigningAlgorithm: 'ECDSA_SHA_256',
    Message: DIGEST,
    MessageType: 'DIGEST',
    Signature: 'MEUCIQD=',
  },
});

const sqs = ({ queueUrl: QueueUrl }: FuzzWorld): Readonly<Record<string, JsonObject>> => ({
  ChangeMessageVisibility: { QueueUrl, ReceiptHandle: 'h', VisibilityTimeout: 1 },
  ChangeMessageVisibilityBatch: { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'h', VisibilityTimeout: 1 }] },
  CreateQueue: {
    QueueName: 'other',
    Attributes: {
      VisibilityTimeout: '30',
      RedrivePolicy: `{"deadLetterTargetArn":"${arnOf('sqs', 'queue')}","maxReceiveCount":3}`,
    },
    tags: { a: 'b' },
  },
  DeleteMessage: { QueueUrl, ReceiptHandle: 'h' },
  DeleteMessageBatch: { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'h' }] },
  GetQueueAttributes: { QueueUrl, AttributeNames: ['All'] },
  GetQueueUrl: { QueueName: 'queue', QueueOwnerAWSAccountId: ACCOUNT },
  ListQueues: { QueueNamePrefix: 'q', MaxResults: 5 },
  ReceiveMessage: {
    QueueUrl,
    MaxNumberOfMessages: 2,
    VisibilityTimeout: 0,
    AttributeNames: ['All'],
    MessageAttributeNames: ['a.*'],
  },
  SendMessage: {
    QueueUrl,
    MessageBody: 'b',
    DelaySeconds: 0,
    MessageAttributes: {
      a: { DataType: 'Number.int', StringValue: '1' },
      b: { DataType: 'Binary', BinaryValue: 'AA==' },
    },
  },
  SendMessageBatch: {
    QueueUrl,
    Entries: [
      { Id: 'a', MessageBody: 'b' },
      { Id: 'c', MessageBody: 'd', DelaySeconds: 1 },
    ],
  },
  SetQueueAttributes: {
    QueueUrl,
    Attributes: { VisibilityTimeout: '1', Policy: '{"Version":"2012-10-17","Statement":[]}' },
  },
  TagQueue: { QueueUrl, Tags: { a: 'b' } },
  UntagQueue: { QueueUrl, TagKeys: ['a'] },
  '': { QueueUrl },
});

const states = ({ executionArn }: FuzzWorld): Readonly<Record<string, JsonObject>> => ({
  CreateActivity: { name: 'made', tags: [{ key: 'a', value: 'b' }] },
  CreateStateMachine: {
    name: 'made',
    definition: DEFINITION,
    roleArn: ROLE,
    type: 'STANDARD',
    publish: true,
    versionDescription: 'v',
    tags: [{ key: 'a', value: 'b' }],
  },
  CreateStateMachineAlias: {
    name: 'alias',
    routingConfiguration: [{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }],
  },
  DeleteActivity: { activityArn: arnOf('states', 'activity:made') },
  DeleteStateMachine: { stateMachineArn: arnOf('states', 'stateMachine:made') },
  DeleteStateMachineAlias: { stateMachineAliasArn: `${MACHINE}:alias` },
  DeleteStateMachineVersion: { stateMachineVersionArn: `${MACHINE}:1` },
  DescribeActivity: { activityArn: arnOf('states', 'activity:act') },
  DescribeExecution: { executionArn, includedData: 'ALL_DATA' },
  DescribeMapRun: { mapRunArn: arnOf('states', 'mapRun:m/x:y') },
  DescribeStateMachine: { stateMachineArn: MACHINE },
  DescribeStateMachineAlias: { stateMachineAliasArn: `${MACHINE}:alias` },
  DescribeStateMachineForExecution: { executionArn },
  GetActivityTask: { activityArn: arnOf('states', 'activity:act'), workerName: 'w' },
  GetExecutionHistory: { executionArn, maxResults: 10, reverseOrder: true, includeExecutionData: true, nextToken: 'x' },
  ListActivities: { maxResults: 10, nextToken: 'x' },
  ListExecutions: { stateMachineArn: MACHINE, statusFilter: 'SUCCEEDED', maxResults: 10 },
  ListMapRuns: { executionArn },
  ListStateMachineAliases: { stateMachineArn: MACHINE },
  ListStateMachines: { maxResults: 10 },
  ListStateMachineVersions: { stateMachineArn: MACHINE },
  ListTagsForResource: { resourceArn: MACHINE },
  PublishStateMachineVersion: { stateMachineArn: MACHINE, description: 'v' },
  RedriveExecution: { executionArn, clientToken: 'token' },
  SendTaskFailure: { taskToken: 'AAAA', error: 'e', cause: 'c' },
  SendTaskHeartbeat: { taskToken: 'AAAA' },
  SendTaskSuccess: { taskToken: 'AAAA', output: '{}' },
  StartExecution: { stateMachineArn: MACHINE, name: 'again', input: '{"a":1}', traceHeader: 't' },
  StartSyncExecution: { stateMachineArn: arnOf('states', 'stateMachine:express'), input: '{}', name: 'sync' },
  StopExecution: { executionArn, error: 'e', cause: 'c' },
  TagResource: { resourceArn: MACHINE, tags: [{ key: 'a', value: 'b' }] },
  TestState: {
    definition: '{"Type":"Pass","End":true}',
    roleArn: ROLE,
    input: '{}',
    inspectionLevel: 'TRACE',
    variables: '{}',
  },
  UntagResource: { resourceArn: MACHINE, tagKeys: ['a'] },
  UpdateMapRun: { mapRunArn: arnOf('states', 'mapRun:m/x:y'), maxConcurrency: 1 },
  UpdateStateMachine: { stateMachineArn: MACHINE, definition: DEFINITION, roleArn: ROLE, publish: false },
  UpdateStateMachineAlias: { stateMachineAliasArn: `${MACHINE}:alias`, description: 'd' },
  ValidateStateMachineDefinition: { definition: DEFINITION, type: 'STANDARD', severity: 'WARNING', maxResults: 5 },
});

const SAGEMAKER: Readonly<Record<string, JsonObject>> = {
  AddTags: { ResourceArn: arnOf('sagemaker', 'training-job/job'), Tags: [{ Key: 'a', Value: 'b' }] },
  CreateTrainingJob: {
    TrainingJobName: 'job',
    AlgorithmSpecification: { TrainingImage: 'local://none', TrainingInputMode: 'File' },
    RoleArn: ROLE,
    HyperParameters: { rate: '0.1' },
    InputDataConfig: [
      { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://bucket/key' } } },
    ],
    OutputDataConfig: { S3OutputPath: 's3://bucket/out' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
  },
  DeleteTags: { ResourceArn: arnOf('sagemaker', 'training-job/job'), TagKeys: ['a'] },
  ListTags: { ResourceArn: arnOf('sagemaker', 'training-job/job') },
  ListTrainingJobs: {
    NameContains: 'j',
    StatusEquals: 'Failed',
    MaxResults: 5,
    SortBy: 'Name',
    SortOrder: 'Ascending',
    NextToken: 'x',
  },
  '': { TrainingJobName: 'job' },
};

const LOGS: Readonly<Record<string, JsonObject>> = {
  CreateLogStream: { logGroupName: '/aws/lambda/f', logStreamName: 's' },
  DescribeLogGroups: { logGroupNamePrefix: '/aws', limit: 5 },
  DescribeLogStreams: { logGroupName: '/aws/lambda/f', orderBy: 'LastEventTime', descending: true, limit: 5 },
  FilterLogEvents: { logGroupName: '/aws/lambda/f', filterPattern: 'x', startTime: 0, endTime: 9e12, limit: 5 },
  GetLogEvents: { logGroupName: '/aws/lambda/f', logStreamName: 's', startFromHead: true, limit: 5 },
  PutLogEvents: {
    logGroupName: '/aws/lambda/f',
    logStreamName: 's',
    logEvents: [{ timestamp: 1767225600000, message: 'm' }],
  },
  PutRetentionPolicy: { logGroupName: '/aws/lambda/f', retentionInDays: 7 },
  '': { logGroupName: '/aws/lambda/f' },
};

const METRIC = {
  MetricName: 'm',
  Dimensions: [{ Name: 'd', Value: 'v' }],
  Value: 1,
  Unit: 'Count',
  Timestamp: 1767225600,
};
const MONITORING: Readonly<Record<string, JsonObject>> = {
  GetMetricStatistics: {
    Namespace: 'n',
    MetricName: 'm',
    StartTime: 1767225600,
    EndTime: 1767229200,
    Period: 60,
    Statistics: ['Sum'],
  },
  PutMetricData: {
    Namespace: 'n',
    MetricData: [
      METRIC,
      { ...METRIC, Value: undefined, StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } },
    ],
  },
  '': { Namespace: 'n', MetricName: 'm' },
};

/** By service: the prefix of its X-Amz-Target, and one right input of each operation; under `''` that of the others. */
export const JSON_SERVICES = (
  world: FuzzWorld,
): Readonly<Record<string, { readonly target: string; readonly inputs: Readonly<Record<string, JsonObject>> }>> => ({
  dynamodb: { target: 'DynamoDB_20120810', inputs: { ...DYNAMODB, '': { TableName: 'things' } } },
  events: { target: 'AWSEvents', inputs: { ...EVENTS, '': { Name: 'r' } } },
  kms: { target: 'TrentService', inputs: { ...kms(world), '': { KeyId: world.keyId } } },
  sqs: { target: 'AmazonSQS', inputs: sqs(world) },
  states: { target: 'AWSStepFunctions', inputs: states(world) },
  sagemaker: { target: 'SageMaker', inputs: SAGEMAKER },
  logs: { target: 'Logs_20140328', inputs: LOGS },
  cloudtrail: {
    target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
    inputs: {
      LookupEvents: {
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GetObject' }],
        StartTime: 1767225600,
        EndTime: 1767229200,
        MaxResults: 5,
        NextToken: 'x',
      },
    },
  },
  monitoring: { target: 'GraniteServiceVersion20100801', inputs: MONITORING },
});

const { operations } = accountFacts();

/** Whatever operations the runtime has, and the ones listed here that it may get. */
export const operationsOf = (service: string): readonly string[] =>
  (operations as Readonly<Record<string, readonly string[]>>)[service] ?? [];
