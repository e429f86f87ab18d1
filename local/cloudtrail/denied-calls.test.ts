import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientInRole } from '../s3/test-role.ts';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject, Principal } from '../service.ts';

const administrator = (accountId: string): Principal => ({
  kind: 'root',
  accountId,
  arn: `arn:aws:iam::${accountId}:root`,
  userId: accountId,
});
const denied = { name: expect.stringMatching(/^AccessDenied/) };

let runtime: TestRuntime;
let reader: S3ClientConfig;
beforeAll(async () => {
  runtime = await startTestRuntime();
  for (const account of [DEV, ACC]) {
    await runtime.put(account, 'AWS::S3::Bucket', { BucketName: `bucket-${account}` }, 'Bucket');
  }
  const may = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });
  reader = await clientInRole(runtime, 'reader', [may('s3:GetObject', '*'), may('sts:AssumeRole', '*')]);
});
afterAll(() => runtime.dispose());
beforeEach(() => {
  for (const account of [DEV, ACC]) runtime.store(account).db.exec('DELETE FROM cloudtrail_events');
});

const s3 = (config: object) => new S3Client({ ...config, forcePathStyle: true });
async function lookUp(accountId: string, input: JsonObject = {}) {
  const { Events } = await runtime.services.callOperation(
    'cloudtrail',
    'LookupEvents',
    input,
    administrator(accountId),
  );
  return (Events as { CloudTrailEvent: string }[]).map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent));
}
const actionsIn = async (accountId: string) =>
  (await lookUp(accountId)).map(({ additionalEventData }) => additionalEventData.action);

describe('a denied call leaves one event', () => {
  it('with the request id that its caller got, in the account that has what was asked for', async () => {
    const asked = s3(reader).send(new PutObjectCommand({ Bucket: `bucket-${ACC}`, Key: 'k', Body: 'b' }));
    const error = await asked.catch((caught) => caught);
    expect(error).toMatchObject({ name: 'AccessDenied' });
    expect(await lookUp(DEV)).toEqual([]);
    expect(await lookUp(ACC)).toEqual([
      expect.objectContaining({
        requestID: error.$metadata.requestId,
        errorMessage: error.message,
        recipientAccountId: ACC,
        userIdentity: expect.objectContaining({ accountId: DEV, arn: `arn:aws:sts::${DEV}:assumed-role/reader/test` }),
        resources: [{ ARN: `arn:aws:s3:::bucket-${ACC}/k`, accountId: ACC }],
        additionalEventData: expect.objectContaining({
          missing: {
            in: 'resource-based policy',
            statement: {
              Effect: 'Allow',
              Principal: { AWS: `arn:aws:iam::${DEV}:role/reader` },
              Action: 's3:PutObject',
              Resource: `arn:aws:s3:::bucket-${ACC}/k`,
            },
          },
        }),
      }),
    ]);
  });

  it('of a role in an account that is not here, in that of the caller', async () => {
    const RoleArn = 'arn:aws:iam::999999999999:role/any';
    const asked = new STSClient(reader).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }));
    await expect(asked).rejects.toMatchObject(denied);
    expect(await actionsIn(DEV)).toEqual(['sts:AssumeRole']);
  });

  it('where an object is not there and its caller may not know that', async () => {
    const asked = s3(reader).send(new GetObjectCommand({ Bucket: `bucket-${DEV}`, Key: 'missing' }));
    await expect(asked).rejects.toMatchObject(denied);
    expect(await actionsIn(DEV)).toEqual(['s3:ListBucket']);
  });

  it('where a role of another account is to be passed', async () => {
    const events = new EventBridgeClient(runtime.client(DEV));
    await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}' }));
    const RoleArn = `arn:aws:iam::${ACC}:role/foreign`;
    const Arn = `arn:aws:states:${REGION}:${DEV}:stateMachine:m`;
    const asked = events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn, RoleArn }] }));
    await expect(asked).rejects.toMatchObject(denied);
    expect(await lookUp(DEV)).toMatchObject([
      { eventName: 'PassRole', errorMessage: expect.stringContaining('Cross-account'), resources: [{ ARN: RoleArn }] },
    ]);
  });

  it('at the bus of another account, which judges it', async () => {
    const events = new EventBridgeClient(runtime.client(DEV));
    const EventBusName = `arn:aws:events:${REGION}:${ACC}:event-bus/default`;
    const Entries = [{ EventBusName, Source: 's', DetailType: 'd', Detail: '{}' }];
    await expect(events.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject(denied);
    expect([await actionsIn(DEV), await actionsIn(ACC)]).toEqual([[], ['events:PutEvents']]);
  });

  it('of a service whose delivery a queue does not let in', async () => {
    const queue = { QueueName: 'closed' };
    await runtime.put(DEV, 'AWS::SQS::Queue', queue, 'Queue');
    const target = { Id: 'q', Arn: `arn:aws:sqs:${REGION}:${DEV}:closed` };
    await runtime.put(DEV, 'AWS::Events::Rule', { Name: 'd', EventPattern: { source: ['x'] }, Targets: [target] }, 'D');
    const Entries = [{ Source: 'x', DetailType: 'd', Detail: '{}' }];
    await new EventBridgeClient(runtime.client(DEV)).send(new PutEventsCommand({ Entries }));
    await expect.poll(() => actionsIn(DEV)).toEqual(['sqs:SendMessage']);
    expect(await lookUp(DEV)).toMatchObject([
      {
        userIdentity: {
          type: 'AWSService',
          invokedBy: 'events.amazonaws.com',
          sourceArn: `arn:aws:events:${REGION}:${DEV}:rule/d`,
        },
      },
    ]);
  });

  it('of a function without the role that it was given', async () => {
    const properties = {
      FunctionName: 'orphan',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: `arn:aws:iam::${DEV}:role/not-there`,
      Code: { ZipFile: 'exports.handler = async () => 1;' },
    };
    const { attributes } = await runtime.put(DEV, 'AWS::Lambda::Function', properties, 'Orphan');
    const asked = runtime.services.invokeLambda(String(attributes.Arn), '{}', administrator(DEV));
    await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/^AccessDenied/) });
    await expect.poll(() => actionsIn(DEV)).toEqual(['sts:AssumeRole']);
    expect(await lookUp(DEV)).toMatchObject([
      {
        userIdentity: { invokedBy: 'lambda.amazonaws.com' },
        resources: [{ ARN: `arn:aws:iam::${DEV}:role/not-there` }],
      },
    ]);
  });

  it('that is there after a restart, also when the runtime stops in the same moment', async () => {
    const first = await startTestRuntime();
    const arn = `arn:aws:sts::${DEV}:assumed-role/none/s`;
    const roleArn = `arn:aws:iam::${DEV}:role/none`;
    const nobody = { kind: 'assumed-role', accountId: DEV, arn, roleArn, userId: 'AROA:s' } as const;
    const asked = first.services.callOperation('sqs', 'ListQueues', {}, nobody);
    await expect(asked).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await first.stop();
    const second = await startTestRuntime({ directory: first.directory });
    const { Events } = await second.services.callOperation('cloudtrail', 'LookupEvents', {}, administrator(DEV));
    await second.dispose();
    expect(Events).toMatchObject([{ EventName: 'ListQueues', EventSource: 'sqs.amazonaws.com' }]);
  });
});

describe('no event is left', () => {
  it('by a call that was let through, whatever of the answer its caller may not know', async () => {
    const object = { Bucket: `bucket-${DEV}`, Key: 'tagged' };
    const own = s3(runtime.client(DEV));
    await own.send(new PutObjectCommand({ ...object, Body: 'b' }));
    await own.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
    const { TagCount } = await s3(reader).send(new GetObjectCommand(object));
    expect(TagCount).toBeUndefined();
    expect(await actionsIn(DEV)).toEqual([]);
  });

  it('by a question what a role may do', async () => {
    const input = {
      PolicySourceArn: `arn:aws:iam::${DEV}:role/reader`,
      ActionNames: ['kms:Sign'],
      ResourceArns: ['*'],
    };
    const answer = await runtime.services.callOperation('iam', 'SimulatePrincipalPolicy', input, administrator(DEV));
    expect(answer.EvaluationResults).toMatchObject([{ EvalDecision: 'implicitDeny' }]);
    expect(await actionsIn(DEV)).toEqual([]);
  });
});

describe('where the event cannot be written', () => {
  beforeEach(() => {
    runtime
      .store(DEV)
      .db.exec(`CREATE TRIGGER full BEFORE INSERT ON cloudtrail_events BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  });
  afterEach(() => runtime.store(DEV).db.exec('DROP TRIGGER full'));

  it('the call stays denied, and the log says what is lost', async () => {
    const asked = s3(reader).send(new PutObjectCommand({ Bucket: `bucket-${DEV}`, Key: 'k', Body: 'b' }));
    await expect(asked).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(runtime.logged).toContainEqual(
      expect.objectContaining({ level: 'error', message: '1 events could not be kept in the event history' }),
    );
  });
});
