import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { optionalText, requiredText, shown, structuresOf, takeOnly } from '../operation-input.ts';
import type { JsonObject, OperationService } from '../service.ts';
import type { EventHistory, KeptEvent } from './event-history.ts';

const MOST_RESULTS = 50;

/** The event history of one account. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function createCloudTrail(history: EventHistory): OperationService {
  return {
    name: 'cloudtrail',
    operations: {
      LookupEvents(input, call) {
        takeOnly('LookupEvents', input, ['LookupAttributes', 'StartTime', 'EndTime', 'MaxResults', 'NextToken']);
        authorize({ call, action: 'cloudtrail:LookupEvents', resourceArn: '*' });
        const wanted = readAttributes(input);
        const limit = readMaxResults(input.MaxResults);
        const query = { ...readSpan(input), before: readToken(input) };
        const found: KeptEvent[] = [];
        for (let before = query.before; found.length <= limit; ) {
          const page = history.find({ ...query, before, limit: MOST_RESULTS });
          found.push(...page.filter((event) => wanted.every((attribute) => attribute(event))));
          const last = page.at(-1);
          if (!last || page.length < MOST_RESULTS) break;
          before = last.sequence;
        }
        const events = found.slice(0, limit);
        return {
          Events: events.map(shownEvent),
          ...(found.length > limit ? { NextToken: writeToken(events.at(-1)?.sequence ?? 0) } : {}),
        };
      },
    },
  };
}

interface EventRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly userIdentity: {
    readonly arn?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: { readonly sessionIssuer: { readonly userName: string } };
  };
  readonly resources: readonly { readonly ARN: string }[];
}

const recordOf = ({ text }: KeptEvent): EventRecord => JSON.parse(text) as EventRecord;

/** The session's name, the user's, or the service's. */
const usernameOf = ({ userIdentity: { arn, invokedBy } }: EventRecord): string =>
  arn?.split('/').at(-1) ?? invokedBy ?? '';

function shownEvent(event: KeptEvent): JsonObject {
  const record = recordOf(event);
  return {
    EventId: event.eventId,
    EventName: record.eventName,
    EventTime: new Date(event.atMs),
    EventSource: record.eventSource,
    Username: usernameOf(record),
    Resources: record.resources.map(({ ARN }) => ({ ResourceName: ARN })),
    CloudTrailEvent: event.text,
  };
}

const VALUES: Readonly<Record<string, (record: EventRecord) => readonly string[]>> = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  EventSource: ({ eventSource }) => [eventSource],
  Username: (record) => [usernameOf(record)],
  ResourceName: ({ resources }) => resources.map(({ ARN }) => ARN),
};

/** Of which the records here say nothing. */
const NOT_DONE = ['ResourceType', 'ReadOnly', 'AccessKeyId'];

function readAttributes(input: JsonObject): readonly ((event: KeptEvent) => boolean)[] {
  const attributes = structuresOf(input.LookupAttributes, 'LookupAttributes');
  if (attributes.length > 1) throw invalidAttributes('Only one lookup attribute can be given.');
  return attributes.map((attribute) => {
    const key = [...Object.keys(VALUES), ...NOT_DONE].find((known) => known === attribute.AttributeKey);
    if (key === undefined) throw invalidAttributes(`${shown(attribute.AttributeKey)} is no lookup attribute.`);
    const value = requiredText(attribute, 'AttributeValue');
    const valuesOf = VALUES[key];
    if (!valuesOf) throw notImplemented(`LookupEvents by ${key}`);
    return (event) => valuesOf(recordOf(event)).includes(value);
  });
}

const invalidAttributes = (message: string): AwsError => new AwsError('InvalidLookupAttributesException', message);

function readSpan(input: JsonObject): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = readTime(input.StartTime) ?? 0;
  const toMs = readTime(input.EndTime) ?? Number.MAX_SAFE_INTEGER;
  if (fromMs <= toMs) return { fromMs, toMs };
  throw new AwsError('InvalidTimeRangeException', 'The start time must be before the end time.');
}

/** Epoch seconds on the wire, a date from another service of this process. In milliseconds. */
function readTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = value instanceof Date ? value.getTime() : typeof value === 'number' ? value * 1000 : Number.NaN;
  if (Number.isFinite(ms) && Math.abs(ms) <= Number.MAX_SAFE_INTEGER) return Math.floor(ms);
  throw new AwsError('SerializationException', 'A time is not a number of seconds.');
}

function readMaxResults(value: unknown): number {
  if (value === undefined || value === null) return MOST_RESULTS;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_RESULTS) return value;
  throw new AwsError('InvalidMaxResultsException', `MaxResults must be between 1 and ${MOST_RESULTS}.`);
}

const writeToken = (sequence: number): string => Buffer.from(`before:${sequence}`).toString('base64url');

function readToken(input: JsonObject): number {
  const text = optionalText(input, 'NextToken');
  if (text === undefined) return Number.MAX_SAFE_INTEGER;
  const sequence = /^before:(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString())?.[1];
  if (sequence === undefined) throw new AwsError('InvalidNextTokenException', 'The specified nextToken is invalid.');
  return Number(sequence);
}
