import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatDuration } from '../output/durations.ts';
import { printable } from '../output/paint.ts';
import type { Connection } from '../target/connection.ts';
import { type DescribedRun, describeRun } from './describe-run.ts';
import { readHistory } from './read-history.ts';
import { readCause, type Step, stepsOf } from './run-steps.ts';

const POLL_MS = 400;

/** Waits for the end of a run and, unless `quiet`, tells each step when it has ended. Answers the run as it stands when interrupted. */
export async function followRun(
  cli: Cli,
  connection: Connection,
  runId: string,
  { quiet = false, onStep }: { quiet?: boolean | undefined; onStep?: (step: Step) => void } = {},
): Promise<DescribedRun> {
  const told = new Set<number>();
  for (;;) {
    const run = await describeRun(connection, runId, cli.clock.now());
    if (!run) throw new Failure(exitCodes.notFound, `There is no run ${runId} in ${connection.environment}`);
    if (!quiet || onStep) {
      const steps = stepsOf(await readHistory(connection, run.executionArn), cli.clock.now());
      for (const [index, step] of steps.entries()) {
        if (step.status === 'running' || told.has(index)) continue;
        told.add(index);
        onStep?.(step);
        if (!quiet) cli.terminal.out(stepLine(cli, step));
      }
    }
    if (run.status !== 'running' || cli.interrupted.aborted) return run;
    await cli.pause(POLL_MS);
  }
}

function stepLine(cli: Cli, step: Step): string {
  const { paint } = cli.terminal;
  const mark = step.status === 'failed' ? paint.bad('✗') : step.error ? paint.warn('!') : paint.good('✓');
  const trouble = step.error ? `  ${printable(`${step.error}: ${readCause(step.cause) ?? ''}`)}` : '';
  return `${mark} ${step.state.padEnd(20)} ${formatDuration(step.durationMs).padStart(9)}${trouble}`;
}
