import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { structuresOf, takeOnly, textsOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, OperationService } from '../service.ts';
import { invalid, missing, numberAt, readDimensions, readMetricData, readTimestamp } from './metric-datum.ts';
import { Metrics } from './metrics.ts';

const MOST_METRICS = 500;
const MOST_POINTS = 1440;
const STATISTICS = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] as const;

/** Metrics of one account. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */
export function createCloudWatch(ctx: AccountContext): OperationService {
  const metrics = new Metrics(ctx);
  // No action on metrics has a resource.
  const permit = (operation: string, call: Call, context: Readonly<Record<string, string>> = {}) =>
    authorize({ call, action: `cloudwatch:${operation}`, resourceArn: '*', context });
  return {
    name: 'monitoring',
    queryErrorCode: (code) => QUERY_ERROR_CODES[code] ?? code,
    operations: {
      PutMetricData(input, call) {
        takeOnly('PutMetricData', input, ['Namespace', 'MetricData', 'StrictEntityValidation', 'EntityMetricData']);
        const namespace = requiredText(input, 'Namespace');
        permit('PutMetricData', call, { 'cloudwatch:namespace': namespace });
        if (namespace.startsWith('AWS/')) throw invalid('The value AWS/ for parameter Namespace is invalid.');
        metrics.put(namespace, readMetricData(input, ctx.clock.now()));
        return {};
      },
      ListMetrics(input, call) {
        takeOnly('ListMetrics', input, ['Namespace', 'MetricName', 'Dimensions', 'NextToken']);
        permit('ListMetrics', call);
        const wanted = structuresOf(input.Dimensions, 'Dimensions');
        const found = metrics
          .list()
          .filter(({ Namespace }) => (input.Namespace ?? Namespace) === Namespace)
          .filter(({ MetricName }) => (input.MetricName ?? MetricName) === MetricName)
          .filter(({ Dimensions }) =>
            wanted.every(({ Name, Value }) =>
              Dimensions.some((one) => one.Name === Name && (Value ?? one.Value) === one.Value),
            ),
          );
        const from = numberAt(input.NextToken ?? 0, 'NextToken');
        return {
          Metrics: found.slice(from, from + MOST_METRICS),
          ...(from + MOST_METRICS < found.length ? { NextToken: String(from + MOST_METRICS) } : {}),
        };
      },
      GetMetricStatistics(input, call) {
        takeOnly('GetMetricStatistics', input, [
          ...['Namespace', 'MetricName', 'Dimensions', 'StartTime', 'EndTime', 'Period', 'Statistics', 'Unit'],
        ]);
        permit('GetMetricStatistics', call);
        const fromMs = readTimestamp(input.StartTime, 'StartTime');
        const toMs = readTimestamp(input.EndTime, 'EndTime');
        const periodSeconds = numberAt(input.Period, 'Period');
        if (toMs <= fromMs) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
        if (!Number.isInteger(periodSeconds) || periodSeconds < 1) throw invalid('The parameter Period is not valid.');
        if ((toMs - fromMs) / (periodSeconds * 1000) > MOST_POINTS) {
          throw new AwsError(
            'InvalidParameterCombinationException',
            `You have requested up to ${Math.ceil((toMs - fromMs) / (periodSeconds * 1000))} datapoints, which exceeds the limit of ${MOST_POINTS}.`,
          );
        }
        const statistics = readStatistics(input.Statistics);
        const points = metrics.statistics({
          namespace: requiredText(input, 'Namespace'),
          name: requiredText(input, 'MetricName'),
          dimensions: readDimensions(input.Dimensions, 'Dimensions'),
          fromMs,
          toMs,
          periodMs: periodSeconds * 1000,
          unit: input.Unit as string | undefined,
        });
        return {
          Label: input.MetricName,
          Datapoints: points.map(({ atMs, unit, sum, count, least, most }) => {
            const all = { Average: sum / count, Maximum: most, Minimum: least, SampleCount: count, Sum: sum };
            const shown = Object.fromEntries(statistics.map((name) => [name, all[name]]));
            return { Timestamp: new Date(atMs), Unit: unit, ...shown };
          }),
        };
      },
    },
  };
}

function readStatistics(value: unknown): readonly (typeof STATISTICS)[number][] {
  const named = textsOf(value, 'Statistics');
  if (named.length === 0) throw missing('Statistics');
  return named.map((name) => {
    const statistic = STATISTICS.find((known) => known === name);
    if (!statistic) throw invalid(`The value ${name} for parameter Statistics is invalid.`);
    return statistic;
  });
}

function requiredText(input: JsonObject, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missing(name);
}

const QUERY_ERROR_CODES: Readonly<Record<string, string>> = {
  InvalidParameterCombinationException: 'InvalidParameterCombination',
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
};
