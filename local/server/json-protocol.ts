import { AwsError } from '../aws-error.ts';
import type { JsonObject, OperationService } from '../service.ts';

type ServiceName = OperationService['name'];

/** `X-Amz-Target` prefixes. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const TARGETS: ReadonlyMap<string, ServiceName> = new Map([
  ['DynamoDB_20120810', 'dynamodb'],
  ['DynamoDBStreams_20120810', 'dynamodb'],
  ['AWSStepFunctions', 'states'],
  ['AWSEvents', 'events'],
  ['TrentService', 'kms'],
  ['AmazonSQS', 'sqs'],
  ['SageMaker', 'sagemaker'],
  ['Logs_20140328', 'logs'],
  ['GraniteServiceVersion20100801', 'monitoring'],
  // The SDK leaves the package away.
  ['CloudTrail_20131101', 'cloudtrail'],
  ['com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101', 'cloudtrail'],
]);

/** The version that each service speaks, whatever version the request names. */
const CONTENT_TYPE: Readonly<Partial<Record<ServiceName, string>>> = {
  cloudtrail: 'application/x-amz-json-1.1',
  events: 'application/x-amz-json-1.1',
  kms: 'application/x-amz-json-1.1',
  logs: 'application/x-amz-json-1.1',
  sagemaker: 'application/x-amz-json-1.1',
};

const ERROR_NAMESPACE: Readonly<Partial<Record<ServiceName, string>>> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
  sqs: 'com.amazonaws.sqs#',
};

export const jsonContentType = (service: ServiceName): string => CONTENT_TYPE[service] ?? 'application/x-amz-json-1.0';

/** `AWSStepFunctions.StartExecution` → service and operation. */
export function readTarget(target: string): { readonly service: ServiceName; readonly operation: string } {
  const at = target.lastIndexOf('.');
  const service = TARGETS.get(target.slice(0, at));
  if (!service)
    throw new AwsError('UnknownOperationException', `The X-Amz-Target ${target} names no service here.`, 404);
  return { service, operation: target.slice(at + 1) };
}

/** Beyond any operation's input, and far below where a function that calls itself for each level runs out of stack. */
const MOST_LEVELS = 512;

export function readJsonInput(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  if (isDeeperThan(MOST_LEVELS, body)) {
    throw new AwsError('SerializationException', `The request body is nested deeper than ${MOST_LEVELS} levels.`);
  }
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON in UTF-8.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AwsError('SerializationException', 'The request body is not a JSON object.');
  }
  return input as JsonObject;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

function isDeeperThan(most: number, json: Buffer): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > most) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** Timestamps are epoch seconds, blobs base64. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, serialised) {
    // Date has a toJSON of its own, so by now it is text: the holder still has the date.
    const original = this[key];
    if (original instanceof Date) return original.getTime() / 1000;
    if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
    return serialised;
  });
}

export function writeJsonError(service: ServiceName, error: AwsError): string {
  const messageName = error.code === 'TransactionCanceledException' ? 'Message' : 'message';
  return writeJson({
    __type: `${ERROR_NAMESPACE[service] ?? ''}${error.code}`,
    [messageName]: error.message,
    ...error.fields,
  });
}
