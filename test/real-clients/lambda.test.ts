import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

const ARN = `arn:aws:lambda:${REGION}:${DEV}:function:work`;
const CODE = `export const handler = async (event) => {
  console.log('seen', event.n);
  if (event.fail) throw new RangeError('no such row');
  return { n: event.n };
};`;

let runtime: TestRuntime;
let cli: AwsCli;
let folder: string;
let mappingId: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-awscli-'));
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'work',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'streams',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: [
                'dynamodb:DescribeStream',
                'dynamodb:GetRecords',
                'dynamodb:GetShardIterator',
                'dynamodb:ListStreams',
              ],
              Resource: '*',
            },
          ],
        },
      },
    ],
  });
  await runtime.put(
    DEV,
    'AWS::Lambda::Function',
    {
      FunctionName: 'work',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: `arn:aws:iam::${DEV}:role/work`,
      Code: { S3Bucket: 'b', S3Key: 'code.zip' },
    },
    'Work',
    { 'code.zip': zipSync({ 'index.mjs': strToU8(CODE) }) },
  );
  const table = await runtime.put(DEV, 'AWS::DynamoDB::Table', {
    TableName: 'source',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
  const mapping = await runtime.put(
    DEV,
    'AWS::Lambda::EventSourceMapping',
    {
      FunctionName: 'work',
      EventSourceArn: table.attributes.StreamArn,
      StartingPosition: 'LATEST',
      BatchSize: 7,
    },
    'Mapping',
  );
  mappingId = mapping.physicalId;
});
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const lambda = (...words: string[]) => cli.json('lambda', ...words);
/** Payloads in files, for versions 1 and 2 of the CLI differ in how they take them from the line. */
async function invoke(payload: object, ...more: string[]) {
  const event = join(folder, 'event.json');
  const file = join(folder, 'answer.json');
  writeFileSync(event, JSON.stringify(payload));
  const words = ['--function-name', 'work', '--payload', `fileb://${event}`];
  const printed = await lambda('invoke', ...words, ...more, file);
  return { ...printed, answer: JSON.parse(readFileSync(file, 'utf8')) as unknown };
}

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('invokes a function and prints the end of its log', async () => {
    const printed = await invoke({ n: 7 }, '--log-type', 'Tail');

    expect(printed).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', answer: { n: 7 } });
    const tail = Buffer.from((printed as { LogResult?: string }).LogResult ?? '', 'base64').toString();
    expect(tail).toMatch(/^START RequestId: \S+ Version: \$LATEST\n/);
    expect(tail).toMatch(/\tINFO\tseen 7\n/);
    expect(tail).toMatch(
      /END RequestId: \S+\nREPORT RequestId: \S+\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB(\tInit Duration: \d+\.\d\d ms)?\n$/,
    );
  });

  it.skipIf(awscliMissing)('shows what a function threw, in the answer and in its log', async () => {
    const printed = await invoke({ fail: true }, '--log-type', 'Tail');

    expect(printed).toMatchObject({
      FunctionError: 'Unhandled',
      answer: { errorType: 'RangeError', errorMessage: 'no such row' },
    });
    const tail = Buffer.from((printed as { LogResult?: string }).LogResult ?? '', 'base64').toString();
    expect(tail).toMatch(/\tERROR\tInvoke Error\t\{"errorType":"RangeError","errorMessage":"no such row","stack":\[/);
  });

  it.skipIf(awscliMissing)('looks at a function, its URL and what it reads from', async () => {
    const named = ['--function-name', 'work'];
    expect(await lambda('get-function-configuration', ...named)).toMatchObject({ FunctionArn: ARN, State: 'Active' });
    expect(await lambda('list-function-url-configs', ...named)).toMatchObject({ FunctionUrlConfigs: [] });
    expect(await lambda('list-event-source-mappings', ...named)).toMatchObject({
      EventSourceMappings: [{ UUID: mappingId }],
    });
    expect(await lambda('get-event-source-mapping', '--uuid', mappingId)).toMatchObject({
      UUID: mappingId,
      FunctionArn: ARN,
      BatchSize: 7,
    });
    const none = '00000000-0000-4000-8000-000000000000';
    await expect(lambda('get-event-source-mapping', '--uuid', none)).rejects.toThrow(
      'An error occurred (ResourceNotFoundException) when calling the GetEventSourceMapping operation: The resource you requested does not exist.',
    );
  });

  it.skipIf(awscliMissing)('publishes a version, gives it a name and lets somebody call it', async () => {
    expect(await lambda('publish-version', '--function-name', 'work')).toMatchObject({ Version: '1' });
    const alias = ['--function-name', 'work', '--name', 'live'];
    expect(await lambda('create-alias', ...alias, '--function-version', '1')).toMatchObject({
      AliasArn: `${ARN}:live`,
    });
    expect(await invoke({ n: 1 }, '--qualifier', 'live')).toMatchObject({ ExecutedVersion: '1', answer: { n: 1 } });
    await lambda(
      ...['add-permission', '--function-name', 'work', '--qualifier', 'live', '--statement-id', 'rule'],
      ...['--action', 'lambda:InvokeFunction', '--principal', 'events.amazonaws.com'],
      ...['--source-arn', `arn:aws:events:${REGION}:${DEV}:rule/r`],
    );
    const { Policy } = await lambda('get-policy', '--function-name', 'work', '--qualifier', 'live');
    expect(JSON.parse(Policy as string)).toMatchObject({
      Statement: [
        {
          Sid: 'rule',
          Principal: { Service: 'events.amazonaws.com' },
          Resource: `${ARN}:live`,
          Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:${REGION}:${DEV}:rule/r` } },
        },
      ],
    });
    await expect(lambda('get-alias', '--function-name', 'work', '--name', 'nobody')).rejects.toThrow(
      `An error occurred (ResourceNotFoundException) when calling the GetAlias operation: Cannot find alias arn: ${ARN}:nobody`,
    );
  });
});
