import { type AnyEnvironmentOptions, type Cli, inEnvironments } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { describeRun } from './describe-run.ts';
import { listRuns, newestFirst } from './list-runs.ts';
import type { Run } from './run.ts';

/** In which environment a run is. `latest` is the newest of all. Throws Failure when there is none. */
export async function findRun(cli: Cli, options: AnyEnvironmentOptions, runId: string): Promise<Run> {
  const found = await inEnvironments(cli, options, async (connection): Promise<Run | undefined> => {
    if (runId !== 'latest') return describeRun(connection, runId, cli.clock.now());
    return (await listRuns(connection, { limit: 1 }, cli.clock.now()))[0];
  });
  const [run] = newestFirst(found.filter((one) => one !== undefined));
  if (run) return run;
  const where = options.env ?? 'any environment';
  throw new Failure(
    exitCodes.notFound,
    runId === 'latest' ? `There is no run in ${where} yet` : `There is no run ${runId} in ${where}`,
    {
      hint: 'list them with `sluice runs --all`',
    },
  );
}
