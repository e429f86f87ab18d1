import { AwsError, notImplemented } from '../../aws-error.ts';
import type { Log } from '../../service.ts';
import { choice, flag, type InputOf, list, structure, text } from './input.ts';
import { encryptionConfiguration } from './shapes.ts';

/** Where a machine's runs are logged and traced to. Kept and shown: nothing is written to CloudWatch Logs or X-Ray here. */
export interface LoggingConfiguration {
  readonly level: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  readonly includeExecutionData: boolean;
  readonly destinations?: readonly { readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: string } }[];
}

export interface TracingConfiguration {
  readonly enabled: boolean;
}

export interface Configuration {
  readonly logging: LoggingConfiguration;
  readonly tracing: TracingConfiguration;
}

/** The same configuration is the same text. */
export const configurationText = ({ logging, tracing }: Configuration): string => JSON.stringify([logging, tracing]);

export const configurationMembers = {
  loggingConfiguration: structure('LoggingConfiguration', {
    level: choice(['ALL', 'ERROR', 'FATAL', 'OFF']),
    includeExecutionData: flag,
    destinations: list(
      structure('LogDestination', {
        cloudWatchLogsLogGroup: structure('CloudWatchLogsLogGroup', { logGroupArn: text({ least: 1, most: 256 }) }),
      }),
    ),
  }),
  tracingConfiguration: structure('TracingConfiguration', { enabled: flag }),
  encryptionConfiguration,
};

type Given = InputOf<typeof configurationMembers>;

/** Throws InvalidLoggingConfiguration, in AWS's words. */
export function readLogging(given: Given['loggingConfiguration']): LoggingConfiguration | undefined {
  if (given === undefined) return undefined;
  const { level = 'OFF', includeExecutionData = false, destinations } = given;
  const named = (destinations ?? []).filter((one) => one.cloudWatchLogsLogGroup?.logGroupArn !== undefined);
  const wanted = level === 'OFF' && (destinations ?? []).length === 0 ? 0 : 1;
  if (named.length !== wanted || (destinations ?? []).length !== wanted) {
    throw new AwsError(
      'InvalidLoggingConfiguration',
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
  }
  if (named.some((one) => !LOG_GROUP.test(one.cloudWatchLogsLogGroup!.logGroupArn!))) {
    throw new AwsError('InvalidLoggingConfiguration', 'Invalid Logging Configuration: Log Destination not found.');
  }
  return { level, includeExecutionData, ...(destinations !== undefined && { destinations }) };
}

const LOG_GROUP = /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:]+:\*$/;

export const readTracing = (given: Given['tracingConfiguration']): TracingConfiguration | undefined =>
  given && { enabled: given.enabled ?? false };

/** The only key there is here is AWS's own. */
export function refuseOwnKey(given: Given['encryptionConfiguration']): void {
  if (given === undefined) return;
  if (given.type === 'CUSTOMER_MANAGED_KMS_KEY')
    throw notImplemented('encryptionConfiguration with type CUSTOMER_MANAGED_KMS_KEY');
  if (given.kmsKeyId === undefined && given.kmsDataKeyReusePeriodSeconds === undefined) return;
  throw new AwsError(
    'InvalidEncryptionConfiguration',
    'Invalid Encryption Configuration: kmsKeyId and kmsDataKeyReusePeriodSeconds must not be given with AWS_OWNED_KEY.',
  );
}

export const NO_LOGGING: LoggingConfiguration = { level: 'OFF', includeExecutionData: false };
export const NO_TRACING: TracingConfiguration = { enabled: false };

/** What AWS would do with the configuration and nobody does here is said once, where an operator looks. */
export function tellWithoutEffect({ logging, tracing }: Configuration, machineArn: string, log: Log): void {
  const kept = [
    ...(logging.level === 'OFF' ? [] : ['loggingConfiguration (nothing is written to CloudWatch Logs)']),
    ...(tracing.enabled ? ['tracingConfiguration (nothing is sent to X-Ray)'] : []),
  ];
  if (kept.length > 0) log('info', `kept and shown, without effect here: ${kept.join(', ')}`, { machineArn });
}
