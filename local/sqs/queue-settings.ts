import { parseArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';
import type { QueueSettings, RedriveAllowPolicy, RedrivePolicy } from './queue.ts';

/** The names that the API's attributes and the template's properties share. */
export const QUEUE_SETTINGS = [
  'DelaySeconds',
  // Encryption at rest shows in nothing but the attributes: the account's store is a file of this machine.
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const;

const LARGEST_MESSAGE_BYTES = 1_048_576;

/** Reads attributes or properties, numbers as text or not. Throws InvalidAttributeValue, naming `where`. */
export function readQueueSettings(given: JsonObject, where: string): QueueSettings {
  for (const name of Object.keys(given)) {
    if (!(QUEUE_SETTINGS as readonly string[]).includes(name))
      throw notImplemented(`The queue attribute ${name} (${where})`);
  }
  const seconds = (name: string, least: number, most: number, fallback: number): number => {
    const value = given[name] === undefined ? fallback : Number(given[name]);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw invalid(`Invalid value for the parameter ${name} (${where}): it must be between ${least} and ${most}.`);
    }
    return value;
  };
  const redrivePolicy = readRedrivePolicy(given.RedrivePolicy, where);
  const redriveAllowPolicy = readRedriveAllowPolicy(given.RedriveAllowPolicy, where);
  return {
    delaySeconds: seconds('DelaySeconds', 0, 900, 0),
    maximumMessageSizeBytes: seconds('MaximumMessageSize', 1024, LARGEST_MESSAGE_BYTES, LARGEST_MESSAGE_BYTES),
    messageRetentionSeconds: seconds('MessageRetentionPeriod', 60, 1_209_600, 345_600),
    receiveWaitSeconds: seconds('ReceiveMessageWaitTimeSeconds', 0, 20, 0),
    visibilityTimeoutSeconds: seconds('VisibilityTimeout', 0, 43_200, 30),
    ...(redrivePolicy ? { redrivePolicy } : {}),
    ...(redriveAllowPolicy ? { redriveAllowPolicy } : {}),
    ...(given.KmsMasterKeyId ? { kmsKeyId: String(given.KmsMasterKeyId) } : {}),
    ...(given.SqsManagedSseEnabled === undefined
      ? {}
      : { sqsManagedSseEnabled: String(given.SqsManagedSseEnabled) === 'true' }),
  };
}

/** As GetQueueAttributes shows them. */
export function settingsAsAttributes(settings: QueueSettings): Record<string, string> {
  return {
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageSizeBytes),
    MessageRetentionPeriod: String(settings.messageRetentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    ...(settings.redrivePolicy ? { RedrivePolicy: JSON.stringify(settings.redrivePolicy) } : {}),
    ...(settings.redriveAllowPolicy ? { RedriveAllowPolicy: JSON.stringify(settings.redriveAllowPolicy) } : {}),
    ...(settings.kmsKeyId ? { KmsMasterKeyId: settings.kmsKeyId } : {}),
    SqsManagedSseEnabled: String(settings.sqsManagedSseEnabled ?? settings.kmsKeyId === undefined),
  };
}

function readRedrivePolicy(value: unknown, where: string): RedrivePolicy | undefined {
  if (value === undefined || value === '') return undefined;
  const policy = readPolicy(value, where);
  const arn = parseArn(String(policy.deadLetterTargetArn ?? ''));
  const maxReceiveCount = Number(policy.maxReceiveCount);
  if (arn?.service !== 'sqs')
    throw invalid(`RedrivePolicy (${where}): deadLetterTargetArn must be the ARN of a queue.`);
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
    throw invalid(`RedrivePolicy (${where}): maxReceiveCount must be between 1 and 1000.`);
  }
  return { deadLetterTargetArn: String(policy.deadLetterTargetArn), maxReceiveCount };
}

const MOST_SOURCE_QUEUES = 10;

function readRedriveAllowPolicy(value: unknown, where: string): RedriveAllowPolicy | undefined {
  if (value === undefined || value === '') return undefined;
  const policy = readPolicy(value, where) as Partial<RedriveAllowPolicy>;
  const { redrivePermission, sourceQueueArns } = policy;
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') {
    if (sourceQueueArns === undefined) return { redrivePermission };
  } else if (redrivePermission === 'byQueue' && Array.isArray(sourceQueueArns)) {
    const arns = sourceQueueArns.map(String);
    if (arns.length > 0 && arns.length <= MOST_SOURCE_QUEUES && arns.every((arn) => parseArn(arn)?.service === 'sqs')) {
      return { redrivePermission, sourceQueueArns: arns };
    }
  }
  throw invalid(
    `RedriveAllowPolicy (${where}): redrivePermission must be allowAll, denyAll, or byQueue with 1 to ${MOST_SOURCE_QUEUES} sourceQueueArns.`,
  );
}

function readPolicy(value: unknown, where: string): Record<string, unknown> {
  const policy = typeof value === 'string' ? parseJson(value, where) : value;
  if (typeof policy === 'object' && policy !== null) return policy as Record<string, unknown>;
  throw invalid(`A redrive policy (${where}) is not a JSON object.`);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`A redrive policy (${where}) is not JSON.`);
  }
}

const invalid = (message: string): AwsError => new AwsError('InvalidAttributeValue', message);
