import { formatArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { optionalInteger, optionalText, requiredText, takeOnly } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, OperationService } from '../service.ts';
import { type FoundEntry, type Logs, streamOf } from './logs.ts';

const MOST_EVENTS = 10_000;
const MOST_GROUPS = 50;
const TIME = { least: 0, most: Number.MAX_SAFE_INTEGER };

/** Reading CloudWatch Logs. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/ */
export function logsService(ctx: AccountContext, logs: Logs): OperationService {
  const groupArn = (name: string) => formatArn('logs', ctx.region, ctx.accountId, `log-group:${name}`);
  /** The group that a request names, once the caller was found to be allowed to read it. */
  const permittedGroup = (operation: string, input: JsonObject, call: Call, resource = '*'): string => {
    const name = nameOfGroup(input);
    authorize({ call, action: `logs:${operation}`, resourceArn: `${groupArn(name)}:${resource}` });
    if (!logs.hasGroup(name)) {
      throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    return name;
  };
  return {
    name: 'logs',
    operations: {
      DescribeLogGroups(input, call) {
        takeOnly('DescribeLogGroups', input, ['logGroupNamePrefix', 'logGroupNamePattern', 'limit', 'nextToken']);
        authorize({ call, action: 'logs:DescribeLogGroups', resourceArn: `${groupArn('')}*` });
        const prefix = optionalText(input, 'logGroupNamePrefix') ?? '';
        const part = (optionalText(input, 'logGroupNamePattern') ?? '').toLowerCase();
        const limit = optionalInteger(input, 'limit', { least: 1, most: MOST_GROUPS }) ?? MOST_GROUPS;
        const after = input.nextToken === undefined ? '' : readToken(input, 'nextToken', 'g');
        const left = logs
          .groups()
          .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part) && name > after);
        const last = left[limit - 1];
        return {
          logGroups: left.slice(0, limit).map(({ name, retentionDays, createdAtMs, bytes }) => ({
            logGroupName: name,
            arn: `${groupArn(name)}:*`,
            logGroupArn: groupArn(name),
            logGroupClass: 'STANDARD',
            creationTime: createdAtMs,
            metricFilterCount: 0,
            storedBytes: bytes,
            ...(retentionDays === undefined ? {} : { retentionInDays: retentionDays }),
          })),
          ...(left.length > limit && last ? { nextToken: token('g', last.name) } : {}),
        };
      },
      DescribeLogStreams(input, call) {
        takeOnly('DescribeLogStreams', input, [
          ...[
            'logGroupName',
            'logGroupIdentifier',
            'logStreamNamePrefix',
            'orderBy',
            'descending',
            'limit',
            'nextToken',
          ],
        ]);
        const name = permittedGroup('DescribeLogStreams', input, call);
        const prefix = optionalText(input, 'logStreamNamePrefix') ?? '';
        const limit = optionalInteger(input, 'limit', { least: 1, most: MOST_GROUPS }) ?? MOST_GROUPS;
        // Named by their day, so that their names and their last events have one order.
        const streams = logs.streams(name).filter((stream) => stream.name.startsWith(prefix));
        if (input.descending === true) streams.reverse();
        const from = input.nextToken === undefined ? 0 : Number(readToken(input, 'nextToken', 's'));
        return {
          logStreams: streams.slice(from, from + limit).map((stream) => ({
            logStreamName: stream.name,
            arn: `${groupArn(name)}:log-stream:${stream.name}`,
            creationTime: stream.firstMs,
            firstEventTimestamp: stream.firstMs,
            lastEventTimestamp: stream.lastMs,
            lastIngestionTime: stream.lastMs,
            storedBytes: 0,
          })),
          ...(from + limit < streams.length ? { nextToken: token('s', String(from + limit)) } : {}),
        };
      },
      FilterLogEvents(input, call) {
        takeOnly('FilterLogEvents', input, [
          ...['logGroupName', 'logGroupIdentifier', 'logStreamNames', 'logStreamNamePrefix', 'startTime', 'endTime'],
          ...['filterPattern', 'limit', 'nextToken', 'interleaved'],
        ]);
        const group = permittedGroup('FilterLogEvents', input, call);
        const terms = readFilterPattern(input.filterPattern);
        const limit = optionalInteger(input, 'limit', { least: 1, most: MOST_EVENTS }) ?? MOST_EVENTS;
        const found = logs.find(group, {
          fromMs: optionalInteger(input, 'startTime', TIME) ?? 0,
          toMs: optionalInteger(input, 'endTime', TIME) ?? TIME.most,
          after: input.nextToken === undefined ? 0 : Number(readToken(input, 'nextToken', 'f')),
          limit,
        });
        const last = found.at(-1);
        const streams = input.logStreamNames as readonly string[] | undefined;
        const prefix = optionalText(input, 'logStreamNamePrefix') ?? '';
        return {
          events: found
            .filter(({ message }) => terms.every((term) => message.includes(term)))
            .filter(({ atMs }) => streamOf(atMs).startsWith(prefix) && (streams?.includes(streamOf(atMs)) ?? true))
            .map((entry) => ({ logStreamName: streamOf(entry.atMs), eventId: eventId(entry), ...shown(entry) })),
          searchedLogStreams: [],
          ...(found.length === limit && last ? { nextToken: token('f', String(last.sequence)) } : {}),
        };
      },
      GetLogEvents(input, call) {
        takeOnly('GetLogEvents', input, [
          ...['logGroupName', 'logGroupIdentifier', 'logStreamName', 'startTime', 'endTime', 'limit', 'nextToken'],
          'startFromHead',
        ]);
        const stream = requiredText(input, 'logStreamName');
        const group = permittedGroup('GetLogEvents', input, call, `log-stream:${stream}`);
        const day = logs.streams(group).find(({ name }) => name === stream);
        if (!day) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
        const given = optionalText(input, 'nextToken');
        const backward = given === undefined ? input.startFromHead !== true : given.startsWith('b/');
        const at = given === undefined ? (backward ? TIME.most : 0) : sequenceOf(given);
        const found = logs.find(group, {
          fromMs: Math.max(day.fromMs, optionalInteger(input, 'startTime', TIME) ?? 0),
          toMs: Math.min(day.toMs, (optionalInteger(input, 'endTime', TIME) ?? TIME.most) - 1),
          ...(backward ? { before: at } : { after: at }),
          limit: optionalInteger(input, 'limit', { least: 1, most: MOST_EVENTS }) ?? MOST_EVENTS,
        });
        return {
          events: found.map(shown),
          nextForwardToken: `f/${found.at(-1)?.sequence ?? (at === TIME.most ? 0 : at)}`,
          nextBackwardToken: `b/${found[0]?.sequence ?? at}`,
        };
      },
    },
  };
}

/** By its name or its ARN. */
function nameOfGroup(input: JsonObject): string {
  const identifier = optionalText(input, 'logGroupIdentifier');
  if (identifier === undefined) return requiredText(input, 'logGroupName');
  return /^arn:aws:logs:[^:]*:\d*:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;
}

/** Terms that all have to be there, plain or in quotes; the rest of the language is refused. */
function readFilterPattern(pattern: unknown): readonly string[] {
  const text = String(pattern ?? '').trim();
  const terms = text.match(/"[^"]*"|[^\s"]+/g) ?? [];
  if (terms.some((term) => /^[?{[\-%]/.test(term))) throw notImplemented(`The filterPattern ${text}`);
  return terms.map((term) => (term.startsWith('"') ? term.slice(1, -1) : term));
}

const shown = ({ atMs, message }: FoundEntry): JsonObject => ({ timestamp: atMs, message, ingestionTime: atMs });

const eventId = ({ sequence }: FoundEntry): string => String(sequence).padStart(56, '0');

const token = (kind: string, place: string): string => Buffer.from(`${kind}:${place}`).toString('base64url');

function readToken(input: JsonObject, name: string, kind: string): string {
  const text = Buffer.from(requiredText(input, name), 'base64url').toString();
  if (!text.startsWith(`${kind}:`)) throw invalidToken();
  return text.slice(kind.length + 1);
}

function sequenceOf(text: string): number {
  const sequence = Number(/^[fb]\/(\d+)$/.exec(text)?.[1]);
  if (Number.isSafeInteger(sequence)) return sequence;
  throw invalidToken();
}

const invalidToken = (): AwsError => new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
