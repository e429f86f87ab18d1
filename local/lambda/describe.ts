import type { JsonObject } from '../service.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { MappingState } from './streams/mappings.ts';
import type { PollerDeps } from './streams/stream-poller.ts';
import type { FunctionUrl } from './url/function-urls.ts';

/** As GetFunctionConfiguration gives it; `arn` is how the caller named it. */
export function describeFunction(definition: FunctionDefinition, arn?: string): JsonObject {
  const { logging, environment, version } = definition;
  return {
    FunctionName: definition.name,
    FunctionArn: arn ?? (version === '$LATEST' ? definition.arn : `${definition.arn}:${version}`),
    Runtime: definition.runtime,
    Role: definition.roleArn,
    Handler: definition.handler,
    CodeSize: definition.codeSizeBytes,
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMb,
    LastModified: definition.lastModified,
    CodeSha256: definition.codeSha256,
    Version: version,
    RevisionId: definition.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: definition.architectures,
    EphemeralStorage: { Size: definition.ephemeralStorageMb },
    TracingConfig: { Mode: definition.tracingMode ?? 'PassThrough' },
    LoggingConfig: {
      LogFormat: logging.format,
      LogGroup: logging.group,
      ...(logging.format === 'JSON'
        ? { ApplicationLogLevel: logging.applicationLevel, SystemLogLevel: logging.systemLevel }
        : {}),
    },
    ...(Object.keys(environment).length > 0 ? { Environment: { Variables: environment } } : {}),
    ...(definition.deadLetterArn === undefined ? {} : { DeadLetterConfig: { TargetArn: definition.deadLetterArn } }),
    ...(definition.kmsKeyArn === undefined ? {} : { KMSKeyArn: definition.kmsKeyArn }),
  };
}

/** As GetEventSourceMapping gives it. */
export function describeMapping(
  { mapping, modifiedAtMs }: MappingState,
  { functions }: Pick<PollerDeps, 'functions'>,
  arn: string,
): JsonObject {
  const { filters, destinations, qualifier } = mapping;
  return {
    UUID: mapping.uuid,
    EventSourceMappingArn: arn,
    EventSourceArn: mapping.streamArn,
    FunctionArn: functions.arnOf(mapping.functionName, qualifier),
    State: mapping.enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'User action',
    LastModified: modifiedAtMs / 1000,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.batchingWindowMs / 1000,
    ParallelizationFactor: 1,
    StartingPosition: mapping.startingPosition,
    MaximumRetryAttempts: mapping.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: mapping.maximumRecordAgeSeconds,
    BisectBatchOnFunctionError: mapping.bisectOnError,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: mapping.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    DestinationConfig: destinations,
    ...(filters.length > 0 ? { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } } : {}),
  };
}

/** As GetFunctionUrlConfig gives it. */
export function describeUrl(url: FunctionUrl, functionArn: string, runtimeUrl: string): JsonObject {
  const created = new Date(url.createdAtMs).toISOString();
  return {
    FunctionUrl: `${runtimeUrl}/_url/${url.urlId}/`,
    FunctionArn: functionArn,
    AuthType: url.authType,
    CreationTime: created,
    LastModifiedTime: created,
    InvokeMode: 'BUFFERED',
  };
}
