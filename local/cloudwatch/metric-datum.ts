import { AwsError, notImplemented } from '../aws-error.ts';
import { shown, structureOf, structuresOf, takeOnly, textOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';

/** One value, or a set of values, of a metric at one time. */
export interface MetricDatum {
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly atMs: number;
  readonly unit: string;
  readonly sum: number;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

const MOST_DATA = 1000;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 150;
const DAY_MS = 86_400_000;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html. Numbers may be text (the query protocol). */
export function readMetricData(input: JsonObject, nowMs: number): readonly MetricDatum[] {
  if (input.EntityMetricData !== undefined) throw notImplemented('PutMetricData with EntityMetricData');
  const data = structuresOf(input.MetricData, 'MetricData');
  if (data.length === 0) throw missing('MetricData');
  if (data.length > MOST_DATA) {
    throw invalid(`The collection MetricData must not have a size greater than ${MOST_DATA}.`);
  }
  return data.map((datum, place) => readDatum(datum, `MetricData.member.${place + 1}`, nowMs));
}

function readDatum(datum: JsonObject, where: string, nowMs: number): MetricDatum {
  takeOnly('PutMetricData', datum, [
    ...['MetricName', 'Dimensions', 'Timestamp', 'Value', 'StatisticValues', 'Values', 'Counts', 'Unit'],
    'StorageResolution',
  ]);
  const name = datum.MetricName;
  if (typeof name !== 'string' || name === '') throw missing(`${where}.MetricName`);
  const atMs = datum.Timestamp === undefined ? nowMs : readTimestamp(datum.Timestamp, `${where}.Timestamp`);
  if (atMs < nowMs - 14 * DAY_MS || atMs > nowMs + DAY_MS / 12) {
    throw invalid(`The parameter ${where}.Timestamp must specify a time within the past two weeks.`);
  }
  return {
    name,
    dimensions: readDimensions(datum.Dimensions, where),
    atMs,
    unit: textOf(datum, 'Unit') ?? 'None',
    ...readValues(datum, where),
  };
}

function readValues(datum: JsonObject, where: string): Pick<MetricDatum, 'sum' | 'count' | 'least' | 'most'> {
  const given = ['Value', 'Values', 'StatisticValues'].filter((name) => datum[name] !== undefined);
  if (given.length !== 1) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      `The parameters ${where}.Value, ${where}.Values and ${where}.StatisticValues are mutually exclusive and you must specify one of them.`,
    );
  }
  if (datum.Value !== undefined) {
    const value = numberAt(datum.Value, `${where}.Value`);
    return { sum: value, count: 1, least: value, most: value };
  }
  if (datum.StatisticValues !== undefined) {
    const set = structureOf(datum.StatisticValues, 'StatisticValues');
    return {
      sum: numberAt(set.Sum, `${where}.StatisticValues.Sum`),
      count: numberAt(set.SampleCount, `${where}.StatisticValues.SampleCount`),
      least: numberAt(set.Minimum, `${where}.StatisticValues.Minimum`),
      most: numberAt(set.Maximum, `${where}.StatisticValues.Maximum`),
    };
  }
  const values = asList(datum.Values).map((value) => numberAt(value, `${where}.Values`));
  const counts =
    datum.Counts === undefined ? values.map(() => 1) : asList(datum.Counts).map((n) => numberAt(n, `${where}.Counts`));
  if (values.length === 0 || values.length > MOST_VALUES || counts.length !== values.length) {
    throw invalid(
      `The parameters ${where}.Values and ${where}.Counts must be of the same size, at most ${MOST_VALUES}.`,
    );
  }
  return {
    sum: values.reduce((sum, value, at) => sum + value * (counts[at] ?? 0), 0),
    count: counts.reduce((sum, count) => sum + count, 0),
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

/** In one order, so that equal sets are equal texts. */
export function readDimensions(value: unknown, where: string): MetricDatum['dimensions'] {
  const dimensions = structuresOf(value, 'Dimensions').map(({ Name, Value }) => {
    if (typeof Name !== 'string' || Name === '') throw missing(`${where}.Dimensions.Name`);
    if (typeof Value !== 'string' || Value === '') throw missing(`${where}.Dimensions.Value`);
    return { Name, Value };
  });
  if (dimensions.length > MOST_DIMENSIONS) throw invalid(`${where} has more than ${MOST_DIMENSIONS} Dimensions.`);
  return dimensions.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Epoch seconds, or ISO 8601 in the query protocol. In milliseconds. */
export function readTimestamp(value: unknown, where: string): number {
  const ms =
    value instanceof Date ? value.getTime() : typeof value === 'number' ? value * 1000 : Date.parse(shown(value));
  if (!Number.isFinite(ms)) throw invalid(`The value for parameter ${where} is not a timestamp.`);
  return ms;
}

export function numberAt(value: unknown, where: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw invalid(`The value ${shown(value)} for parameter ${where} is invalid.`);
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

export const missing = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`);
