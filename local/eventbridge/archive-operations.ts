import { formatArn, parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import {
  optionalInteger,
  optionalText,
  requiredText,
  shown,
  structureOf,
  takeOnly,
  textsOf,
} from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import type { Archive, Archives } from './archives.ts';
import type { Buses } from './buses.ts';
import { busArn, ruleArn } from './event.ts';
import { page } from './page.ts';
import type { Replay, Replays } from './replays.ts';
import { optional } from './rule-operations.ts';

interface ArchiveDeps {
  readonly ctx: AccountContext;
  readonly buses: Buses;
  readonly archives: Archives;
  readonly replays: Replays;
}

const seconds = (ms: number): number => ms / 1000;
const RETENTION_DAYS = { least: 0, most: 2_147_483_647 };

/** The operations on archives and replays. */
export function archiveOperations({ ctx, buses, archives, replays }: ArchiveDeps): Operations {
  const permittedArchive = (operation: string, input: JsonObject, call: Call): string => {
    const name = requiredText(input, 'ArchiveName');
    const resourceArn = formatArn('events', ctx.region, ctx.accountId, `archive/${name}`);
    authorize({ call, action: `events:${operation}`, resourceArn });
    return name;
  };
  const permittedReplay = (operation: string, input: JsonObject, call: Call): Replay => {
    const name = requiredText(input, 'ReplayName');
    const resourceArn = formatArn('events', ctx.region, ctx.accountId, `replay/${name}`);
    authorize({ call, action: `events:${operation}`, resourceArn });
    const replay = replays.find(name);
    if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
    return replay;
  };
  const acknowledge = ({ arn, createdAtMs }: Archive): JsonObject => ({
    ArchiveArn: arn,
    State: 'ENABLED',
    CreationTime: seconds(createdAtMs),
  });
  return {
    CreateArchive(input, call) {
      takeOnly('CreateArchive', input, [
        'ArchiveName',
        'EventSourceArn',
        'Description',
        'EventPattern',
        'RetentionDays',
      ]);
      const name = permittedArchive('CreateArchive', input, call);
      const { name: bus } = buses.require(buses.nameOf(requiredText(input, 'EventSourceArn')));
      if (archives.find(name)) {
        throw new AwsError('ResourceAlreadyExistsException', `Archive ${name} already exists.`);
      }
      return acknowledge(
        archives.put({
          name,
          bus,
          retentionDays: optionalInteger(input, 'RetentionDays', RETENTION_DAYS) ?? 0,
          ...optional('pattern', optionalText(input, 'EventPattern')),
          ...optional('description', optionalText(input, 'Description')),
        }),
      );
    },
    UpdateArchive(input, call) {
      takeOnly('UpdateArchive', input, ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays']);
      const archive = archives.require(permittedArchive('UpdateArchive', input, call));
      return acknowledge(
        archives.put({
          ...archive,
          retentionDays: optionalInteger(input, 'RetentionDays', RETENTION_DAYS) ?? archive.retentionDays,
          ...optional('pattern', optionalText(input, 'EventPattern') ?? archive.pattern),
          ...optional('description', optionalText(input, 'Description') ?? archive.description),
        }),
      );
    },
    DeleteArchive(input, call) {
      takeOnly('DeleteArchive', input, ['ArchiveName']);
      const name = permittedArchive('DeleteArchive', input, call);
      archives.require(name);
      archives.delete(name);
      return {};
    },
    CancelReplay(input, call) {
      takeOnly('CancelReplay', input, ['ReplayName']);
      const { name, arn } = permittedReplay('CancelReplay', input, call);
      replays.cancel(name);
      return { ReplayArn: arn, State: 'CANCELLING' };
    },
    DescribeArchive(input, call) {
      takeOnly('DescribeArchive', input, ['ArchiveName']);
      const name = requiredText(input, 'ArchiveName');
      const resourceArn = formatArn('events', ctx.region, ctx.accountId, `archive/${name}`);
      authorize({ call, action: 'events:DescribeArchive', resourceArn });
      const archive = archives.require(name);
      const { pattern, description } = archive;
      return {
        ...summarise(ctx, archive, archives),
        ArchiveArn: archive.arn,
        ...(pattern === undefined ? {} : { EventPattern: pattern }),
        ...(description === undefined ? {} : { Description: description }),
      };
    },
    ListArchives(input, call) {
      takeOnly('ListArchives', input, ['NamePrefix', 'EventSourceArn', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListArchives', resourceArn: '*' });
      const { NamePrefix = '', EventSourceArn } = input;
      const { items, next } = page(
        archives
          .list()
          .filter(({ name }) => name.startsWith(String(NamePrefix)))
          .map((archive) => summarise(ctx, archive, archives))
          .filter((archive) => EventSourceArn === undefined || archive.EventSourceArn === EventSourceArn),
        input,
      );
      return { Archives: items, ...next };
    },
    StartReplay(input, call) {
      takeOnly('StartReplay', input, [
        'ReplayName',
        'Description',
        'EventSourceArn',
        'EventStartTime',
        'EventEndTime',
        'Destination',
      ]);
      const archiveArn = requiredText(input, 'EventSourceArn');
      authorize({ call, action: 'events:StartReplay', resourceArn: archiveArn });
      const archive = archives.require(parseArn(archiveArn)?.resource.replace('archive/', '') ?? archiveArn);
      const destination = structureOf(input.Destination ?? {}, 'Destination');
      if (destination.Arn !== busArn(ctx.region, ctx.accountId, archive.bus)) {
        throw new AwsError(
          'ValidationException',
          'Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN that is the source of the archive.',
        );
      }
      const filterArns = textsOf(destination.FilterArns, 'FilterArns');
      const foreign = filterArns.find((arn) => !arn.startsWith(ruleArn(ctx.region, ctx.accountId, archive.bus, '')));
      if (foreign !== undefined) {
        throw new AwsError(
          'ValidationException',
          `Parameter Destination.FilterArns is not valid. Reason: ${foreign} is no rule of the event bus ${archive.bus}.`,
        );
      }
      const fromMs = readTime(input, 'EventStartTime');
      const toMs = readTime(input, 'EventEndTime');
      if (toMs <= fromMs) {
        throw new AwsError(
          'ValidationException',
          'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
        );
      }
      const replay = replays.create({
        name: requiredText(input, 'ReplayName'),
        archive: archive.name,
        bus: archive.bus,
        filterArns,
        fromMs,
        toMs,
      });
      return { ReplayArn: replay.arn, State: replay.state, ReplayStartTime: seconds(replay.startedAtMs) };
    },
    DescribeReplay(input, call) {
      takeOnly('DescribeReplay', input, ['ReplayName']);
      const name = requiredText(input, 'ReplayName');
      const resourceArn = formatArn('events', ctx.region, ctx.accountId, `replay/${name}`);
      authorize({ call, action: 'events:DescribeReplay', resourceArn });
      const replay = replays.find(name);
      if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
      return {
        ...summariseReplay(replay, archives),
        ReplayArn: replay.arn,
        Destination: { Arn: busArn(ctx.region, ctx.accountId, replay.bus), FilterArns: replay.filterArns },
      };
    },
    ListReplays(input, call) {
      takeOnly('ListReplays', input, ['NamePrefix', 'State', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListReplays', resourceArn: '*' });
      const { NamePrefix = '', State } = input;
      const { items, next } = page(
        replays
          .list()
          .filter(({ name, state }) => name.startsWith(String(NamePrefix)) && (State ?? state) === state)
          .map((replay) => summariseReplay(replay, archives)),
        input,
      );
      return { Replays: items, ...next };
    },
  };
}

function summarise(ctx: AccountContext, archive: Archive, archives: Archives): JsonObject {
  const { count, bytes } = archives.sizeOf(archive.name);
  return {
    ArchiveName: archive.name,
    EventSourceArn: busArn(ctx.region, ctx.accountId, archive.bus),
    State: 'ENABLED',
    RetentionDays: archive.retentionDays,
    SizeBytes: bytes,
    EventCount: count,
    CreationTime: seconds(archive.createdAtMs),
  };
}

const summariseReplay = (replay: Replay, archives: Archives): JsonObject => ({
  ReplayName: replay.name,
  EventSourceArn: archives.find(replay.archive)?.arn ?? replay.archive,
  State: replay.state,
  EventStartTime: seconds(replay.fromMs),
  EventEndTime: seconds(replay.toMs),
  ReplayStartTime: seconds(replay.startedAtMs),
  ...(replay.lastEventMs === undefined ? {} : { EventLastReplayedTime: seconds(replay.lastEventMs) }),
  ...(replay.endedAtMs === undefined ? {} : { ReplayEndTime: seconds(replay.endedAtMs) }),
});

/** The end of the year 9999. */
const LAST_SECONDS = 253_402_300_799;

/** Epoch seconds, in milliseconds. */
function readTime(input: JsonObject, name: string): number {
  const value = input[name];
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' && value >= 0 && value <= LAST_SECONDS) return value * 1000;
  throw new AwsError('ValidationException', `Parameter ${name} is not valid: ${shown(value)}`);
}
