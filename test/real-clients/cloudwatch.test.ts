import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
let cli: AwsCli;
let sdk: CloudWatchClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
  sdk = new CloudWatchClient(runtime.client(DEV));
});
afterAll(async () => {
  sdk.destroy();
  await runtime.dispose();
});

const minute = () => new Date(Math.floor(Date.now() / 60_000) * 60_000);
const Dimensions = [{ Name: 'model', Value: 'loan' }];

describe('the SDK', () => {
  it('puts values and reads their statistics', async () => {
    const Timestamp = minute();
    await sdk.send(
      new PutMetricDataCommand({
        Namespace: 'sdk',
        MetricData: [
          { MetricName: 'rows', Value: 3, Unit: 'Count', Dimensions, Timestamp },
          { MetricName: 'rows', Values: [1, 5], Counts: [1, 2], Unit: 'Count', Dimensions, Timestamp },
        ],
      }),
    );
    const { Metrics } = await sdk.send(new ListMetricsCommand({ Namespace: 'sdk' }));
    expect(Metrics).toEqual([{ Namespace: 'sdk', MetricName: 'rows', Dimensions }]);
    const { Datapoints } = await sdk.send(
      new GetMetricStatisticsCommand({
        Namespace: 'sdk',
        MetricName: 'rows',
        Dimensions,
        StartTime: Timestamp,
        EndTime: new Date(Timestamp.getTime() + 60_000),
        Period: 60,
        Statistics: ['Sum', 'SampleCount', 'Minimum', 'Maximum'],
      }),
    );
    expect(Datapoints).toEqual([{ Timestamp, Unit: 'Count', Sum: 14, SampleCount: 4, Minimum: 1, Maximum: 5 }]);
  });

  it('is refused a namespace of AWS', async () => {
    const data = { Namespace: 'AWS/S3', MetricData: [{ MetricName: 'm', Value: 1 }] };
    await expect(sdk.send(new PutMetricDataCommand(data))).rejects.toMatchObject({
      message: 'The value AWS/ for parameter Namespace is invalid.',
    });
  });
});

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('puts values and reads their statistics', async () => {
    const metric = ['--namespace', 'cli', '--metric-name', 'rows', '--dimensions'];
    const Timestamp = minute().toISOString();
    const value = ['--value', '2.5', '--unit', 'Seconds', '--timestamp', Timestamp];
    await cli.json('cloudwatch', 'put-metric-data', ...metric, 'model=loan', ...value);
    expect(await cli.json('cloudwatch', 'list-metrics', '--namespace', 'cli')).toEqual({
      Metrics: [{ Namespace: 'cli', MetricName: 'rows', Dimensions }],
    });
    const end = new Date(Date.parse(Timestamp) + 60_000).toISOString();
    const span = ['--start-time', Timestamp, '--end-time', end, '--period', '60', '--statistics', 'Average', 'Sum'];
    const { Datapoints } = await cli.json(
      'cloudwatch',
      'get-metric-statistics',
      ...metric,
      'Name=model,Value=loan',
      ...span,
    );
    expect(Datapoints).toEqual([expect.objectContaining({ Average: 2.5, Sum: 2.5, Unit: 'Seconds' })]);

    await expect(
      cli.json('cloudwatch', 'put-metric-data', '--namespace', 'AWS/S3', '--metric-name', 'm', '--value', '1'),
    ).rejects.toThrow('An error occurred (InvalidParameterValue) when calling the PutMetricData operation');
  });
});
