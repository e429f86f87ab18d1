import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

const GROUP = '/aws/lambda/talk';
const CODE = `export const handler = async ({ lines }) => { for (const line of lines) console.log(line); };`;

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: CloudWatchLogsClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new CloudWatchLogsClient(runtime.client(DEV));
  await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'talk',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'logs',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' }],
        },
      },
    ],
  });
  const code = { 'code.zip': zipSync({ 'index.mjs': strToU8(CODE) }) };
  const definition = {
    FunctionName: 'talk',
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: `arn:aws:iam::${DEV}:role/talk`,
    Code: { S3Bucket: 'b', S3Key: 'code.zip' },
  };
  await runtime.put(DEV, 'AWS::Logs::LogGroup', { LogGroupName: GROUP, RetentionInDays: 14 }, 'Group');
  await runtime.put(DEV, 'AWS::Lambda::Function', definition, 'Talk', code);
  const lambda = new LambdaClient(runtime.client(DEV));
  const Payload = JSON.stringify({ lines: ['red one', 'green two', 'red three'] });
  await lambda.send(new InvokeCommand({ FunctionName: 'talk', Payload }));
  lambda.destroy();
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
});

const said = (events: readonly { message?: string | undefined }[] = []) =>
  events.map(({ message = '' }) => message.trimEnd().split('\t').at(-1));

describe('the SDK', () => {
  it('lists groups and their streams', async () => {
    const { logGroups } = await sdk.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/t' }));
    expect(logGroups).toEqual([
      expect.objectContaining({
        logGroupName: GROUP,
        retentionInDays: 14,
        arn: `arn:aws:logs:${REGION}:${DEV}:log-group:${GROUP}:*`,
      }),
    ]);
    const { logStreams } = await sdk.send(
      new DescribeLogStreamsCommand({ logGroupName: GROUP, orderBy: 'LastEventTime' }),
    );
    expect(logStreams).toHaveLength(1);
  });

  it('pages through what matches, each line once', async () => {
    const lines: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await sdk.send(
        new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: 'red', limit: 2, nextToken }),
      );
      lines.push(...said(page.events));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(lines).toEqual(['red one', 'red three']);
  });

  it('reads a stream to its end and on from there', async () => {
    const { logStreams = [] } = await sdk.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
    const stream = { logGroupName: GROUP, logStreamName: logStreams[0]?.logStreamName, startFromHead: true };
    const first = await sdk.send(new GetLogEventsCommand(stream));
    expect(said(first.events).slice(1, 4)).toEqual(['red one', 'green two', 'red three']);
    const end = await sdk.send(new GetLogEventsCommand({ ...stream, nextToken: first.nextForwardToken }));
    expect(end.events).toEqual([]);
    expect(end.nextForwardToken).toBe(first.nextForwardToken);
  });

  it('is told what is not there, in the words of the service', async () => {
    await expect(sdk.send(new FilterLogEventsCommand({ logGroupName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
  });
});

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('lists groups and streams, filters, and tails a group', async () => {
    const logs = (...words: string[]) => cli.json('logs', ...words);
    const group = ['--log-group-name', GROUP];
    expect(await logs('describe-log-groups')).toMatchObject({ logGroups: [{ logGroupName: GROUP }] });
    const { logStreams } = (await logs('describe-log-streams', ...group)) as {
      logStreams: { logStreamName: string }[];
    };
    const { events } = (await logs('filter-log-events', ...group, '--filter-pattern', '"green two"')) as {
      events: { message: string }[];
    };
    expect(said(events)).toEqual(['green two']);
    const name = ['--log-stream-name', String(logStreams[0]?.logStreamName)];
    const read = (await logs('get-log-events', ...group, ...name)) as { events: { message: string }[] };
    expect(said(read.events)).toContain('red three');

    const tail = await cli.text('logs', 'tail', GROUP, '--since', '1h');
    expect(tail).toMatch(/red one\n+.*green two\n+.*red three/);
  });
});
