import { Command } from 'commander';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { type AnyEnvironmentOptions, type Cli, printJson, withConnection } from '../cli.ts';
import { withAnyEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatDuration, formatTimeOfDay } from '../output/durations.ts';
import { printable } from '../output/paint.ts';
import { formatTable } from '../output/table.ts';
import { type DescribedRun, describeRun } from '../runs/describe-run.ts';
import { findRun } from '../runs/find-run.ts';
import { followRun } from '../runs/follow-run.ts';
import { readHistory } from '../runs/read-history.ts';
import { hasFailed } from '../runs/run.ts';
import { readCause, type Step, stepsOf } from '../runs/run-steps.ts';
import { paintOfStatus } from './runs.ts';

interface RunOptions extends AnyEnvironmentOptions {
  readonly follow?: boolean;
}

export const runCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('run'))
    .description('show a run: its steps, times, attempts, verdicts and errors')
    .argument('<id>', 'the id of a run, or "latest"')
    .option('--follow', 'show each step as it ends, until the run has ended')
    .addHelpText(
      'after',
      `
Examples:
  sluice run latest
  sluice run train-4xq… --env acc --follow

The exit status is 1 when the run has failed.
JSON: a run as \`sluice runs\` prints it, and steps: [{ state, type, status, startedAt, endedAt, durationMs, attempts, verdict, error, cause }]`,
    )
    .action(async (id: string, options: RunOptions) => {
      const { environment, runId } = await findRun(cli, options, id);
      await withConnection(cli, { env: environment, profile: options.profile }, async (connection) => {
        if (options.follow) await followRun(cli, connection, runId, { quiet: options.json });
        const run = await describeRun(connection, runId, cli.clock.now());
        if (!run) throw new Failure(exitCodes.notFound, `There is no run ${runId} in ${environment}`);
        const [history, audit] = await Promise.all([
          readHistory(connection, run.executionArn),
          connection.registry.auditEvents({ runId }),
        ]);
        const steps = stepsOf(history, cli.clock.now()).map((step) => ({ ...step, verdict: verdictOf(step, audit) }));
        if (options.json) printJson(cli, { ...summaryOf(run), steps });
        else printRun(cli, run, steps, audit);
        if (hasFailed(run.status)) cli.setExitCode(exitCodes.failed);
      });
    });

type JudgedStep = Step & { readonly verdict: string | null };

function summaryOf({
  environment,
  runId,
  machine,
  status,
  model,
  trigger,
  replayOf,
  startedAt,
  endedAt,
  durationMs,
  error,
  cause,
  redrives,
}: DescribedRun) {
  return {
    environment,
    runId,
    machine,
    status,
    model,
    trigger,
    replayOf,
    startedAt,
    endedAt,
    durationMs,
    error,
    cause,
    redrives,
  };
}

/** What the function of the state found, from the audit trail: the last attempt that began within the visit. */
function verdictOf(step: Step, audit: readonly AuditEvent[]): string | null {
  const own = audit.filter(
    (event) =>
      event.state === step.state && event.outcome !== 'lost' && (step.endedAt === null || event.at <= step.endedAt),
  );
  return own.at(-1)?.verdict ?? null;
}

function printRun(cli: Cli, run: DescribedRun, steps: readonly JudgedStep[], audit: readonly AuditEvent[]): void {
  const { terminal } = cli;
  const { paint } = terminal;
  const about = [run.environment, run.machine, run.model, run.trigger && `because of ${run.trigger}`]
    .filter(Boolean)
    .join(' · ');
  terminal.out(
    `${paint.bold(run.runId)}  ${paintOfStatus(paint, run.status)(run.status)} ${run.status === 'running' ? 'for' : 'after'} ${formatDuration(run.durationMs)}`,
  );
  terminal.out(`${about}, started ${run.startedAt}`);
  if (run.replayOf) terminal.out(`replay of ${run.replayOf}`);
  terminal.out('');
  const lines = formatTable(
    [
      { title: 'STEP', keep: true },
      { title: 'STATUS' },
      { title: 'BEGAN' },
      { title: 'TIME', align: 'right', keep: true },
      { title: 'TRIES', align: 'right' },
      { title: 'FOUND' },
    ],
    steps.map((step) => [
      step.state,
      { text: step.status, paint: paintOfStatus(paint, step.status) },
      formatTimeOfDay(step.startedAt),
      formatDuration(step.durationMs),
      step.attempts === 0 ? '' : String(step.attempts),
      step.verdict ?? step.error ?? '',
    ]),
    { width: terminal.columns, heading: paint.dim },
  );
  for (const line of lines) terminal.out(line);
  for (const step of steps.filter((one) => one.error !== null)) {
    terminal.out('');
    terminal.out(`${paint.bad(printable(`${step.state}: ${step.error}`))}`);
    const cause = readCause(step.cause);
    if (cause) terminal.out(`  ${printable(cause)}`);
  }
  if (hasFailed(run.status) && run.error) {
    terminal.out('');
    terminal.out(
      `The run ended with ${paint.bad(printable(run.error))}${run.cause ? `: ${printable(readCause(run.cause) ?? '')}` : ''}`,
    );
    terminal.out(`Start it again, when what was wrong is mended: sluice replay ${run.runId} --env ${run.environment}`);
  }
  const lost = audit.filter((event) => event.outcome === 'lost').length;
  terminal.out('');
  terminal.out(
    `${audit.length} audit events${lost > 0 ? paint.bad(`, ${lost} lost`) : ''}: sluice audit --run ${run.runId} --env ${run.environment}`,
  );
}
