import { parseArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { PolicyDocument } from '../iam/policy.ts';
import { requiredText, shown, structuresOf, textsOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations, Services } from '../service.ts';
import type { Buses } from './buses.ts';
import { buildEvent, busArn, DEFAULT_BUS, type EventText, parseEventText } from './event.ts';
import { parseJsonNode } from './json-node.ts';
import type { Router } from './router.ts';

const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;
const MEMBERS = ['Time', 'Source', 'Resources', 'DetailType', 'Detail', 'EventBusName', 'TraceHeader'];

interface PutEventsDeps {
  readonly ctx: AccountContext;
  readonly services: Services;
  readonly buses: Buses;
  readonly router: Router;
}

type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/** An entry that can be sent, and the bus that it is for. */
interface AcceptedEntry {
  readonly event: EventText;
  readonly busArn: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const putEventsOperation = (deps: PutEventsDeps): Operations => ({
  async PutEvents(input, call) {
    const { ctx, services, buses } = deps;
    if (input.EndpointId !== undefined) throw notImplemented('PutEvents with EndpointId');
    const entries = readEntries(input);
    const read = entries.map((entry) => readEntry(ctx, buses, entry, call));
    for (const entry of read) {
      if ('event' in entry && isOwn(ctx, entry)) authorizePut(call, entry.busArn, entry.event, policyOf(buses, entry));
    }
    // One transaction for all the entries of this account, before anything leaves for another one.
    ctx.store.transaction(() => {
      for (const entry of read) if ('event' in entry && isOwn(ctx, entry)) routeOwn(deps, entry);
    });
    const results: EntryResult[] = [];
    for (const entry of read) {
      if ('ErrorCode' in entry) {
        results.push(entry);
        continue;
      }
      if (!isOwn(ctx, entry)) {
        await services.putEvent(entry.busArn, parseEventText(entry.event.text), call.principal);
      }
      results.push({ EventId: entry.event.id });
    }
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  },
});

/** Throws AccessDeniedException unless the caller may put this event on the bus. */
export function authorizePut(
  call: Call,
  resourceArn: string,
  { source, detailType }: Pick<EventText, 'source' | 'detailType'>,
  resourcePolicy: PolicyDocument | undefined,
): void {
  const context = { 'events:source': source, 'events:detail-type': detailType };
  authorize({ call, action: 'events:PutEvents', resourceArn, resourcePolicy, context });
}

const isOwn = (ctx: AccountContext, entry: AcceptedEntry): boolean =>
  parseArn(entry.busArn)?.accountId === ctx.accountId;

const busNameIn = (arn: string): string => parseArn(arn)?.resource.slice('event-bus/'.length) ?? DEFAULT_BUS;

const policyOf = (buses: Buses, entry: AcceptedEntry): PolicyDocument | undefined =>
  buses.find(busNameIn(entry.busArn))?.policy;

function routeOwn({ ctx, buses, router }: PutEventsDeps, { busArn: arn, event }: AcceptedEntry): void {
  const bus = busNameIn(arn);
  if (buses.find(bus)) {
    router.route(bus, event);
  } else {
    // As on AWS the entry counts as sent; there it is never heard of again.
    ctx.log('warn', 'An event was put on a bus that does not exist', { bus, event: event.id });
  }
}

function readEntries(input: JsonObject): readonly JsonObject[] {
  const entries = input.Entries;
  if (!Array.isArray(entries)) {
    throw invalid(
      "1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member must not be null",
    );
  }
  const limit = entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MOST_ENTRIES}`;
  if (entries.length === 0 || entries.length > MOST_ENTRIES) {
    throw invalid(
      `1 validation error detected: Value '[${entries.length === 0 ? '' : 'PutEventsRequestEntry'}]' at 'entries' failed to satisfy constraint: Member must have length ${limit}`,
    );
  }
  const structures = structuresOf(entries, 'Entries');
  for (const { Resources } of structures) textsOf(Resources, 'Resources');
  if (structures.reduce((bytes, entry) => bytes + sizeOf(entry), 0) > MOST_BYTES) {
    throw invalid('Total size of the entries in the request is over the limit.');
  }
  return structures;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function sizeOf(entry: JsonObject): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...((entry.Resources as unknown[] | undefined) ?? [])];
  const time = entry.Time === undefined ? 0 : 14;
  return texts.reduce<number>((bytes, text) => bytes + (typeof text === 'string' ? Buffer.byteLength(text) : 0), time);
}

function readEntry(
  ctx: AccountContext,
  buses: Buses,
  entry: JsonObject,
  call: Call,
): AcceptedEntry | { ErrorCode: string; ErrorMessage: string } {
  for (const name of Object.keys(entry)) {
    if (!MEMBERS.includes(name)) throw notImplemented(`PutEvents with ${name}`);
  }
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (typeof entry[name] !== 'string' || entry[name] === '') {
      return argument(`Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
  }
  const { Source, DetailType, Detail } = entry as { Source: string; DetailType: string; Detail: string };
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (DetailType.length > 128) {
    return argument('Parameter DetailType is not valid. Reason: DetailType cannot be longer than 128 characters.');
  }
  const detailText = compactObject(Detail);
  if (detailText === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const event = buildEvent({
    id: ctx.ids.uuid(),
    detailType: DetailType,
    source: Source,
    account: call.principal.accountId,
    timeMs: entry.Time === undefined ? ctx.clock.now() : readTime(entry.Time),
    region: ctx.region,
    resources: (entry.Resources as string[] | undefined) ?? [],
    detailText,
  });
  const named = entry.EventBusName === undefined ? undefined : requiredText(entry, 'EventBusName');
  const isArn = named !== undefined && parseArn(named)?.resource.startsWith('event-bus/');
  return { event, busArn: isArn ? named : busArn(ctx.region, ctx.accountId, buses.nameOf(named)) };
}

/** Compact text, numbers as written; undefined unless it is a JSON object. */
function compactObject(text: string): string | undefined {
  try {
    const node = parseJsonNode(text);
    return node.kind === 'object' ? node.raw : undefined;
  } catch {
    return undefined;
  }
}

/** The end of the year 9999: what is later has no ISO 8601 time of four digits. */
const LAST_MS = 253_402_300_799_999;

/** Epoch seconds on the wire; a Date when another service of this process asks. */
function readTime(time: unknown): number {
  const ms = time instanceof Date ? time.getTime() : typeof time === 'number' ? time * 1000 : Number.NaN;
  if (!(Math.abs(ms) <= LAST_MS)) throw new AwsError('SerializationException', `Time is no timestamp: ${shown(time)}`);
  return ms;
}

const argument = (message: string) => ({ ErrorCode: 'InvalidArgument', ErrorMessage: message });
const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
