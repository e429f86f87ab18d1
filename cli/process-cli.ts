import { systemClock } from '../adapters/system/system-clock.ts';
import type { Cli } from './cli.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { processTerminal } from './output/terminal.ts';
import { connect } from './target/connection.ts';
import { resolveTarget } from './target/resolve-target.ts';
import { readRuntimeHome, runtimeDirectory } from './target/runtime-home.ts';

/** The CLI on this process: its terminal, clock and Ctrl-C. */
export function processCli(process: NodeJS.Process): { readonly cli: Cli; readonly exitCode: () => ExitCode } {
  const interrupt = new AbortController();
  process.on('SIGINT', () => {
    // The second one is for somebody who does not want to wait for what is being cleared away.
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort();
  });
  process.on('SIGTERM', () => interrupt.abort());
  // `sluice runs | head` closes the pipe early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    // The terminal is gone (EIO): there is nobody to tell.
    process.exit(exitCodes.failed);
  });
  process.stderr.on('error', () => process.exit(exitCodes.failed));
  let exitCode: ExitCode = exitCodes.ok;
  const cli: Cli = {
    terminal: processTerminal(process),
    variables: process.env,
    clock: systemClock,
    interrupted: interrupt.signal,
    pause: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done() {
          clearTimeout(timer);
          interrupt.signal.removeEventListener('abort', done);
          resolve();
        }
        interrupt.signal.addEventListener('abort', done);
      }),
    connect: (options, role) => {
      const home = readRuntimeHome(runtimeDirectory(process.env));
      return connect(resolveTarget(options, { variables: process.env, home, role: role ?? null }));
    },
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  return { cli, exitCode: () => exitCode };
}
