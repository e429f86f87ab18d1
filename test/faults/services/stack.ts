import { ACCOUNT, REGION } from '../killed-account.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/load`;

export const BUCKET = 'objects';
export const VERSIONED_BUCKET = 'versions';
export const TABLE = 'items';
export const GROUP_INDEX = 'by-group';
export const BUS = 'load';
export const ARCHIVE = 'everything';
export const ARCHIVE_ARN = arn('events', `archive/${ARCHIVE}`);
export const BUS_ARN = arn('events', `event-bus/${BUS}`);
export const REPLAY_RULE_ARN = arn('events', `rule/${BUS}/replayed`);
export const KEY_ALIAS = 'alias/load';
export const FUNCTION = 'hear';
export const queueUrl = (endpoint: string, name: QueueName) => `${endpoint}/${ACCOUNT}/${name}`;

/** For messages that clients send, for what a rule sends on, and for what a replay sends again. */
export type QueueName = 'work' | 'heard' | 'replayed';
/** So long a message that was received stays hidden; a receipt is known to be the current one for this time. */
export const HIDDEN_MS = 4000;

/** Writes down what it hears, synchronously: what is acknowledged to its invoker is in the file. */
const CODE = `
const { appendFileSync } = require('node:fs');
const write = (file, line) => appendFileSync(process.env.RECORDS + '/' + file, JSON.stringify(line) + '\\n');
exports.handler = async (event) => {
  for (const { eventName, dynamodb } of event.Records ?? [])
    write('changes', { event: eventName, key: dynamodb.Keys.pk.S, version: Number(dynamodb.NewImage?.version?.N ?? 0) });
  if (event.asked) write('asked', { asked: event.asked });
};
`;

const queue = (name: QueueName) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: name, VisibilityTimeout: HIDDEN_MS / 1000 },
});

const rule = (name: string, pattern: Record<string, unknown>, target: QueueName, more: readonly unknown[] = []) => ({
  Type: 'AWS::Events::Rule',
  DependsOn: ['Bus', 'Policy', 'Role'],
  Properties: {
    Name: name,
    EventBusName: BUS,
    EventPattern: pattern,
    State: 'ENABLED',
    Targets: [{ Id: target, Arn: arn('sqs', target) }, ...more],
  },
});

const allow = (more: Record<string, unknown>) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', ...more }],
});

/** The stack. `records` is the folder in which the function writes down what it hears, `listenerUrl` who hears of events beside the queue. */
export const template = (records: string, listenerUrl: string): Record<string, unknown> => ({
  Resources: {
    Objects: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } },
    Versions: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: VERSIONED_BUCKET, VersioningConfiguration: { Status: 'Enabled' } },
    },
    Items: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: ['pk', 'group'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName: GROUP_INDEX,
            KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Work: queue('work'),
    Heard: queue('heard'),
    Replayed: queue('replayed'),
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Heard' }, { Ref: 'Replayed' }],
        PolicyDocument: allow({
          Action: 'sqs:SendMessage',
          Resource: '*',
          Principal: { Service: 'events.amazonaws.com' },
        }),
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } },
    Archive: {
      Type: 'AWS::Events::Archive',
      DependsOn: ['Bus'],
      Properties: { ArchiveName: ARCHIVE, SourceArn: BUS_ARN },
    },
    Wanted: rule('wanted', { detail: { wanted: [true] }, 'replay-name': [{ exists: false }] }, 'heard', [
      { Id: 'listener', Arn: { 'Fn::GetAtt': ['Listener', 'Arn'] }, RoleArn: ROLE },
    ]),
    Connection: {
      Type: 'AWS::Events::Connection',
      Properties: {
        Name: 'listener',
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'none' } },
      },
    },
    Listener: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        Name: 'listener',
        ConnectionArn: { 'Fn::GetAtt': ['Connection', 'Arn'] },
        InvocationEndpoint: listenerUrl,
        HttpMethod: 'POST',
        InvocationRateLimitPerSecond: 300,
      },
    },
    Again: rule('replayed', { 'replay-name': [{ exists: true }] }, 'replayed'),
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'load',
        AssumeRolePolicyDocument: allow({
          Action: 'sts:AssumeRole',
          Principal: { Service: ['lambda.amazonaws.com', 'events.amazonaws.com'] },
        }),
        Policies: [{ PolicyName: 'all', PolicyDocument: allow({ Action: '*', Resource: '*' }) }],
      },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeyPolicy: allow({ Action: 'kms:*', Resource: '*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }),
      },
    },
    Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: KEY_ALIAS, TargetKeyId: { Ref: 'Key' } } },
    Hear: {
      Type: 'AWS::Lambda::Function',
      DependsOn: ['Role'],
      Properties: {
        FunctionName: FUNCTION,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: ROLE,
        Code: { ZipFile: CODE },
        Environment: { Variables: { RECORDS: records } },
      },
    },
    Changes: {
      Type: 'AWS::Lambda::EventSourceMapping',
      DependsOn: ['Hear', 'Items'],
      Properties: {
        FunctionName: FUNCTION,
        EventSourceArn: { 'Fn::GetAtt': ['Items', 'StreamArn'] },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 100,
      },
    },
  },
});
