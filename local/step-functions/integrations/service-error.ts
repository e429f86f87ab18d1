import { AwsError } from '../../aws-error.ts';
import type { Failure } from '../interpreter/failure.ts';

/** How Step Functions tells an error of a service: by its own name for it, with the SDK's text as the cause. */
interface ErrorFamily {
  /** Before the dot of the error name. */
  readonly prefix: string;
  /** `Service:` in the cause. */
  readonly service: string;
  /** The name of errors that the service's API does not declare. */
  readonly fallback: string;
  /** Whether the API declares the error `code`. */
  readonly declares: (code: string) => boolean;
}

const declared =
  (...names: readonly string[]) =>
  (code: string) =>
    names.includes(code);

const endsInException = (code: string): boolean =>
  code.endsWith('Exception') && code !== 'ValidationException' && code !== 'AccessDeniedException';

const DYNAMODB = declared(
  'ConditionalCheckFailedException',
  'DuplicateItemException',
  'IdempotentParameterMismatchException',
  'InternalServerError',
  'ItemCollectionSizeLimitExceededException',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ResourceInUseException',
  'ResourceNotFoundException',
  'TransactionCanceledException',
  'TransactionConflictException',
  'TransactionInProgressException',
);

/** The optimised integrations, told in the words of the Java SDK 1. */
const OPTIMISED: Readonly<Record<string, ErrorFamily>> = {
  lambda: { prefix: 'Lambda', service: 'AWSLambda', fallback: 'AWSLambdaException', declares: endsInException },
  dynamodb: {
    prefix: 'DynamoDB',
    service: 'AmazonDynamoDBv2',
    fallback: 'AmazonDynamoDBException',
    declares: DYNAMODB,
  },
  sqs: {
    prefix: 'SQS',
    service: 'AmazonSQS',
    fallback: 'AmazonSQSException',
    declares: (code) => /^(InvalidMessageContents|UnsupportedOperation|QueueDoesNotExist)/.test(code),
  },
  events: {
    prefix: 'EventBridge',
    service: 'AmazonEventBridge',
    fallback: 'AmazonEventBridgeException',
    declares: endsInException,
  },
  sagemaker: {
    prefix: 'SageMaker',
    service: 'AmazonSageMaker',
    fallback: 'AmazonSageMakerException',
    declares: declared('ConflictException', 'ResourceInUse', 'ResourceLimitExceeded', 'ResourceNotFound'),
  },
  states: {
    prefix: 'StepFunctions',
    service: 'AWSStepFunctions',
    fallback: 'AWSStepFunctionsException',
    declares: (code) => code !== 'ValidationException' && code !== 'AccessDeniedException',
  },
};

/** The failure of a task of an optimised integration. */
export function optimisedFailure(resourceType: string, error: unknown, requestId: string): Failure {
  const family = OPTIMISED[resourceType]!;
  const { code, message, statusCode } = asAwsError(error);
  const name = family.declares(code) ? exceptionName(code) : family.fallback;
  const shownCode = resourceType === 'states' ? code.replace(/Exception$/, '') : code;
  return {
    error: `${family.prefix}.${name}`,
    cause: `${message} (Service: ${family.service}; Status Code: ${statusCode}; Error Code: ${shownCode}; Request ID: ${requestId}; Proxy: null)`,
  };
}

/** As the Java SDKs name an error's class. */
export const exceptionName = (code: string): string => `${code.replace(/(Exception|Fault)$/, '')}Exception`;

export function asAwsError(error: unknown): { code: string; message: string; statusCode: number } {
  if (error instanceof AwsError) return { code: error.code, message: error.message, statusCode: error.statusCode };
  return { code: 'ServiceException', message: error instanceof Error ? error.message : String(error), statusCode: 500 };
}
