import { AwsError } from '../aws-error.ts';
import { shown, structureOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import type { MessageAttribute, MessageAttributes, NewMessage, Queue } from './queue.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export function readMessage(input: JsonObject, queue: Queue, senderId: string): NewMessage {
  const body = input.MessageBody;
  if (typeof body !== 'string' || body === '') {
    throw new AwsError('MissingRequiredParameterException', 'The request must contain the parameter MessageBody.');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SQS refuses
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(body) || !body.isWellFormed()) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  const attributes = readAttributes(input.MessageAttributes);
  const message = { body, attributes, senderId, delaySeconds: readDelay(input.DelaySeconds) };
  if (messageBytes(message) > queue.settings.maximumMessageSizeBytes) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.maximumMessageSizeBytes} bytes.`,
    );
  }
  return message;
}

export function messageBytes({ body, attributes }: Pick<NewMessage, 'body' | 'attributes'>): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? '');
    bytes += Buffer.byteLength(BinaryValue ?? '', 'base64');
  }
  return bytes;
}

function readDelay(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 900) return value;
  throw invalid(
    `Value ${shown(value)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
  );
}

function readAttributes(value: unknown): MessageAttributes {
  if (value === undefined) return {};
  const entries = Object.entries(structureOf(value, 'MessageAttributes')).map(
    ([name, attribute]) =>
      [name, structureOf(attribute, 'MessageAttributes') as Partial<MessageAttribute> & JsonObject] as const,
  );
  if (entries.length > 10)
    throw invalid(`Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`);
  for (const [name, attribute] of entries) {
    if (!/^[\w.-]{1,256}$/.test(name)) throw invalid(`The message attribute name '${name}' is invalid.`);
    const kind = /^(String|Number|Binary)(\..+)?$/.exec(shown(attribute.DataType ?? ''))?.[1];
    if (!kind)
      throw invalid(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    const content = kind === 'Binary' ? attribute.BinaryValue : attribute.StringValue;
    if (typeof content !== 'string' || content === '') {
      throw invalid(`The message attribute '${name}' must contain a non-empty message attribute value.`);
    }
    if (kind === 'Number' && !Number.isFinite(Number(content))) {
      throw invalid(`Could not cast message attribute '${name}' value to number.`);
    }
  }
  return Object.fromEntries(
    entries.map(([name, { DataType = '', StringValue, BinaryValue }]) => [
      name,
      DataType.startsWith('Binary')
        ? { DataType, BinaryValue: BinaryValue as string }
        : { DataType, StringValue: StringValue as string },
    ]),
  );
}

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);
