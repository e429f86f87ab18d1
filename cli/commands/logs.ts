import { Command } from 'commander';
import { type Cli, type EnvironmentOptions, printJson, withConnection } from '../cli.ts';
import { wholeNumber, withEnvironment } from '../command-options.ts';
import { LogFollower } from '../logs/log-follower.ts';
import { type LogLine, logReader } from '../logs/read-logs.ts';
import { readSince, type Since } from '../logs/since.ts';
import { formatTimeOfDay } from '../output/durations.ts';
import { type Paint, printable } from '../output/paint.ts';

interface LogsOptions extends EnvironmentOptions {
  readonly follow?: boolean;
  readonly since?: Since;
  readonly grep?: string;
  readonly limit: number;
}

const POLL_MS = 1000;
const DEFAULT_SINCE = '1h';

export const logsCommand = (cli: Cli): Command =>
  withEnvironment(new Command('logs'))
    .description('what the functions wrote, or each line as it is written')
    .argument('[function]', 'train-model, for one; all functions where it is not given')
    .option('--since <time>', `30s, 10m, 2h, 1d, or a time (default: ${DEFAULT_SINCE}; with --follow: now)`, readSince)
    .option('--grep <text>', 'only lines that have this text')
    .option('--limit <n>', 'without --follow: at most so many, the newest', wholeNumber, 200)
    .option('--follow', 'tell each line as it is written, until Ctrl-C')
    .addHelpText(
      'after',
      `
Examples:
  sluice logs
  sluice logs train-model --since 10m --grep ERROR
  sluice logs --env prd --follow

JSON: { lines: [{ id, at, function, message }], left }; left is how many older lines --limit left out; with --follow one line an object, without indent.`,
    )
    .action((only: string | undefined, options: LogsOptions) =>
      withConnection(cli, options, async (connection) => {
        const name = only?.replace(connection.names.functionName(''), '');
        const read = logReader(connection, name);
        const nowMs = cli.clock.now();
        const { since, grep, limit, json } = options;
        if (options.follow) {
          const follower = new LogFollower(read, { fromMs: since?.(nowMs) ?? nowMs, grep });
          cli.terminal.err(cli.terminal.paint.dim(`Listening to ${name ?? 'all functions'}; Ctrl-C ends it`));
          while (!cli.interrupted.aborted) {
            for (const line of await follower.next()) {
              cli.terminal.out(json ? JSON.stringify(line) : shown(line, cli.terminal.paint));
            }
            await cli.pause(POLL_MS);
          }
          return;
        }
        const all = await read({ fromMs: (since ?? readSince(DEFAULT_SINCE))(nowMs), grep });
        const lines = all.slice(-limit);
        const left = all.length - lines.length;
        if (json) return printJson(cli, { lines, left });
        if (left > 0) cli.terminal.err(cli.terminal.paint.dim(`${left} older lines are left out; --limit shows more`));
        if (lines.length === 0) {
          cli.terminal.out(
            `Nothing was written${grep === undefined ? '' : ` with "${printable(grep)}"`}${since ? ' since then' : ' in the last hour; --since looks further back'}`,
          );
        }
        for (const line of lines) cli.terminal.out(shown(line, cli.terminal.paint));
      }),
    );

/** Lambda begins a line with its time and the request, which stand in columns of their own or nobody looks for. */
const LAMBDA_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[\w-]+\t(\w+)\t/;

function shown({ at, function: name, message }: LogLine, paint: Paint): string {
  const level = LAMBDA_PREFIX.exec(message)?.[1];
  const text = printable(message.replace(LAMBDA_PREFIX, '').replaceAll('\t', '  '));
  const coloured = level === 'ERROR' ? paint.bad(text) : level === 'WARN' ? paint.warn(text) : text;
  return `${paint.dim(formatTimeOfDay(at))}  ${paint.accent(name)}  ${coloured}`;
}
