import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../cli/exit-codes.ts';
import { plainPaint } from '../../cli/output/paint.ts';
import { runProgram } from '../../cli/program.ts';
import { connect } from '../../cli/target/connection.ts';
import { resolveTarget } from '../../cli/target/resolve-target.ts';
import { readRuntimeHome } from '../../cli/target/runtime-home.ts';

export interface CliAnswer {
  readonly exitCode: ExitCode;
  /** What was said on stdout and on stderr. */
  readonly out: string;
  readonly err: string;
  /** `out` as JSON. */
  json<T>(): T;
}

export interface RecordingCliOptions {
  /** The local runtime's folder; one that is not there means that none was started. */
  readonly home: string;
  readonly variables?: NodeJS.ProcessEnv;
  readonly connect?: Cli['connect'];
}

/** Runs one command line of `sluice` in this process, as a person without a terminal would see it. */
export async function runSluice(
  args: readonly string[],
  { home, variables = {}, connect: connectTo }: RecordingCliOptions,
): Promise<CliAnswer> {
  const out: string[] = [];
  const err: string[] = [];
  let exitCode: ExitCode = exitCodes.ok;
  const cli: Cli = {
    terminal: {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      columns: Number.POSITIVE_INFINITY,
      isInteractive: false,
      paint: plainPaint,
    },
    variables: { SLUICE_HOME: home, ...variables },
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    interrupted: new AbortController().signal,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    connect:
      connectTo ??
      ((options, role) =>
        connect(resolveTarget(options, { variables, home: readRuntimeHome(home), role: role ?? null }))),
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  const code = (await runProgram(cli, args)) || exitCode;
  return { exitCode: code, out: out.join('\n'), err: err.join('\n'), json: <T>() => JSON.parse(out.join('\n')) as T };
}
