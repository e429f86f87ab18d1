import { join } from 'node:path';
import type { Cli } from '../../cli/cli.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { Failure } from '../../cli/failure.ts';
import { formatDuration } from '../../cli/output/durations.ts';
import { printable } from '../../cli/output/paint.ts';
import { runProgram } from '../../cli/program.ts';
import { promotionsOf } from '../../cli/promotions/find-promotion.ts';
import type { Connection } from '../../cli/target/connection.ts';
import { type EndedStep, EnvironmentsWatch, type FailedRun } from './watch-environments.ts';

export interface Example {
  readonly model: string;
  /** Relative to the working directory, as a person would type it. */
  readonly directory: string;
}

/** What this start did of the way to PRD. */
export interface Pipeline {
  /** From the upload of DEV's data on, not from where an earlier start was. */
  readonly hasStarted: boolean;
  readonly ms: number;
}

const POLL_MS = 300;
const TIMEOUT_MS = 10 * 60_000;
/** Between two runs there are only events on their way: no news for so long means that none will come. */
const SILENCE_MS = 30_000;

/**
 * Uploads what is not there yet and follows what it starts, to the end of the last run. `hasStarted` is false where an earlier start
 * has uploaded DEV's data. Null when nothing was left to do.
 */
export async function runPipeline(
  cli: Cli,
  connections: readonly Connection[],
  { model, directory }: Example,
): Promise<Pipeline | null> {
  const watch = new EnvironmentsWatch(connections);
  const [dev, acc, prd] = connections as [Connection, Connection, Connection];
  const upload = async (connection: Connection) => {
    if (await connection.registry.latestArrival(model)) return;
    const file = join(directory, 'data', `${connection.environment}.csv`);
    await sluice(cli, ['upload', file, '--model', model, '--env', connection.environment, '--wait']);
  };

  if ((await prd.registry.deployment(model))?.champion) return null;
  await watch.ignoreEndedRuns();
  // Before DEV has a recipe to give them, ACC and PRD only keep their data.
  await upload(acc);
  await upload(prd);
  if (!(await dev.registry.currentRecipe(model))) await sluice(cli, ['publish', directory, '--env', 'dev']);

  const startedMs = cli.clock.monotonicMs();
  const hasStarted = !(await dev.registry.latestArrival(model));
  if (hasStarted) {
    await sluice(cli, ['upload', join(directory, 'data', 'dev.csv'), '--model', model, '--env', 'dev']);
  }
  cli.terminal.out('');
  await follow(cli, watch, prd, model, startedMs);
  return { hasStarted, ms: cli.clock.monotonicMs() - startedMs };
}

/** Runs one command line of the CLI, and shows it. Throws Failure when it does not end well. */
async function sluice(cli: Cli, args: readonly string[]): Promise<void> {
  cli.terminal.out(
    `${cli.terminal.paint.dim('$')} ${cli.terminal.paint.accent(`sluice ${args.map(quoted).join(' ')}`)}`,
  );
  if (cli.interrupted.aborted) throw interruption();
  const code = await runProgram(cli, args);
  if (code === exitCodes.interrupted) throw interruption();
  if (code !== exitCodes.ok) throw new Failure(code, `\`sluice ${args[0]}\` ended with ${code}`);
}

const quoted = (argument: string): string =>
  /^[\w./:@=-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

async function follow(
  cli: Cli,
  watch: EnvironmentsWatch,
  prd: Connection,
  model: string,
  startedMs: number,
): Promise<void> {
  const approved = new Set<string>();
  let newsMs = startedMs;
  while (cli.clock.monotonicMs() - startedMs < TIMEOUT_MS) {
    if (cli.interrupted.aborted) throw interruption();
    const news = await watch.look();
    if (news.length > 0) newsMs = cli.clock.monotonicMs();
    for (const ended of news) cli.terminal.out(stepLine(cli, ended));
    await approve(cli, prd, model, approved);
    if (watch.isIdle) {
      const [failure] = watch.failed;
      if (failure) throw failed(failure);
      if ((await prd.registry.deployment(model))?.champion) return;
      if (cli.clock.monotonicMs() - newsMs > SILENCE_MS) throw stalled();
    }
    await cli.pause(POLL_MS);
  }
  throw new Failure(exitCodes.failed, `PRD serves no version of ${model} after ${TIMEOUT_MS / 60_000} minutes`, {
    hint: 'sluice status, sluice events and sluice audit tell how far it came',
  });
}

const interruption = (): Failure =>
  new Failure(exitCodes.interrupted, 'Interrupted; what was started goes on', {
    hint: 'see it with `npx sluice status`; `npm start` follows it again, `npx sluice down` ends the environments',
  });

const stalled = (): Failure =>
  new Failure(
    exitCodes.failed,
    'Nothing is under way, and PRD serves no version: an earlier start has ended before that',
    {
      hint: 'how far it came: npx sluice status; begin again from nothing: npm start -- --fresh',
    },
  );

function failed({ environment, machine, runId, error, cause }: FailedRun): Failure {
  return new Failure(
    exitCodes.failed,
    `${machine} failed in ${environment}: ${error ?? 'no error was given'}${cause ? `: ${cause}` : ''}`,
    {
      hint: `see where: sluice run ${runId} --env ${environment}; what led there: sluice events; begin again from nothing: npm start -- --fresh`,
    },
  );
}

/** The approval that PRD asks for, given as a person would: by its own command, in the role that may approve and may nothing else. */
async function approve(cli: Cli, prd: Connection, model: string, approved: Set<string>): Promise<void> {
  const waiting = (await promotionsOf(prd, model)).find(
    ({ status, promotionId }) => status === 'awaiting-approval' && !approved.has(promotionId),
  );
  if (!waiting) return;
  approved.add(waiting.promotionId);
  const { terminal } = cli;
  terminal.out('');
  terminal.out(
    terminal.paint.warn('PRD asks for the yes of a person, who is not the one that trained. As sluice-prd-approver:'),
  );
  await sluice(cli, [
    'approve',
    waiting.promotionId,
    '--env',
    'prd',
    '--profile',
    'sluice-prd-approver',
    '--comment',
    'figures of ACC reviewed',
  ]);
  terminal.out('');
}

function stepLine(cli: Cli, { environment, machine, step, verdict }: EndedStep): string {
  const { paint } = cli.terminal;
  const columns = [
    paint.bold(environment.toUpperCase()),
    paint.dim(machine.padEnd(13)),
    step.state.padEnd(19),
    formatDuration(step.durationMs).padStart(8),
    step.error ? paint.bad(printable(step.error)) : printable(verdict ?? ''),
  ];
  return columns.join('  ').trimEnd();
}
