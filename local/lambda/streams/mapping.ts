import { parseArn } from '../../arn.ts';
import { notImplemented } from '../../aws-error.ts';
import { type CompiledPattern, compilePattern, matchesPattern } from '../../eventbridge/pattern/pattern.ts';
import type { JsonObject } from '../../service.ts';
import { checkDestination, type DestinationConfig } from '../async/destination.ts';

/** How the records of a table's stream go to a function. */
export interface Mapping {
  readonly uuid: string;
  readonly functionName: string;
  readonly qualifier: string;
  readonly streamArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** -1: without end. */
  readonly maximumRetryAttempts: number;
  /** -1: without end. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectOnError: boolean;
  readonly reportsItemFailures: boolean;
  /** Texts of patterns; a record has to match one of them. All match when there are none. */
  readonly filters: readonly string[];
  readonly destinations: DestinationConfig;
}

export type MappingSettings = Omit<Mapping, 'uuid' | 'functionName' | 'qualifier'>;

export const MAPPING_PROPERTIES = [
  'FunctionName',
  'EventSourceArn',
  'Enabled',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'StartingPosition',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
  'FilterCriteria',
  'DestinationConfig',
  'ParallelizationFactor',
  'Tags',
] as const;

/** Reads the properties of AWS::Lambda::EventSourceMapping. Throws Error naming what is wrong, NotImplemented for what is not done here. */
export function readMapping(where: string, properties: JsonObject): MappingSettings {
  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const value = properties[name] === undefined ? fallback : Number(properties[name]);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`${where}: ${name} must be a whole number between ${least} and ${most}.`);
  };
  const streamArn = String(properties.EventSourceArn);
  const arn = parseArn(streamArn);
  if (arn?.service !== 'dynamodb' || !arn.resource.includes('/stream/')) {
    throw notImplemented(`An event source such as ${streamArn}`);
  }
  if (integer('ParallelizationFactor', 1, 1, 10) > 1)
    throw notImplemented(`${where} with ParallelizationFactor over 1`);
  const position = properties.StartingPosition;
  if (position !== 'TRIM_HORIZON' && position !== 'LATEST') {
    throw new Error(`${where}: StartingPosition must be TRIM_HORIZON or LATEST.`);
  }
  const responseTypes = (properties.FunctionResponseTypes as string[] | undefined) ?? [];
  const unknownType = responseTypes.find((type) => type !== 'ReportBatchItemFailures');
  if (unknownType !== undefined) throw notImplemented(`${where} with FunctionResponseTypes ${unknownType}`);
  const destinations = (properties.DestinationConfig as DestinationConfig | undefined) ?? {};
  if (destinations.OnSuccess) throw new Error(`${where}: a stream has no OnSuccess destination.`);
  checkDestination(destinations.OnFailure?.Destination);
  return {
    streamArn,
    enabled: String(properties.Enabled ?? true) === 'true',
    batchSize: integer('BatchSize', 100, 1, 10_000),
    batchingWindowMs: integer('MaximumBatchingWindowInSeconds', 0, 0, 300) * 1000,
    startingPosition: position,
    maximumRetryAttempts: integer('MaximumRetryAttempts', -1, -1, 10_000),
    maximumRecordAgeSeconds: integer('MaximumRecordAgeInSeconds', -1, -1, 604_800),
    bisectOnError: String(properties.BisectBatchOnFunctionError ?? false) === 'true',
    reportsItemFailures: responseTypes.length > 0,
    filters: readFilters(properties.FilterCriteria),
    destinations,
  };
}

function readFilters(criteria: unknown): readonly string[] {
  const filters = (criteria as { Filters?: readonly { Pattern?: unknown }[] } | undefined)?.Filters ?? [];
  return filters.map(({ Pattern }) => {
    const text = typeof Pattern === 'string' ? Pattern : JSON.stringify(Pattern ?? {});
    compilePattern(text);
    return text;
  });
}

/** Whether a record (JSON text) goes to the function. */
export function recordFilter({ filters }: Pick<Mapping, 'filters'>): (record: string) => boolean {
  if (filters.length === 0) return () => true;
  const patterns: readonly CompiledPattern[] = filters.map(compilePattern);
  return (record) => patterns.some((pattern) => matchesPattern(pattern, record));
}
