import type { JsonObject } from '../service.ts';
import type { QueryForm } from './query-protocol.ts';
import { element } from './xml.ts';

/** `AttributeName.1=…&AttributeName.2=…` is the list `AttributeNames`. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ['AttributeName', 'AttributeNames'],
  ['MessageAttributeName', 'MessageAttributeNames'],
  ['MessageSystemAttributeName', 'MessageSystemAttributeNames'],
  ['TagKey', 'TagKeys'],
]);

/** `Attribute.1.Name=…&Attribute.1.Value=…` is the map `Attributes`. */
const MAPS: ReadonlyMap<string, readonly [member: string, key: string]> = new Map([
  ['Attribute', ['Attributes', 'Name']],
  ['MessageAttribute', ['MessageAttributes', 'Name']],
  ['MessageSystemAttribute', ['MessageSystemAttributes', 'Name']],
  ['Tag', ['Tags', 'Key']],
]);

const NUMBERS = new Set(['DelaySeconds', 'MaxNumberOfMessages', 'MaxResults', 'VisibilityTimeout', 'WaitTimeSeconds']);

const WITHOUT_RESULT = new Set([
  'ChangeMessageVisibility',
  'DeleteMessage',
  'DeleteQueue',
  'PurgeQueue',
  'SetQueueAttributes',
  'TagQueue',
  'UntagQueue',
]);

/**
 * SQS as clients before 2023 speak it (Debian 12's AWS CLI among them): lists and maps are flattened, each under the name of one entry.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
 */
export const sqsQueryForm: QueryForm = {
  read(action, input, rawPath) {
    const read = readMembers(input, action);
    // The queue may be said by the URL that is asked alone.
    return read.QueueUrl === undefined && /^\/\d{12}\/[^/]+$/.test(rawPath)
      ? { ...read, QueueUrl: `http://127.0.0.1${rawPath}` }
      : read;
  },
  write: (action, output) => (WITHOUT_RESULT.has(action) ? undefined : writeMembers(output, action)),
};

function readMembers(members: JsonObject, action: string): JsonObject {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      const list = LISTS.get(name);
      if (list !== undefined) return [list, entriesOf(value)];
      const map = MAPS.get(name);
      if (map !== undefined)
        return [action === 'CreateQueue' && name === 'Tag' ? 'tags' : map[0], mapOf(value, map[1])];
      if (name === `${action}RequestEntry`) {
        return ['Entries', entriesOf(value).map((entry) => (isStructure(entry) ? readMembers(entry, action) : entry))];
      }
      return [name, NUMBERS.has(name) && /^-?\d{1,15}$/.test(String(value)) ? Number(value) : value];
    }),
  );
}

/** What stands under `1`, `2` … in their order. */
const entriesOf = (value: unknown): unknown[] =>
  isStructure(value)
    ? Object.entries(value)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, entry]) => entry)
    : [value];

const mapOf = (value: unknown, key: string): JsonObject =>
  Object.fromEntries(entriesOf(value).map((entry) => (isStructure(entry) ? [entry[key], entry.Value] : [entry, ''])));

const isStructure = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

const REPEATED: ReadonlyMap<string, string> = new Map([
  ['Failed', 'BatchResultErrorEntry'],
  ['Messages', 'Message'],
  ['QueueUrls', 'QueueUrl'],
]);

function writeMembers(members: JsonObject, action: string): string {
  return Object.entries(members)
    .map(([name, value]) => {
      const entryName = name === 'Successful' ? `${action}ResultEntry` : REPEATED.get(name);
      if (entryName !== undefined && Array.isArray(value)) {
        return value.map((entry) => writeEntry(entryName, entry, action)).join('');
      }
      const map = [...MAPS].find(([, [member]]) => member === name);
      if (map === undefined || !isStructure(value)) return element(name, value);
      const [entry, [, key]] = map;
      return Object.entries(value)
        .map(([itsName, itsValue]) => element(entry, { [key]: itsName, Value: itsValue }))
        .join('');
    })
    .join('');
}

const writeEntry = (name: string, entry: unknown, action: string): string =>
  isStructure(entry) ? `<${name}>${writeMembers(entry, action)}</${name}>` : element(name, entry);
