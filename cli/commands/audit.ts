import { Command, Option } from 'commander';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { AuditQuery } from '../../domain/ports/registry.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { wholeNumber, withAnyEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatDuration } from '../output/durations.ts';
import { type Cell, formatTable } from '../output/table.ts';

interface AuditOptions extends AnyEnvironmentOptions {
  readonly run?: string;
  readonly model?: string;
  readonly lost?: boolean;
  readonly limit?: number;
}

export const auditCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('audit'))
    .description('list audit events of a run, a model or an environment, oldest first')
    .addOption(new Option('--run <id>', 'of one run').conflicts('model'))
    .option('--model <name>', 'of one model')
    .option('--lost', 'only attempts that left no audit event; the exit status is 1 when there is one')
    .option('--limit <n>', 'only the newest so many', wholeNumber)
    .addHelpText(
      'after',
      `
Every Lambda leaves one audit event an attempt. At the end of each run the attempts in its history are compared with them,
and one that left none is recorded as lost.

Examples:
  sluice audit --model credit-risk
  sluice audit --run train-4xq… --env dev
  sluice audit --lost

JSON: { events: [{ key, environment, function, runId, machine, state, attempt, redrive, outcome, verdict, error, model,
subjects, actor, at, durationMs }], lost }`,
    )
    .action(async (options: AuditOptions) => {
      const query: AuditQuery =
        options.run !== undefined
          ? { runId: options.run }
          : options.model !== undefined
            ? { model: options.model }
            : { environment: true };
      const found = await inEnvironments(cli, options, (connection) => connection.registry.auditEvents(query));
      const all = found.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      const subject = options.run ?? options.model;
      if (all.length === 0 && subject !== undefined) {
        throw new Failure(
          exitCodes.notFound,
          `There is no audit event of ${subject} in ${options.env ?? 'any environment'}`,
          {
            hint:
              options.run !== undefined
                ? 'list runs with `sluice runs --all`'
                : 'sluice status tells which models there are',
          },
        );
      }
      const lost = all.filter((event) => event.outcome === 'lost').length;
      const wanted = options.lost ? all.filter((event) => event.outcome === 'lost') : all;
      const events = options.limit === undefined ? wanted : wanted.slice(-options.limit);
      if (options.json) printJson(cli, { events, lost });
      else print(cli, events, all.length, lost);
      if (options.lost && lost > 0) cli.setExitCode(exitCodes.failed);
    });

function print(cli: Cli, events: readonly AuditEvent[], total: number, lost: number): void {
  const { terminal } = cli;
  const { paint } = terminal;
  const outcome = (event: AuditEvent): Cell => ({
    text: event.outcome === 'succeeded' ? (event.verdict ?? 'succeeded') : event.outcome,
    paint: event.outcome === 'succeeded' ? (text) => text : paint.bad,
  });
  const lines = formatTable(
    [
      { title: 'AT', keep: true },
      { title: 'ENV' },
      { title: 'FUNCTION', keep: true },
      { title: 'TRY', align: 'right', leaves: 3 },
      { title: 'FOUND' },
      { title: 'TIME', align: 'right', leaves: 2 },
      { title: 'MODEL', leaves: 1 },
      { title: 'RUN', leaves: 4 },
      { title: 'BY' },
      { title: 'ERROR' },
    ],
    events.map((event) => [
      event.at,
      event.environment,
      event.function.replace(`sluice-${event.environment}-`, ''),
      String(event.attempt + 1),
      outcome(event),
      formatDuration(event.durationMs),
      event.model ?? '',
      event.runId ?? '',
      event.actor.endsWith(`/${event.function}`) ? 'itself' : shortActor(event.actor),
      event.error ? `${event.error.name}: ${event.error.message}` : '',
    ]),
    { width: terminal.columns, heading: paint.dim },
  );
  if (events.length > 0) for (const line of lines) terminal.out(line);
  terminal.out(
    `${events.length} of ${total} audit events; ${lost === 0 ? paint.good('none is lost') : paint.bad(`${lost} lost`)}`,
  );
}

/** The last part of an ARN, which tells roles and persons apart; the whole is in `--json`. */
const shortActor = (arn: string): string => arn.split(':').at(-1) ?? arn;
