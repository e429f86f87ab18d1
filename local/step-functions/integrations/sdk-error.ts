import type { Failure } from '../interpreter/failure.ts';
import { asAwsError, exceptionName } from './service-error.ts';

interface SdkFamily {
  /** As the Java SDK 2 calls the service, in error names and causes. */
  readonly name: string;
  /** Errors that the service's API declares; the others are `NAMEException`. */
  readonly declares: (code: string) => boolean;
}

/** Errors of the wire and of IAM, which APIs do not declare. */
const UNDECLARED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'IncompleteSignature',
  'InternalFailure',
  'MissingParameter',
  'MissingRequiredParameterException',
  'NotImplemented',
  'SerializationException',
  'UnrecognizedClientException',
  'ValidationError',
  'ValidationException',
]);

const declaresMost = (code: string): boolean => !UNDECLARED.has(code);

const only =
  (...codes: readonly string[]) =>
  (code: string): boolean =>
    codes.includes(code);

const S3 = only(
  'BucketAlreadyExists',
  'BucketAlreadyOwnedByYou',
  'EncryptionTypeMismatch',
  'IdempotencyParameterMismatch',
  'InvalidObjectState',
  'InvalidRequest',
  'InvalidWriteOffset',
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
  'ObjectAlreadyInActiveTierError',
  'ObjectNotInActiveTierError',
  'TooManyParts',
);

const SQS = only(
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidAddress',
  'InvalidAttributeName',
  'InvalidAttributeValue',
  'InvalidBatchEntryId',
  'InvalidIdFormat',
  'InvalidMessageContents',
  'InvalidSecurity',
  'MessageNotInflight',
  'OverLimit',
  'PurgeQueueInProgress',
  'QueueDeletedRecently',
  'QueueDoesNotExist',
  'QueueNameExists',
  'ReceiptHandleIsInvalid',
  'RequestThrottled',
  'ResourceNotFoundException',
  'TooManyEntriesInBatchRequest',
  'UnsupportedOperation',
);

const FAMILIES: Readonly<Record<string, SdkFamily>> = {
  dynamodb: { name: 'DynamoDb', declares: declaresMost },
  eventbridge: { name: 'EventBridge', declares: declaresMost },
  kms: { name: 'Kms', declares: declaresMost },
  lambda: { name: 'Lambda', declares: declaresMost },
  s3: { name: 'S3', declares: S3 },
  sagemaker: {
    name: 'SageMaker',
    declares: only('ConflictException', 'ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound'),
  },
  // The only one of them whose API declares ValidationException.
  sfn: { name: 'Sfn', declares: (code) => code === 'ValidationException' || declaresMost(code) },
  sqs: { name: 'Sqs', declares: SQS },
  sts: { name: 'Sts', declares: declaresMost },
};

/** The failure of a task of an `aws-sdk:` integration: `S3.NoSuchKeyException`, `DynamoDb.DynamoDbException`. */
export function sdkFailure(service: string, action: string, error: unknown, requestId: string): Failure {
  const { name, declares } = FAMILIES[service] ?? { name: service, declares: declaresMost };
  const { code, message, statusCode } = asAwsError(error);
  // What the SDK itself finds wrong never left it, and has no request.
  if (code === 'SdkClientException') return { error: `${name}.${code}`, cause: message };
  const known = headOf(service, action, statusCode) ?? code;
  const extended = service === 's3' ? `, Extended Request ID: ${requestId}` : '';
  return {
    error: `${name}.${declares(known) ? exceptionName(known.replace(/^KMS/, 'Kms')) : `${name}Exception`}`,
    cause: `${message} (Service: ${name}, Status Code: ${statusCode}, Request ID: ${requestId}${extended}) (SDK Attempt Count: 1)`,
  };
}

/** An answer to HEAD has no body to name the error: the SDK takes it from what was asked for. */
function headOf(service: string, action: string, statusCode: number): string | undefined {
  if (service !== 's3' || statusCode !== 404) return undefined;
  if (action === 'headObject') return 'NoSuchKey';
  return action === 'headBucket' ? 'NoSuchBucket' : undefined;
}
