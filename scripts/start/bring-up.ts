import type { Cli } from '../../cli/cli.ts';
import {
  clearRuntimeDirectory,
  launchRuntime,
  logFile,
  runningRuntime,
  stopRuntime,
} from '../../cli/local/runtime-process.ts';

export interface BringUpOptions {
  readonly directory: string;
  readonly port: number | undefined;
  /** Forget what earlier starts have left. */
  readonly fresh: boolean;
}

/**
 * The local environments, deployed from the code as it is now. A runtime that an earlier start left in the background is replaced, one that
 * somebody watches in the foreground is used as it is. Throws Failure.
 */
export async function bringUp(cli: Cli, { directory, port, fresh }: BringUpOptions): Promise<void> {
  const { terminal } = cli;
  const { paint } = terminal;
  const running = runningRuntime(directory);
  if (running?.mode === 'foreground' && !fresh) {
    terminal.out(
      paint.dim(
        `Using the environments that \`sluice up\` runs at ${running.url}, with the code that it was started with`,
      ),
    );
    return;
  }
  if (running) {
    await stopRuntime(directory);
    terminal.out(paint.dim(`Stopped the environments of an earlier start (process ${running.pid})`));
  }
  if (fresh) clearRuntimeDirectory(directory);
  const { url, seconds } = await launchRuntime({
    directory,
    port,
    mode: 'background',
    interrupted: cli.interrupted,
    onProgress: (text) => terminal.out(paint.dim(`  ${text}`)),
  });
  terminal.out(
    `DEV, ACC and PRD are up, each in an account of its own, at ${paint.bold(url)} ${paint.dim(`(${seconds.toFixed(1)} s; log: ${logFile(directory)})`)}`,
  );
}
