import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, startTestRuntime, type TestRuntime } from '../../server/test-runtime.ts';

const ROLE = `arn:aws:iam::${DEV}:role/map-role`;
const CLOSED_ROLE = `arn:aws:iam::${DEV}:role/closed-role`;

let runtime: TestRuntime;
let sfn: SFNClient;
let s3: S3Client;

async function role(name: string, allowed: readonly string[]): Promise<void> {
  await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'all',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }] },
      },
    ],
  });
}

beforeAll(async () => {
  runtime = await startTestRuntime();
  sfn = new SFNClient(runtime.client(DEV));
  s3 = new S3Client({ ...runtime.client(DEV), forcePathStyle: true });
  await role('map-role', ['s3:GetObject', 's3:ListBucket', 's3:PutObject', 'sqs:SendMessage', 'states:*']);
  await role('closed-role', ['sqs:SendMessage']);
  await s3.send(new CreateBucketCommand({ Bucket: 'map-data' }));
});
afterAll(() => runtime.dispose());

const PASS = { StartAt: 'Keep', States: { Keep: { Type: 'Pass', End: true } } };

async function run(name: string, fields: Record<string, unknown>, input: unknown, roleArn = ROLE) {
  const { ItemProcessor: processor = PASS, ...rest } = fields;
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Label: 'each',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...(processor as object),
        },
        End: true,
        ...rest,
      },
    },
  };
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn }),
  );
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name: 'run', input: JSON.stringify(input) }),
  );
  return { stateMachineArn: stateMachineArn!, executionArn: executionArn! };
}

/** Asks until it holds: the runtime runs on its own time. */
async function until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
  }
}

const ended = (executionArn: string) =>
  until(
    () => sfn.send(new DescribeExecutionCommand({ executionArn })),
    ({ status }) => status !== 'RUNNING',
  );

const mapRunOf = async (executionArn: string): Promise<string> => {
  const { mapRuns } = await until(
    () => sfn.send(new ListMapRunsCommand({ executionArn })),
    (answer) => answer.mapRuns!.length > 0,
  );
  return mapRuns![0]!.mapRunArn!;
};

const describeRun = (mapRunArn: string) => sfn.send(new DescribeMapRunCommand({ mapRunArn }));
const bodyOf = async (Key: string) =>
  JSON.parse(await (await s3.send(new GetObjectCommand({ Bucket: 'map-data', Key }))).Body!.transformToString());

const READER = (key: string, config: Record<string, unknown>) => ({
  Resource: 'arn:aws:states:::s3:getObject',
  Arguments: { Bucket: 'map-data', Key: key },
  ReaderConfig: config,
});

describe('a distributed Map', () => {
  it('reads its items from S3, runs a child execution for each, and writes the results to S3', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'map-data', Key: 'in.csv', Body: 'a,b\n1,"x, y"\n2,z\n' }));
    const { executionArn } = await run(
      'reads-and-writes',
      {
        ItemReader: READER('in.csv', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }),
        ItemSelector: { item: '{% $states.context.Map.Item.Value %}', from: '{% $states.context.Map.Item.Source %}' },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'map-data', Prefix: 'out' } },
      },
      {},
    );
    const { status, output } = await ended(executionArn);
    expect(status).toBe('SUCCEEDED');
    const mapRunArn = await mapRunOf(executionArn);
    const id = mapRunArn.split(':').at(-1);
    expect(mapRunArn).toMatch(/:mapRun:reads-and-writes\/each:[0-9a-f-]{36}$/);
    expect(JSON.parse(output!)).toEqual({
      MapRunArn: mapRunArn,
      ResultWriterDetails: { Bucket: 'map-data', Key: `out/${id}/manifest.json` },
    });
    const manifest = await bodyOf(`out/${id}/manifest.json`);
    expect(manifest.ResultFiles).toMatchObject({
      FAILED: [],
      PENDING: [],
      SUCCEEDED: [{ Key: `out/${id}/SUCCEEDED_0.json` }],
    });
    const results = await bodyOf(`out/${id}/SUCCEEDED_0.json`);
    expect(results.map((one: { Output: string }) => JSON.parse(one.Output))).toEqual([
      { item: { a: '1', b: 'x, y' }, from: 'S3://map-data/in.csv' },
      { item: { a: '2', b: 'z' }, from: 'S3://map-data/in.csv' },
    ]);

    const { executions } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions!.map(({ status: one, itemCount }) => [one, itemCount])).toEqual([
      ['SUCCEEDED', 1],
      ['SUCCEEDED', 1],
    ]);
    const child = executions![0]!.executionArn!;
    expect(child).toMatch(/:execution:reads-and-writes\/each:[0-9a-f-]{36}$/);
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: child }));
    expect(events!.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(await describeRun(mapRunArn)).toMatchObject({
      executionArn,
      status: 'SUCCEEDED',
      itemCounts: { total: 2, succeeded: 2, pending: 0, running: 0, failed: 0, resultsWritten: 2 },
      executionCounts: { total: 2, succeeded: 2, resultsWritten: 2 },
    });
  });

  it('lists every object under a prefix', async () => {
    for (let index = 0; index < 3; index++)
      await s3.send(
        new PutObjectCommand({ Bucket: 'map-data', Key: `list/a&b ${index}`, Body: 'x'.repeat(index + 1) }),
      );
    const { executionArn } = await run(
      'lists',
      {
        ItemReader: {
          Resource: 'arn:aws:states:::s3:listObjectsV2',
          Arguments: { Bucket: 'map-data', Prefix: 'list/' },
        },
        ItemSelector: {
          key: '{% $states.context.Map.Item.Value.Key %}',
          size: '{% $states.context.Map.Item.Value.Size %}',
        },
      },
      {},
    );
    expect(JSON.parse((await ended(executionArn)).output!)).toEqual([
      { key: 'list/a&b 0', size: 1 },
      { key: 'list/a&b 1', size: 2 },
      { key: 'list/a&b 2', size: 3 },
    ]);
  });

  it('reads with the rights of its role and no others', async () => {
    const { executionArn } = await run(
      'closed',
      { ItemReader: READER('in.csv', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }) },
      {},
      CLOSED_ROLE,
    );
    const { status, error, cause } = await ended(executionArn);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.ItemReaderFailed' });
    expect(cause).toContain('s3:GetObject');
  });

  it('fails at its threshold, and a redrive runs the failed children again and no other', async () => {
    const queue = (name: string) => `${runtime.client(DEV).endpoint}/${DEV}/${name}`;
    const sqs = new SQSClient(runtime.client(DEV));
    await sqs.send(new CreateQueueCommand({ QueueName: 'there' }));
    const { executionArn } = await run(
      'redriven',
      {
        MaxConcurrency: 1,
        ItemProcessor: {
          StartAt: 'Send',
          States: {
            Send: {
              Type: 'Task',
              Resource: 'arn:aws:states:::sqs:sendMessage',
              Arguments: { QueueUrl: '{% $states.input %}', MessageBody: 'x' },
              Output: '{% $states.input %}',
              End: true,
            },
          },
        },
        ToleratedFailureCount: 0,
      },
      [queue('there'), queue('later')],
    );
    const { status, error } = await ended(executionArn);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const mapRunArn = await mapRunOf(executionArn);
    expect((await describeRun(mapRunArn)).status).toBe('FAILED');
    const failed = await sfn.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' }));
    const { redriveStatus } = await sfn.send(
      new DescribeExecutionCommand({ executionArn: failed.executions![0]!.executionArn! }),
    );
    expect(redriveStatus).toBe('REDRIVABLE_BY_MAP_RUN');

    await sqs.send(new CreateQueueCommand({ QueueName: 'later' }));
    await sfn.send(new RedriveExecutionCommand({ executionArn }));
    const again = await ended(executionArn);
    expect(again.status).toBe('SUCCEEDED');
    expect(JSON.parse(again.output!)).toEqual([queue('there'), queue('later')]);
    expect(await describeRun(mapRunArn)).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      itemCounts: { succeeded: 2, failed: 0, pendingRedrive: 0, total: 2 },
    });
    const redriven = await sfn.send(new ListExecutionsCommand({ mapRunArn, redriveFilter: 'REDRIVEN' }));
    expect(redriven.executions!.map((one) => one.executionArn).sort()).toEqual(
      failed.executions!.map((one) => one.executionArn).sort(),
    );
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    const event = events!.find(({ type }) => type === 'MapRunRedriven');
    expect(event?.mapRunRedrivenEventDetails).toEqual({ mapRunArn, redriveCount: 1 });
  });

  it('runs no more children at once than it may, more when UpdateMapRun says so, and stops them with its execution', async () => {
    const { executionArn } = await run(
      'stopped',
      {
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'Sleep', States: { Sleep: { Type: 'Wait', Seconds: 10_000, End: true } } },
      },
      [1, 2, 3, 4],
    );
    const mapRunArn = await mapRunOf(executionArn);
    const running = (count: number) =>
      until(
        () => describeRun(mapRunArn),
        ({ executionCounts }) => executionCounts!.running === count,
      );
    expect((await running(1)).executionCounts).toMatchObject({ pending: 3, running: 1, total: 4 });
    await sfn.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3 }));
    expect((await running(3)).executionCounts).toMatchObject({ pending: 1, running: 3, total: 4 });
    expect((await describeRun(mapRunArn)).maxConcurrency).toBe(3);

    await sfn.send(new StopExecutionCommand({ executionArn }));
    const stopped = await running(0);
    expect(stopped.status).toBe('ABORTED');
    expect(stopped.executionCounts).toMatchObject({ aborted: 3, pending: 1, total: 4 });
    const { executions } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions!.map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
  });

  it('refuses by name, when the machine is made, what it does not read', async () => {
    const refused = run('parquet', { ItemReader: READER('in.parquet', { InputType: 'PARQUET' }) }, {});
    await expect(refused).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('PARQUET'),
    });
  });
});
