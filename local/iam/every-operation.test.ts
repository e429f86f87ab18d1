import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject, OperationService, Principal, RestRequest } from '../service.ts';
import { accountFacts } from '../support/account-facts.ts';
import { LAMBDA_OPERATIONS, type RestOperation, S3_OPERATIONS } from '../support/rest-operations.ts';

const KEY = { pk: { S: 'a' } };
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${DEV}:${resource}`;
const MACHINE = arn('states', 'stateMachine:m');
const BUS = arn('events', 'event-bus/default');
const TABLE = arn('dynamodb', 'table/things');
const role = `arn:aws:iam::${DEV}:role/nobody`;

/** What nobody must be let into: a request of each operation that names something that is there, where its input names anything. */
const INPUTS: Readonly<Record<OperationService['name'], Readonly<Record<string, JsonObject>>>> = {
  dynamodb: {
    BatchGetItem: { RequestItems: { things: { Keys: [KEY] } } },
    BatchWriteItem: { RequestItems: { things: [{ DeleteRequest: { Key: KEY } }] } },
    CreateTable: { TableName: 'others' },
    DeleteItem: { TableName: 'things', Key: KEY },
    GetItem: { TableName: 'things', Key: KEY },
    ListTables: {},
    ListTagsOfResource: { ResourceArn: TABLE },
    PutItem: { TableName: 'things', Item: KEY },
    Query: { TableName: 'things', KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } },
    TagResource: { ResourceArn: TABLE, Tags: [] },
    TransactGetItems: { TransactItems: [{ Get: { TableName: 'things', Key: KEY } }] },
    TransactWriteItems: { TransactItems: [{ Delete: { TableName: 'things', Key: KEY } }] },
    UntagResource: { ResourceArn: TABLE, TagKeys: [] },
    UpdateItem: { TableName: 'things', Key: KEY },
  },
  events: {
    CancelReplay: { ReplayName: 'r' },
    CreateArchive: { ArchiveName: 'a', EventSourceArn: arn('events', 'event-bus/default') },
    CreateEventBus: { Name: 'b' },
    DeleteArchive: { ArchiveName: 'a' },
    DeleteEventBus: { Name: 'b' },
    DescribeArchive: { ArchiveName: 'a' },
    DescribeEventBus: {},
    DescribeReplay: { ReplayName: 'r' },
    ListApiDestinations: {},
    ListArchives: {},
    ListConnections: {},
    ListEventBuses: {},
    ListReplays: {},
    ListRules: {},
    ListRuleNamesByTarget: { TargetArn: MACHINE },
    ListTargetsByRule: { Rule: 'r' },
    PutEvents: { Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}' }] },
    PutRule: { Name: 'r', EventPattern: '{"source":["a"]}' },
    ListTagsForResource: { ResourceARN: BUS },
    PutPermission: { EventBusName: 'default', StatementId: 's', Principal: DEV, Action: 'events:PutEvents' },
    PutTargets: { Rule: 'r', Targets: [{ Id: 't', Arn: arn('lambda', 'function:f') }] },
    RemovePermission: { EventBusName: 'default', StatementId: 's' },
    RemoveTargets: { Rule: 'r', Ids: ['t'] },
    StartReplay: { ReplayName: 'r', EventSourceArn: arn('events', 'archive/a') },
    TagResource: { ResourceARN: BUS, Tags: [{ Key: 'a', Value: 'b' }] },
    TestEventPattern: { EventPattern: '{"source":["a"]}', Event: '{}' },
    UntagResource: { ResourceARN: BUS, TagKeys: ['a'] },
    UpdateArchive: { ArchiveName: 'a' },
  },
  iam: {
    ListRoles: {},
    SimulatePrincipalPolicy: { PolicySourceArn: role, ActionNames: ['s3:GetObject'] },
  },
  kms: { ListAliases: {}, ListKeys: {} },
  cloudtrail: { LookupEvents: {} },
  logs: { DescribeLogGroups: {}, GetLogEvents: { logGroupName: 'group', logStreamName: 'stream' } },
  monitoring: { PutMetricData: { Namespace: 'n' } },
  sagemaker: {},
  sqs: { CreateQueue: { QueueName: 'other' }, GetQueueUrl: { QueueName: 'queue' }, ListQueues: {} },
  states: {},
  sts: { AssumeRole: { RoleArn: role, RoleSessionName: 'me' } },
};

/** What a request of the service names where nothing else is said above. */
const OTHERWISE: Partial<Readonly<Record<OperationService['name'], JsonObject>>> = {
  dynamodb: { TableName: 'things' },
  events: { Name: 'r' },
  iam: { RoleName: 'nobody', PolicyName: 'p' },
  logs: { logGroupName: 'group' },
};

/** AWS asks no permission of them. */
const FREE = new Set(['sts:GetCallerIdentity']);
/** Their inputs are judged where they are read: `local/step-functions/api/permitted.ts` and `local/sagemaker` have tests of their own. */
const ELSEWHERE = new Set(['states', 'sagemaker']);

const { operations } = accountFacts();
const cases = Object.entries(operations).flatMap(([service, names]) =>
  ELSEWHERE.has(service)
    ? []
    : names
        .filter((operation) => !FREE.has(`${service}:${operation}`))
        .map((operation) => ({ service: service as OperationService['name'], operation })),
);

describe('a role without a policy', () => {
  let runtime: TestRuntime;
  let keyId: string;
  let queueUrl: string;
  const nobody: Principal = {
    kind: 'assumed-role',
    accountId: DEV,
    arn: `arn:aws:sts::${DEV}:assumed-role/nobody/s`,
    roleArn: role,
    userId: 'AROANOBODY:s',
  };

  beforeAll(async () => {
    runtime = await startTestRuntime();
    const AssumeRolePolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    await runtime.put(DEV, 'AWS::IAM::Role', { RoleName: 'nobody', AssumeRolePolicyDocument }, 'Nobody');
    keyId = (await runtime.put(DEV, 'AWS::KMS::Key', {}, 'Key')).attributes.Arn as string;
    queueUrl = (await runtime.put(DEV, 'AWS::SQS::Queue', { QueueName: 'queue' }, 'Queue')).physicalId;
    await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'bucket' }, 'Bucket');
    await runtime.put(
      DEV,
      'AWS::DynamoDB::Table',
      {
        TableName: 'things',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      },
      'Table',
    );
    await runtime.put(
      DEV,
      'AWS::Lambda::Function',
      {
        FunctionName: 'f',
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: role,
        Code: { ZipFile: 'exports.handler = async () => 1;' },
      },
      'F',
    );
  });
  afterAll(() => runtime.dispose());

  const signed = { SigningAlgorithm: 'ECDSA_SHA_256', Message: 'AA==', MessageType: 'RAW' };
  const inputOf = (service: OperationService['name'], operation: string): JsonObject => {
    const special = INPUTS[service][operation];
    if (special) return special;
    if (service === 'sqs') {
      const entries = /Batch$/.test(operation) ? { Entries: [{ Id: 'a', MessageBody: 'b', ReceiptHandle: 'c' }] } : {};
      const handled = /Visibility$|^DeleteMessage$/.test(operation) ? { ReceiptHandle: 'h' } : {};
      const timeout = /Visibility$/.test(operation) ? { VisibilityTimeout: 0 } : {};
      return { QueueUrl: queueUrl, ...entries, ...handled, ...timeout };
    }
    if (service === 'kms') {
      if (operation === 'Sign') return { KeyId: keyId, ...signed };
      if (operation === 'Verify') return { KeyId: keyId, ...signed, Signature: 'AA==' };
      if (operation === 'Encrypt') return { KeyId: keyId, Plaintext: 'AA==' };
      if (operation.startsWith('GenerateDataKey')) return { KeyId: keyId, KeySpec: 'AES_256' };
      return { KeyId: keyId };
    }
    return OTHERWISE[service] ?? {};
  };
  const refusal = async (asked: Promise<unknown>) =>
    asked.then(
      () => 'it was done',
      (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
    );

  test.each(cases)('is denied $service:$operation', async ({ service, operation }) => {
    let input = inputOf(service, operation);
    if (service === 'iam' && 'PolicyName' in input && operation !== 'GetRolePolicy') input = { RoleName: 'nobody' };
    if (service === 'kms' && operation === 'Decrypt') {
      const administrator: Principal = { ...nobody, kind: 'root', arn: `arn:aws:iam::${DEV}:root` };
      const made = await runtime.services.callOperation('kms', 'Encrypt', inputOf('kms', 'Encrypt'), administrator);
      input = { CiphertextBlob: Buffer.from(made.CiphertextBlob as Uint8Array).toString('base64') };
    }
    const answer = await refusal(runtime.services.callOperation(service, operation, input, nobody));
    expect(answer).toMatch(/^AccessDenied(Exception)?: .*is not authorized to perform: \w+:\w+/s);
  });

  const rest = ({ request, headers = {} }: RestOperation): RestRequest => {
    const [method = '', target = ''] = request.split(' ');
    const url = new URL(target, 'http://localhost');
    return { method, rawPath: url.pathname, query: url.searchParams, headers: { ...headers }, body: Readable.from([]) };
  };
  const restCases = [
    // DeleteObjects asks for each object, and says no for each: local/s3 has the test.
    ...S3_OPERATIONS.filter(({ name }) => name !== 'DeleteObjects').map((operation) => ({
      service: 's3' as const,
      operation,
    })),
    ...LAMBDA_OPERATIONS.map((operation) => ({ service: 'lambda' as const, operation })),
  ];
  test.each(restCases)('is denied $service:$operation.name', async ({ service, operation }) => {
    const answer = await refusal(runtime.services.callRest(service, rest(operation), nobody));
    expect(answer).toMatch(/^AccessDenied(Exception)?: .*is not authorized to perform: \w+:\w+/s);
  });
});
