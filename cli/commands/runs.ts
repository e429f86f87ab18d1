import { Command, Option } from 'commander';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { wholeNumber, withEnvironment } from '../command-options.ts';
import { formatAge, formatDuration } from '../output/durations.ts';
import type { Paint } from '../output/paint.ts';
import { formatTable } from '../output/table.ts';
import { listRuns, newestFirst } from '../runs/list-runs.ts';
import { type RunStatus, runStatuses } from '../runs/run.ts';

interface RunsOptions extends AnyEnvironmentOptions {
  readonly all?: boolean;
  readonly model?: string;
  readonly status?: RunStatus;
  readonly limit: number;
}

export const runsCommand = (cli: Cli): Command =>
  withEnvironment(new Command('runs'))
    .description('list runs of both state machines, newest first')
    .option('--all', 'of all three environments')
    .option('--model <name>', 'only of this model')
    .addOption(new Option('--status <status>', 'only with this status').choices([...runStatuses]))
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .addHelpText(
      'after',
      `
Examples:
  sluice runs --all
  sluice runs --env prd --status failed

JSON: { runs: [{ environment, runId, machine, status, model, trigger, replayOf, startedAt, endedAt, durationMs, error, cause, redrives }] }`,
    )
    .action(async (options: RunsOptions) => {
      const { model, status, limit } = options;
      const where = options.all ? { json: options.json ?? false } : options;
      const found = await inEnvironments(cli, where, (connection) =>
        listRuns(connection, { model, status, limit }, cli.clock.now()),
      );
      const runs = newestFirst(found.flat()).slice(0, limit);
      if (options.json) return printJson(cli, { runs });
      const { terminal } = cli;
      if (runs.length === 0) {
        terminal.out(
          `No runs${status ? ` that are ${status}` : ''}${model ? ` of ${model}` : ''}. Data that arrives starts one: sluice upload FILE --model NAME`,
        );
        return;
      }
      const lines = formatTable(
        [
          { title: 'ENV' },
          { title: 'RUN', keep: true },
          { title: 'MACHINE', leaves: 1 },
          { title: 'MODEL' },
          { title: 'STATUS', keep: true },
          { title: 'TIME', align: 'right', leaves: 3 },
          { title: 'STARTED', keep: true },
          { title: 'WHY', leaves: 2 },
        ],
        runs.map((run) => [
          run.environment,
          run.runId,
          run.machine,
          run.model ?? '',
          { text: run.status, paint: paintOfStatus(terminal.paint, run.status) },
          formatDuration(run.durationMs),
          formatAge(run.startedAt, cli.clock.now()),
          whyOf(run.error, run.replayOf, run.trigger),
        ]),
        { width: terminal.columns, heading: terminal.paint.dim },
      );
      for (const line of lines) terminal.out(line);
    });

const whyOf = (error: string | null, replayOf: string | null, trigger: string | null): string =>
  [replayOf ? 'replay' : trigger, error].filter(Boolean).join(' · ');

export const paintOfStatus = (paint: Paint, status: string): ((text: string) => string) =>
  status === 'succeeded' || status === 'promoted' || status === 'passed'
    ? paint.good
    : status === 'running' || status === 'awaiting-approval'
      ? paint.warn
      : paint.bad;
