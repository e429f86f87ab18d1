import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Connection } from '../target/connection.ts';

/** One line of a function's log. */
export interface LogLine {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** Without the environment: `train-model`. */
  readonly function: string;
  readonly message: string;
}

export interface LogQuery {
  readonly fromMs: number;
  /** Only lines that have this text. */
  readonly grep?: string | undefined;
}

/** The lines of some functions of one environment. */
export type ReadLines = (query: LogQuery) => Promise<LogLine[]>;

const GROUP = '/aws/lambda/';

/**
 * A reader of one function's log, or of all functions' of the environment, oldest line first. Rejects with Failure when the function
 * has no log.
 */
export function logReader({ logs, names, environment }: Connection, only: string | undefined): ReadLines {
  const prefix = `${GROUP}${names.functionName('')}`;
  return async (query) => {
    const groups = only === undefined ? await groupsWith(logs, prefix) : [`${prefix}${only}`];
    const read = await Promise.all(
      groups.map(async (group) => {
        try {
          return await linesOf(logs, group, group.slice(prefix.length), query);
        } catch (error) {
          if (!(error instanceof ResourceNotFoundException)) throw error;
          // One that was deleted since it was listed has nothing to tell.
          if (only === undefined) return [];
          throw new Failure(exitCodes.notFound, `No function ${only} in ${environment} has a log`, {
            hint: 'sluice logs, without a name, shows those of all functions',
            cause: error,
          });
        }
      }),
    );
    return read.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  };
}

async function groupsWith(logs: CloudWatchLogsClient, logGroupNamePrefix: string): Promise<string[]> {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
    for (const { logGroupName } of page.logGroups ?? []) if (logGroupName) found.push(logGroupName);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

async function linesOf(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  functionName: string,
  { fromMs, grep }: LogQuery,
): Promise<LogLine[]> {
  // A term in quotes cannot have one in it: then everything is read, and chosen from here.
  const filterPattern = grep === undefined || grep.includes('"') ? undefined : `"${grep}"`;
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  do {
    const input = { logGroupName, startTime: fromMs, filterPattern, nextToken };
    const page = await logs.send(new FilterLogEventsCommand(input));
    lines.push(...(page.events ?? []).map((event) => lineOf(event, functionName)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return grep === undefined ? lines : lines.filter(({ message }) => message.includes(grep));
}

const lineOf = ({ eventId, timestamp, message }: FilteredLogEvent, functionName: string): LogLine => ({
  id: `${functionName}/${eventId ?? ''}`,
  at: new Date(timestamp ?? 0).toISOString(),
  function: functionName,
  message: (message ?? '').trimEnd(),
});
