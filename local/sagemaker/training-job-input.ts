import { notImplemented } from '../aws-error.ts';
import { optionalInteger, requiredText, takeOnly, violation } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import type { Channel, TrainingSpecification } from './training-job.ts';

const MEMBERS = [
  'TrainingJobName',
  'AlgorithmSpecification',
  'RoleArn',
  'HyperParameters',
  'Environment',
  'InputDataConfig',
  'OutputDataConfig',
  'ResourceConfig',
  'StoppingCondition',
  'RetryStrategy',
  'Tags',
];

/** Members that say only what is so anyway. */
const AS_IT_IS: Readonly<Record<string, unknown>> = {
  EnableNetworkIsolation: false,
  EnableInterContainerTrafficEncryption: false,
  EnableManagedSpotTraining: false,
};

const JOB_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const CHANNEL_NAME = /^[A-Za-z0-9.\-_]{1,64}$/;
const DAY_SECONDS = 86_400;
const LONGEST_SECONDS = 28 * DAY_SECONDS;

/**
 * Reads CreateTrainingJob. Throws ValidationException, and NotImplemented for what a training job here does not do.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
 */
export function readTrainingJob(input: JsonObject): TrainingSpecification {
  takeOnly('CreateTrainingJob', withoutDefaults(input), MEMBERS);
  const name = jobName(input);
  const algorithm = structure(input, 'AlgorithmSpecification');
  takeOnly('AlgorithmSpecification', algorithm, ['TrainingImage', 'TrainingInputMode', 'ContainerArguments']);
  requireChoice(algorithm, 'TrainingInputMode', 'File');
  const resources = structure(input, 'ResourceConfig');
  takeOnly('ResourceConfig', resources, ['InstanceType', 'InstanceCount', 'VolumeSizeInGB']);
  requiredText(resources, 'InstanceType');
  if (optionalInteger(resources, 'InstanceCount', { least: 0, most: 100 }) !== 1)
    throw notImplemented('A training job on another number of instances than 1');
  const stopping = input.StoppingCondition === undefined ? {} : structure(input, 'StoppingCondition');
  takeOnly('StoppingCondition', stopping, ['MaxRuntimeInSeconds']);
  const retry = input.RetryStrategy === undefined ? {} : structure(input, 'RetryStrategy');
  takeOnly('RetryStrategy', retry, ['MaximumRetryAttempts']);
  const maxRuntimeSeconds =
    optionalInteger(stopping, 'MaxRuntimeInSeconds', { least: 1, most: LONGEST_SECONDS }) ?? DAY_SECONDS;
  return {
    name,
    image: requiredText(algorithm, 'TrainingImage'),
    containerArguments: texts(algorithm.ContainerArguments, 'ContainerArguments') ?? ['train'],
    roleArn: requiredText(input, 'RoleArn'),
    hyperParameters: textMap(input, 'HyperParameters'),
    environment: textMap(input, 'Environment'),
    channels: channels(input.InputDataConfig),
    output: output(input),
    maxRuntimeSeconds,
    retries: optionalInteger(retry, 'MaximumRetryAttempts', { least: 1, most: 30 }) ?? 0,
    described: {
      AlgorithmSpecification: { ...algorithm, EnableSageMakerMetricsTimeSeries: false },
      RoleArn: input.RoleArn,
      ...(input.HyperParameters !== undefined && { HyperParameters: input.HyperParameters }),
      ...(input.Environment !== undefined && { Environment: input.Environment }),
      ...(input.InputDataConfig !== undefined && { InputDataConfig: input.InputDataConfig }),
      OutputDataConfig: input.OutputDataConfig,
      ResourceConfig: resources,
      StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeSeconds },
      ...(input.RetryStrategy !== undefined && { RetryStrategy: retry }),
      ...AS_IT_IS,
    },
  };
}

export function jobName(input: JsonObject): string {
  const name = requiredText(input, 'TrainingJobName');
  if (JOB_NAME.test(name)) return name;
  throw violation(
    `Value '${name}' at 'trainingJobName'`,
    'Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}',
  );
}

const withoutDefaults = (input: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(input).filter(([name, value]) => !(name in AS_IT_IS && AS_IT_IS[name] === value)));

function structure(input: JsonObject, name: string): JsonObject {
  const value = input[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw violation(`Value null at '${name[0]!.toLowerCase()}${name.slice(1)}'`, 'Member must not be null');
}

function requireChoice(input: JsonObject, name: string, only: string): void {
  if (requiredText(input, name) !== only) throw notImplemented(`A training job with ${name} ${String(input[name])}`);
}

function texts(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw violation(`Value at '${name}'`, 'Member must be a list of strings');
}

function textMap(input: JsonObject, name: string): Readonly<Record<string, string>> {
  if (input[name] === undefined) return {};
  const map = structure(input, name);
  const wrong = Object.entries(map).find(([, value]) => typeof value !== 'string');
  if (wrong) throw violation(`Value at '${name}.${wrong[0]}'`, 'Member must be a string');
  if (Object.keys(map).length > 100)
    throw violation(`Value at '${name}'`, 'Member must have length less than or equal to 100');
  return map as Readonly<Record<string, string>>;
}

function channels(value: unknown): readonly Channel[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw violation("Value at 'inputDataConfig'", 'Member must be a list');
  const read = (value as JsonObject[]).map(channel);
  const repeated = read.find(({ name }, index) => read.findIndex((other) => other.name === name) !== index);
  if (repeated) throw violation(`Value '${repeated.name}' at 'inputDataConfig'`, 'Channel names must be unique');
  return read;
}

function channel(input: JsonObject): Channel {
  takeOnly('InputDataConfig', input, [
    'ChannelName',
    'DataSource',
    'ContentType',
    'CompressionType',
    'RecordWrapperType',
    'InputMode',
  ]);
  const name = requiredText(input, 'ChannelName');
  if (!CHANNEL_NAME.test(name) || name === '.' || name === '..')
    throw violation(
      `Value '${name}' at 'channelName'`,
      'Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+',
    );
  for (const [member, only] of Object.entries({
    CompressionType: 'None',
    RecordWrapperType: 'None',
    InputMode: 'File',
  })) {
    if (input[member] !== undefined) requireChoice(input, member, only);
  }
  const source = structure(input, 'DataSource');
  takeOnly('DataSource', source, ['S3DataSource']);
  const s3 = structure(source, 'S3DataSource');
  takeOnly('S3DataSource', s3, ['S3DataType', 'S3Uri', 'S3DataDistributionType']);
  requireChoice(s3, 'S3DataType', 'S3Prefix');
  const { bucket, key } = s3Uri(requiredText(s3, 'S3Uri'), 'S3Uri');
  return { name, bucket, prefix: key };
}

function output(input: JsonObject): TrainingSpecification['output'] {
  const config = structure(input, 'OutputDataConfig');
  takeOnly('OutputDataConfig', config, ['S3OutputPath', 'KmsKeyId', 'CompressionType']);
  if (config.CompressionType !== undefined) requireChoice(config, 'CompressionType', 'GZIP');
  const { bucket, key } = s3Uri(requiredText(config, 'S3OutputPath'), 'S3OutputPath');
  const { KmsKeyId: kmsKeyId } = config;
  return {
    bucket,
    prefix: key.replace(/\/$/, ''),
    ...(typeof kmsKeyId === 'string' && kmsKeyId !== '' && { kmsKeyId }),
  };
}

function s3Uri(uri: string, name: string): { readonly bucket: string; readonly key: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri);
  if (match) return { bucket: match[1]!, key: match[2]! };
  throw violation(
    `Value '${uri}' at '${name}'`,
    'Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)',
  );
}
