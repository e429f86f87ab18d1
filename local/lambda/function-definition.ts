import { notImplemented } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';

export type Runtime = 'nodejs22.x' | 'nodejs24.x';

export interface LoggingSettings {
  readonly group: string;
  readonly format: 'Text' | 'JSON';
  readonly applicationLevel: string;
  readonly systemLevel: string;
}

/** A function as it is deployed. */
export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** `$LATEST`, or the number of a published version. */
  readonly version: string;
  readonly handler: string;
  readonly runtime: Runtime;
  readonly roleArn: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  readonly description: string;
  readonly ephemeralStorageMb: number;
  readonly logging: LoggingSettings;
  readonly reservedConcurrency?: number;
  readonly deadLetterArn?: string;
  readonly tracingMode?: string;
  readonly kmsKeyArn?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of the package, base64. */
  readonly codeSha256: string;
  readonly codeSizeBytes: number;
  /** Where it is unpacked, in the account's directory. */
  readonly codeDirectory: string;
  readonly lastModified: string;
  /** Changes whenever anything above does: sandboxes of another revision are not used again. */
  readonly revisionId: string;
}

/** What of it the template gives; the rest the runtime adds. */
export type FunctionSettings = Omit<
  FunctionDefinition,
  'name' | 'arn' | 'version' | 'codeSha256' | 'codeSizeBytes' | 'codeDirectory' | 'lastModified' | 'revisionId'
>;

export const FUNCTION_PROPERTIES = [
  'FunctionName',
  'Handler',
  'Runtime',
  'Role',
  'Code',
  'MemorySize',
  'Timeout',
  'Environment',
  'Architectures',
  'ReservedConcurrentExecutions',
  'DeadLetterConfig',
  'EphemeralStorage',
  'LoggingConfig',
  'TracingConfig',
  'KmsKeyArn',
  'Tags',
  'Description',
  'PackageType',
] as const;

/** Environment variables that a function may not set. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED_VARIABLES = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);
const MOST_ENVIRONMENT_BYTES = 4096;

/** Reads the properties of AWS::Lambda::Function. Throws Error naming the property that is wrong, NotImplemented for what is not done here. */
export function readFunctionSettings(name: string, properties: JsonObject): FunctionSettings {
  const wrong = (what: string): Error => new Error(`AWS::Lambda::Function ${name}: ${what}`);
  const integer = (property: string, fallback: number, least: number, most: number): number => {
    const value = properties[property] === undefined ? fallback : Number(properties[property]);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw wrong(
        `${property} must be a whole number between ${least} and ${most}, not ${String(properties[property])}`,
      );
    }
    return value;
  };
  const { Runtime: runtime, Handler: handler, Role: roleArn, PackageType = 'Zip' } = properties;
  // It becomes part of a path.
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw wrong('FunctionName must be 1 to 64 letters, digits, _ and -');
  if (PackageType !== 'Zip') throw notImplemented(`A Lambda function of PackageType ${String(PackageType)}`);
  if (runtime !== 'nodejs24.x' && runtime !== 'nodejs22.x')
    throw notImplemented(`The Lambda runtime ${String(runtime)}`);
  if (typeof handler !== 'string') throw wrong('Handler is required');
  if (typeof roleArn !== 'string' || !/^arn:aws:iam::\d{12}:role\//.test(roleArn)) {
    throw wrong(`Role must be the ARN of a role, not ${String(roleArn)}`);
  }
  const storage = (properties.EphemeralStorage as { Size?: unknown } | undefined)?.Size;
  const reserved = properties.ReservedConcurrentExecutions;
  const deadLetterArn = (properties.DeadLetterConfig as { TargetArn?: string } | undefined)?.TargetArn;
  if (deadLetterArn?.includes(':sns:')) throw notImplemented('A Lambda DeadLetterConfig with an SNS topic');
  const tracingMode = (properties.TracingConfig as { Mode?: string } | undefined)?.Mode;
  return {
    handler,
    runtime,
    roleArn,
    memoryMb: integer('MemorySize', 128, 128, 10_240),
    timeoutSeconds: integer('Timeout', 3, 1, 900),
    environment: readEnvironment(properties.Environment, wrong),
    architectures: (properties.Architectures as string[] | undefined) ?? ['x86_64'],
    description: (properties.Description as string | undefined) ?? '',
    ephemeralStorageMb: storage === undefined ? 512 : Number(storage),
    logging: readLogging(name, properties.LoggingConfig),
    tags: readTags(properties.Tags),
    ...(reserved === undefined ? {} : { reservedConcurrency: integer('ReservedConcurrentExecutions', 0, 0, 1000) }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
    ...(tracingMode === undefined ? {} : { tracingMode }),
    ...(properties.KmsKeyArn === undefined ? {} : { kmsKeyArn: String(properties.KmsKeyArn) }),
  };
}

function readEnvironment(value: unknown, wrong: (what: string) => Error): Readonly<Record<string, string>> {
  const variables = ((value as { Variables?: JsonObject } | undefined)?.Variables ?? {}) as JsonObject;
  const environment: Record<string, string> = {};
  for (const [name, text] of Object.entries(variables)) {
    if (RESERVED_VARIABLES.has(name)) throw wrong(`the environment variable ${name} is reserved`);
    if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(name)) throw wrong(`${name} is no name of an environment variable`);
    if (typeof text === 'object') throw wrong(`the environment variable ${name} must be text`);
    environment[name] = String(text);
  }
  if (Buffer.byteLength(JSON.stringify(environment)) > MOST_ENVIRONMENT_BYTES) {
    throw wrong(`its environment variables are over ${MOST_ENVIRONMENT_BYTES} bytes`);
  }
  return environment;
}

function readLogging(name: string, value: unknown): LoggingSettings {
  const { LogGroup, LogFormat, ApplicationLogLevel, SystemLogLevel } = (value ?? {}) as Record<string, string>;
  const format = LogFormat ?? 'Text';
  if (format !== 'Text' && format !== 'JSON') throw notImplemented(`LogFormat ${format}`);
  return {
    group: LogGroup ?? `/aws/lambda/${name}`,
    format,
    // In text format nothing is filtered.
    applicationLevel: format === 'JSON' ? (ApplicationLogLevel ?? 'INFO') : 'TRACE',
    systemLevel: format === 'JSON' ? (SystemLogLevel ?? 'INFO') : 'INFO',
  };
}

function readTags(value: unknown): Readonly<Record<string, string>> {
  const tags = (value ?? []) as readonly { Key: string; Value: string }[];
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, String(Value)]));
}
