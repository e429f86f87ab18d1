import { Command } from 'commander';
import { type Cli, printJson } from '../cli.ts';
import { stopRuntime } from '../local/runtime-process.ts';
import { runtimeDirectory } from '../target/runtime-home.ts';

export const downCommand = (cli: Cli): Command =>
  new Command('down')
    .description('end the local environments; what they hold is kept, and runs under way go on at the next start')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nJSON: { stopped, pid }')
    .action(async (options: { readonly json?: boolean }) => {
      const stopped = await stopRuntime(runtimeDirectory(cli.variables));
      if (options.json) printJson(cli, { stopped: stopped !== undefined, pid: stopped?.pid ?? null });
      else
        cli.terminal.out(
          stopped
            ? `Stopped (process ${stopped.pid}); what it held is kept in ${runtimeDirectory(cli.variables)}`
            : 'Nothing runs',
        );
    });
