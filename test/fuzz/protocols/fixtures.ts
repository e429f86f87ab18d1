import type { JsonObject } from '../../../local/service.ts';
import { ACCOUNT, arnOf, ROLE } from './fuzz-world.ts';

const anything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Made once: a second one would have another id. */
export const KEYS: readonly (readonly [type: string, properties: JsonObject, logicalId: string])[] = [
  ['AWS::KMS::Key', { Description: 'for texts' }, 'Key'],
  ['AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }, 'SigningKey'],
];

/** What is there for requests to be about. Made again, in this order, where requests that were right took it away. */
export const FIXTURES: readonly (readonly [type: string, properties: JsonObject, logicalId: string])[] = [
  [
    'AWS::IAM::Role',
    {
      RoleName: 'role',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: {
              AWS: `arn:aws:iam::${ACCOUNT}:root`,
              Service: ['states.amazonaws.com', 'lambda.amazonaws.com', 'events.amazonaws.com'],
            },
          },
        ],
      },
      Policies: [{ PolicyName: 'p', PolicyDocument: anything }],
    },
    'Role',
  ],
  // Locked from the start: a request may turn Object Lock on, and nothing turns it off again.
  [
    'AWS::S3::Bucket',
    { BucketName: 'bucket', ObjectLockEnabled: true, VersioningConfiguration: { Status: 'Enabled' } },
    'Bucket',
  ],
  [
    'AWS::DynamoDB::Table',
    {
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
        { AttributeName: 'owner', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-owner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    'Table',
  ],
  ['AWS::SQS::Queue', { QueueName: 'queue', VisibilityTimeout: 0 }, 'Queue'],
  [
    'AWS::Lambda::Function',
    {
      FunctionName: 'f',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: ROLE,
      Timeout: 3,
      Code: { ZipFile: 'exports.handler = async (event) => event;' },
    },
    'Function',
  ],
  ['AWS::Lambda::Url', { TargetFunctionArn: 'f', AuthType: 'NONE' }, 'Url'],
  [
    'AWS::Lambda::Permission',
    {
      FunctionName: 'f',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    },
    'Permission',
  ],
  ['AWS::Events::EventBus', { Name: 'bus' }, 'Bus'],
  [
    'AWS::Events::Rule',
    {
      Name: 'r',
      EventBusName: 'default',
      EventPattern: { source: ['fuzz'] },
      State: 'ENABLED',
      Targets: [{ Id: 't', Arn: arnOf('sqs', 'queue') }],
    },
    'Rule',
  ],
  [
    'AWS::Events::Archive',
    { ArchiveName: 'a', SourceArn: arnOf('events', 'event-bus/default'), EventPattern: { source: ['fuzz'] } },
    'Archive',
  ],
  ['AWS::StepFunctions::Activity', { Name: 'act' }, 'Activity'],
  [
    'AWS::StepFunctions::StateMachine',
    {
      StateMachineName: 'm',
      RoleArn: ROLE,
      DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
    },
    'Machine',
  ],
  [
    'AWS::StepFunctions::StateMachine',
    {
      StateMachineName: 'express',
      StateMachineType: 'EXPRESS',
      RoleArn: ROLE,
      DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
    },
    'Express',
  ],
];
