import type { Environment } from '../domain/environment.ts';
import { environments } from '../domain/environment.ts';
import type { Clock } from '../domain/ports/clock.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './output/terminal.ts';
import type { Connection } from './target/connection.ts';

/** What every command is given. Nothing in a command reaches for the process, the clock or the network but through it. */
export interface Cli {
  readonly terminal: Terminal;
  readonly variables: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Waits; ends early when interrupted. */
  pause(ms: number): Promise<void>;
  /** `role`: the role whose profile is the default (`approver` → `sluice-<env>-approver`). Throws Failure. */
  connect(options: { env: Environment; profile?: string | undefined }, role?: string): Promise<Connection>;
  /** What the process ends with where nothing is thrown. */
  setExitCode(code: ExitCode): void;
}

export interface EnvironmentOptions {
  readonly env: Environment;
  readonly profile?: string;
  readonly json?: boolean;
}

/** Where `--env` was not given, all environments are meant. */
export interface AnyEnvironmentOptions {
  readonly env?: Environment;
  readonly profile?: string;
  readonly json?: boolean;
}

export const printJson = (cli: Cli, value: unknown): void => cli.terminal.out(JSON.stringify(value, null, 2));

/** Runs `work` with a connection, which is closed afterwards. */
export async function withConnection<T>(
  cli: Cli,
  options: { env: Environment; profile?: string | undefined },
  work: (connection: Connection) => Promise<T>,
  role?: string,
): Promise<T> {
  const connection = await cli.connect(options, role);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/**
 * Runs `work` in each environment that is meant, all at once. Where none was named, those that cannot be reached are left out with a
 * word on stderr, unless none can: then the first one's reason is thrown.
 */
export async function inEnvironments<T>(
  cli: Cli,
  options: AnyEnvironmentOptions,
  work: (connection: Connection) => Promise<T>,
  role?: string,
): Promise<T[]> {
  const { env, profile } = options;
  if (env !== undefined) return [await withConnection(cli, { env, profile }, work, role)];
  if (profile !== undefined) {
    throw new Failure(exitCodes.usage, '--profile names one account, and no environment was named', {
      hint: `say which environment it is, with --env ${environments.join('|')}`,
    });
  }
  const settled = await Promise.allSettled(environments.map((one) => withConnection(cli, { env: one }, work, role)));
  const answers: T[] = [];
  const refusals: { environment: Environment; reason: unknown }[] = [];
  for (const [index, result] of settled.entries()) {
    if (result.status === 'fulfilled') answers.push(result.value);
    else refusals.push({ environment: environments[index] as Environment, reason: result.reason });
  }
  if (answers.length === 0) throw refusals[0]?.reason;
  for (const { environment, reason } of refusals) {
    cli.terminal.err(cli.terminal.paint.warn(`${environment} is left out: ${explainError(reason).message}`));
  }
  return answers;
}
