/**
 * `npm start`: the local environments, the example's data in them, and what their events make of it, up to a model that serves in PRD.
 * What it finds done it does not do again. Ends with 0 only if PRD serves and the audit trail is complete; the environments stay up.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cli } from '../cli/cli.ts';
import { portNumber } from '../cli/command-options.ts';
import { predict, rowsOfFile } from '../cli/commands/predict.ts';
import { type ExitCode, exitCodes } from '../cli/exit-codes.ts';
import { explainError } from '../cli/explain-error.ts';
import { Failure } from '../cli/failure.ts';
import { printableLines } from '../cli/output/paint.ts';
import { processCli } from '../cli/process-cli.ts';
import type { Connection } from '../cli/target/connection.ts';
import { runtimeDirectory } from '../cli/target/runtime-home.ts';
import { environments } from '../domain/environment.ts';
import { bringUp } from './start/bring-up.ts';
import { collectResult } from './start/collect-results.ts';
import { type Example, type Pipeline, runPipeline } from './start/run-pipeline.ts';
import { isComplete, type Summary, summaryLines } from './start/summary.ts';

const USAGE = `Usage: npm start [-- --fresh] [-- --port PORT]
  --fresh  forget what earlier starts have left, and begin from nothing
  --port   the port of the local environments on 127.0.0.1 (default: 4570)`;

const EXAMPLE: Example = { model: 'credit-risk', directory: join('examples', 'credit-risk') };

async function main(cli: Cli): Promise<ExitCode> {
  const values = readArguments();
  if (values.help) {
    cli.terminal.out(USAGE);
    return exitCodes.ok;
  }
  process.chdir(join(import.meta.dirname, '..'));
  const directory = runtimeDirectory(process.env);
  await bringUp(cli, {
    directory,
    port: values.port,
    fresh: values.fresh,
  });
  cli.terminal.out('');

  const connections = await Promise.all(environments.map((env) => cli.connect({ env })));
  try {
    const pipeline = await runPipeline(cli, connections, EXAMPLE);
    const summary = await summarize(connections, pipeline);
    print(cli, summary);
    return isComplete(summary) ? exitCodes.ok : exitCodes.failed;
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Throws Failure where the command line is wrong: before anything is packaged. */
function readArguments(): { fresh: boolean; port: number | undefined; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: 'boolean', default: false },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return { ...values, port: values.port === undefined ? undefined : portNumber(values.port) };
  } catch (error) {
    throw new Failure(exitCodes.usage, (error as Error).message, { hint: USAGE, cause: error });
  }
}

async function summarize(connections: readonly Connection[], pipeline: Pipeline | null): Promise<Summary> {
  const { model, directory } = EXAMPLE;
  const results = await Promise.all(connections.map((connection) => collectResult(connection, model)));
  const prd = connections.find((connection) => connection.environment === 'prd') as Connection;
  const [row] = await rowsOfFile(prd, model, join(directory, 'data', 'prd.csv'));
  const prediction = row === undefined ? null : { row, response: await predict(prd, model, [row]) };
  return { model, results, prediction, pipeline };
}

function print({ terminal }: Cli, summary: Summary): void {
  const { paint } = terminal;
  terminal.out('');
  for (const line of summaryLines(summary, paint, terminal.columns)) terminal.out(line);
  if (summary.pipeline === null) {
    terminal.out('');
    terminal.out('All of this was there already, from an earlier start. To see it happen again: npm start -- --fresh');
  }
  terminal.out('');
  terminal.out('Try next:');
  for (const [command, what] of [
    ['npx sluice status', 'what serves where'],
    [
      `npx sluice predict ${summary.model} --env prd --row '{"Age": 30, "Income": 120, "Records": "no"}'`,
      'ask the model in PRD',
    ],
    [`npx sluice audit --model ${summary.model} --env prd`, 'who did what there'],
  ]) {
    terminal.out(`  ${paint.accent(command ?? '')}  ${paint.dim(`# ${what}`)}`);
  }
  terminal.out('');
  terminal.out(paint.dim('The environments keep running in the background; `npx sluice down` ends them.'));
}

const { cli } = processCli(process);
try {
  process.exitCode = await main(cli);
} catch (error) {
  const { exitCode, message, hint } = explainError(error);
  cli.terminal.err('');
  cli.terminal.err(`${cli.terminal.paint.bad('npm start:')} ${printableLines(message)}`);
  if (hint) cli.terminal.err(`  ${printableLines(hint)}`);
  if (process.env.SLUICE_DEBUG === '1') cli.terminal.err(error instanceof Error ? (error.stack ?? '') : String(error));
  process.exitCode = exitCode;
}
