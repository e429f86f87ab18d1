import { DescribeExecutionCommand, RedriveExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Command } from 'commander';
import type { Replay } from '../../domain/trigger.ts';
import { type AnyEnvironmentOptions, type Cli, printJson, withConnection } from '../cli.ts';
import { withAnyEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type DescribedRun, describeRun } from '../runs/describe-run.ts';
import { findRun } from '../runs/find-run.ts';
import { followRun } from '../runs/follow-run.ts';
import { readHistory } from '../runs/read-history.ts';
import { hasFailed } from '../runs/run.ts';
import { stepsOf } from '../runs/run-steps.ts';
import type { Connection } from '../target/connection.ts';
import { executionArn } from '../target/resource-names.ts';

interface ReplayOptions extends AnyEnvironmentOptions {
  readonly from?: string;
  readonly follow?: boolean;
}

const MOST_REPLAYS = 1000;

export const replayCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('replay'))
    .description('start a run again from the event that started it, or from the state that failed')
    .argument('<id>', 'the id of a run, or "latest"')
    .option('--from <state>', 'go on in the same run from this state, which must be the one that failed')
    .option('--follow', 'show each step until the run has ended; the exit status is that of the run')
    .addHelpText(
      'after',
      `
A replay is a new run, <id>-replay-<n>, with the same input, and says who started it. With --from it is the same run,
which Step Functions takes up again where it failed.

Examples:
  sluice replay train-4xq… --follow
  sluice replay train-4xq… --from TrainModel

JSON: { environment, runId, replay: { of, by, number } | null, redrivenFrom }`,
    )
    .action(async (id: string, options: ReplayOptions) => {
      const { environment, runId } = await findRun(cli, options, id);
      await withConnection(cli, { env: environment, profile: options.profile }, async (connection) => {
        const run = await describeRun(connection, runId, cli.clock.now());
        if (!run) throw new Failure(exitCodes.notFound, `There is no run ${runId} in ${environment}`);
        const started =
          options.from === undefined
            ? await startAgain(connection, run)
            : await redrive(cli, connection, run, options.from);
        if (options.json) printJson(cli, { environment, ...started });
        else if (started.replay)
          cli.terminal.out(`Started ${started.runId}, replay ${started.replay.number} of ${started.replay.of}`);
        else cli.terminal.out(`${started.runId} goes on from ${started.redrivenFrom}`);
        if (!options.follow) {
          if (!options.json) cli.terminal.out(`See it: sluice run ${started.runId} --env ${environment} --follow`);
          return;
        }
        const ended = await followRun(cli, connection, started.runId, { quiet: options.json });
        if (hasFailed(ended.status)) cli.setExitCode(exitCodes.failed);
      });
    });

interface Started {
  readonly runId: string;
  readonly replay: Replay | null;
  readonly redrivenFrom: string | null;
}

async function startAgain(connection: Connection, run: DescribedRun): Promise<Started> {
  const input = JSON.parse(run.input) as { replay?: Replay | null };
  // A replay of a replay starts again from the same event, so it counts on from the first.
  const of = input.replay?.of ?? run.runId;
  for (let number = 1; number <= MOST_REPLAYS; number++) {
    const name = `${of}-replay-${number}`;
    // Starting a name that runs, with the same input, would be answered with that run, and nothing would be started.
    if (await exists(connection, executionArn(connection.names, run.machine, name))) continue;
    const replay: Replay = { of, by: connection.callerArn, number };
    try {
      await connection.stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: connection.names.machineArn[run.machine],
          name,
          input: JSON.stringify({ ...input, replay }),
        }),
      );
      return { runId: name, replay, redrivenFrom: null };
    } catch (error) {
      if ((error as Error).name !== 'ExecutionAlreadyExists') throw error;
    }
  }
  throw new Failure(exitCodes.failed, `${of} was replayed ${MOST_REPLAYS} times already`);
}

async function exists(connection: Connection, arn: string): Promise<boolean> {
  try {
    await connection.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist') return false;
    throw error;
  }
}

async function redrive(cli: Cli, connection: Connection, run: DescribedRun, from: string): Promise<Started> {
  const whole = { hint: `start it again whole: sluice replay ${run.runId} --env ${run.environment}` };
  if (!hasFailed(run.status))
    throw new Failure(exitCodes.failed, `${run.runId} is ${run.status}; only a run that failed can go on`, whole);
  const steps = stepsOf(await readHistory(connection, run.executionArn), cli.clock.now());
  const failed = steps.filter((step) => step.status === 'failed');
  const last = failed.at(-1);
  if (last?.type === 'Fail') {
    throw new Failure(
      exitCodes.failed,
      `${run.runId} dealt with its error and ended in ${last.state}: there is no failed state to go on from`,
      whole,
    );
  }
  if (!failed.some((step) => step.state === from)) {
    const could = failed.map((step) => step.state).join(', ');
    throw new Failure(
      exitCodes.failed,
      `Step Functions goes on only from the state that failed${could ? `, which is ${could}` : ''}; ${from} is not`,
      whole,
    );
  }
  if (!run.redrivable) {
    throw new Failure(
      exitCodes.failed,
      `Step Functions will not redrive ${run.runId}: ${run.whyNotRedrivable ?? 'it gives no reason'}`,
      whole,
    );
  }
  await connection.stepFunctions.send(new RedriveExecutionCommand({ executionArn: run.executionArn }));
  return { runId: run.runId, replay: null, redrivenFrom: from };
}
