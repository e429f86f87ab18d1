import { Command } from 'commander';
import { type Cli, printJson } from '../cli.ts';
import { portNumber } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { launchRuntime, logFile, runningRuntime } from '../local/runtime-process.ts';
import { readTrainingImages } from '../local/training-images.ts';
import { runtimeDirectory } from '../target/runtime-home.ts';

interface UpOptions {
  readonly port?: number;
  readonly detach?: boolean;
  readonly trainingImages?: string;
  readonly json?: boolean;
}

export const upCommand = (cli: Cli): Command =>
  new Command('up')
    .description('start the local environments: package, deploy dev, acc and prd, and keep running until Ctrl-C')
    .option('--port <port>', 'the port on 127.0.0.1 (default: 4570)', portNumber)
    .option('--detach', 'run in the background; `sluice down` ends it')
    .option('--training-images <file>', 'JSON: which programs stand for the images of SageMaker training jobs')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
What they hold is kept in .sluice (or SLUICE_HOME) and is there again at the next start, also after a crash.
A start deploys what has changed in the meantime, and says what that was.

A file for --training-images, whose programs start in its own folder: {"local://trainer": {"command": ["node", "train.mjs"]}}

JSON: { url, directory, profiles, changes: [{ environment, logicalId, type, action: "created" | "updated" | "replaced" | "deleted" | "retained" }] }`,
    )
    .action(async (options: UpOptions) => {
      const { terminal } = cli;
      const directory = runtimeDirectory(cli.variables);
      const running = runningRuntime(directory);
      if (running) {
        throw new Failure(
          exitCodes.usage,
          `The local environments run already, at ${running.url} (process ${running.pid})`,
          {
            hint: 'use them, or end them with `sluice down`',
          },
        );
      }
      const images = options.trainingImages;
      const { child, url, seconds, changes } = await launchRuntime({
        directory,
        port: options.port,
        mode: options.detach ? 'background' : 'foreground',
        trainingImages: images === undefined ? undefined : readTrainingImages(images),
        interrupted: cli.interrupted,
        onProgress: (text) => terminal.err(terminal.paint.dim(text)),
      });
      const profiles = ['sluice-dev', 'sluice-acc', 'sluice-prd'];
      if (options.json) printJson(cli, { url, directory, profiles, changes });
      else {
        terminal.out(`dev, acc and prd are up at ${terminal.paint.bold(url)}, after ${seconds.toFixed(1)} s`);
        terminal.out('');
        terminal.out('  sluice publish examples/credit-risk');
        terminal.out('  sluice upload examples/credit-risk/data/dev.csv --model credit-risk --follow');
        terminal.out('  sluice status');
        terminal.out('');
        terminal.out(
          options.detach
            ? `They run in the background, and log to ${logFile(directory)}; \`sluice down\` ends them`
            : 'Ctrl-C ends them; what they hold is kept',
        );
      }
      if (options.detach) return;
      // Ctrl-C in a terminal reaches the child by itself; a SIGTERM to this process alone does not. Twice does no harm.
      cli.interrupted.addEventListener('abort', () => child.kill('SIGTERM'));
      const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
      if (code !== 0)
        throw new Failure(exitCodes.failed, `The runtime ended with status ${code}`, {
          hint: 'start it again: what it acknowledged is on disk',
        });
      if (!options.json) terminal.out('Stopped');
    });
