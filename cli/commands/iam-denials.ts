import { Command } from 'commander';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { wholeNumber, withAnyEnvironment } from '../command-options.ts';
import { type Denial, denialsOf } from '../iam/denials.ts';
import { readSince, type Since } from '../logs/since.ts';
import { formatAge } from '../output/durations.ts';
import { formatTable } from '../output/table.ts';

interface DenialsOptions extends AnyEnvironmentOptions {
  readonly since?: Since;
  readonly limit: number;
}

const DEFAULT_SINCE = '7d';

export const denialsCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('denials'))
    .description('the calls that were denied, newest first, with the statement that denied or is missing')
    .option('--since <time>', `30s, 10m, 2h, 1d, or a time (default: ${DEFAULT_SINCE})`, readSince)
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .addHelpText(
      'after',
      `
A denied call is told in the environment of the resource that was asked for. Read from the event history of CloudTrail; on AWS that has
no calls to objects of S3 and items of DynamoDB, and an event is there after some minutes.

Examples:
  sluice iam denials
  sluice iam denials --env prd --since 1h --json

JSON: { denials: [{ environment, id, at, caller, action, resource, errorCode, message, requestId, deniedBy: { policy, statement } | null,
missing: { in, statement } | null }] }`,
    )
    .action(async (options: DenialsOptions) => {
      const nowMs = cli.clock.now();
      const fromMs = (options.since ?? readSince(DEFAULT_SINCE))(nowMs);
      const found = await inEnvironments(cli, options, (one) => denialsOf(one, { fromMs, limit: options.limit }));
      const denials = found
        .flat()
        .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
        .slice(0, options.limit);
      if (options.json) return printJson(cli, { denials });
      if (denials.length === 0) {
        cli.terminal.out(
          `Nobody was denied anything${options.since ? ' since then' : ` in ${DEFAULT_SINCE.replace('d', ' days')}`}`,
        );
        return;
      }
      print(cli, denials, nowMs);
    });

function print({ terminal }: Cli, denials: readonly Denial[], nowMs: number): void {
  const lines = formatTable(
    [
      { title: 'ENV' },
      { title: 'WHO' },
      { title: 'ACTION', keep: true },
      { title: 'RESOURCE' },
      { title: 'WHY', leaves: 1 },
      { title: 'WHEN', keep: true },
    ],
    denials.map((denial) => [
      denial.environment,
      shortCaller(denial.caller),
      denial.action,
      shortResource(denial.resource),
      whyOf(denial),
      formatAge(denial.at, nowMs),
    ]),
    { width: terminal.columns, heading: terminal.paint.dim },
  );
  for (const line of lines) terminal.out(line);
  terminal.out(
    terminal.paint.dim('--json has the whole statements; `sluice iam can` tries a change of the policies out'),
  );
}

/** `assumed-role/sluice-dev-train-model/…` is the role; the session's name says nothing more. */
const shortCaller = (caller: string): string =>
  /assumed-role\/([^/]+)/.exec(caller)?.[1] ?? caller.replace(/^arn:aws:iam::(\d+):/, '$1 ');

const shortResource = (arn: string | null): string => arn?.replace(/^arn:aws:/, '') ?? '';

const whyOf = ({ deniedBy, missing }: Denial): string =>
  deniedBy ? `denied by ${deniedBy.policy}` : missing ? `nothing allows it in the ${missing.in}` : '';
