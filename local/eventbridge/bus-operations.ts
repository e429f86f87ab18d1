import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { optionalText, requiredText, takeOnly } from '../operation-input.ts';
import type { AccountContext, JsonObject, Operations } from '../service.ts';
import type { Archive, Archives } from './archives.ts';
import type { Buses, EventBus } from './buses.ts';
import { busArn } from './event.ts';
import { page } from './page.ts';
import type { Replay, Replays } from './replays.ts';

interface BusDeps {
  readonly ctx: AccountContext;
  readonly buses: Buses;
  readonly archives: Archives;
  readonly replays: Replays;
}

const seconds = (ms: number): number => ms / 1000;

/** The operations on buses, archives and replays. */
export function busOperations({ ctx, buses, archives, replays }: BusDeps): Operations {
  return {
    DescribeEventBus(input, call) {
      takeOnly('DescribeEventBus', input, ['Name']);
      const name = buses.nameOf(optionalText(input, 'Name'));
      const resourceArn = busArn(ctx.region, ctx.accountId, name);
      authorize({ call, action: 'events:DescribeEventBus', resourceArn });
      return describeBus(buses.require(name));
    },
    ListEventBuses(input, call) {
      takeOnly('ListEventBuses', input, ['NamePrefix', 'Limit', 'NextToken']);
      authorize({ call, action: 'events:ListEventBuses', resourceArn: busArn(ctx.region, ctx.accountId, '*') });
      const { items, next } = page(buses.list(optionalText(input, 'NamePrefix')), input);
      return { EventBuses: items.map(describeBus), ...next };
    },
    DescribeArchive(input, call) {
      takeOnly('DescribeArchive', input, ['ArchiveName']);
      const archive = archives.require(requiredText(input, 'ArchiveName'));
      authorize({ call, action: 'events:DescribeArchive', resourceArn: archive.arn });
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
      const destination = (input.Destination ?? {}) as { Arn?: string; FilterArns?: string[] };
      if (destination.Arn !== busArn(ctx.region, ctx.accountId, archive.bus)) {
        throw new AwsError(
          'ValidationException',
          'Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN that is the source of the archive.',
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
        filterArns: destination.FilterArns ?? [],
        fromMs,
        toMs,
      });
      return { ReplayArn: replay.arn, State: replay.state, ReplayStartTime: seconds(replay.startedAtMs) };
    },
    DescribeReplay(input, call) {
      takeOnly('DescribeReplay', input, ['ReplayName']);
      const name = requiredText(input, 'ReplayName');
      const replay = replays.find(name);
      if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
      authorize({ call, action: 'events:DescribeReplay', resourceArn: replay.arn });
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

const describeBus = ({ name, arn, description, createdAtMs, policy }: EventBus): JsonObject => ({
  Name: name,
  Arn: arn,
  CreationTime: seconds(createdAtMs),
  LastModifiedTime: seconds(createdAtMs),
  ...(description === undefined ? {} : { Description: description }),
  ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
});

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

/** Epoch seconds, in milliseconds. */
function readTime(input: JsonObject, name: string): number {
  const value = input[name];
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value * 1000;
  throw new AwsError('ValidationException', `Parameter ${name} is not valid: ${String(value)}`);
}
