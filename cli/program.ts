import { Command, CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { auditCommand } from './commands/audit.ts';
import { approveCommand, rejectCommand } from './commands/decide.ts';
import { downCommand } from './commands/down.ts';
import { eventsCommand } from './commands/events.ts';
import { iamCommand } from './commands/iam.ts';
import { logsCommand } from './commands/logs.ts';
import { predictCommand } from './commands/predict.ts';
import { promotionsCommand } from './commands/promotions.ts';
import { publishCommand } from './commands/publish.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { stateMachineCommand } from './commands/state-machine.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { uploadCommand } from './commands/upload.ts';
import { versionsCommand } from './commands/versions.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import { printableLines } from './output/paint.ts';

const AFTER_HELP = `
Commands speak to the local environments where those have been started, and to AWS with \`--profile NAME\` or SLUICE_AWS=1.

${exitCodesHelp}

Environment: SLUICE_HOME (the local runtime's folder), SLUICE_AWS=1 (AWS, also for profiles of the same name),
SLUICE_DEBUG=1 (stack traces), NO_COLOR.`;

export function createProgram(cli: Cli): Command {
  const program = new Command('sluice')
    .description('Takes machine-learning models from an idea to production through DEV, ACC and PRD.')
    .addHelpText('after', AFTER_HELP)
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .helpCommand(false);
  const commands = [
    upCommand,
    downCommand,
    statusCommand,
    publishCommand,
    uploadCommand,
    runsCommand,
    runCommand,
    replayCommand,
    promotionsCommand,
    approveCommand,
    rejectCommand,
    versionsCommand,
    predictCommand,
    eventsCommand,
    logsCommand,
    auditCommand,
    stateMachineCommand,
    iamCommand,
  ];
  for (const create of commands) program.addCommand(create(cli));
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands: inner }) => inner)]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => cli.terminal.out(text.replace(/\n$/, '')),
      writeErr: (text) => cli.terminal.err(text.replace(/\n$/, '')),
    });
    command.showHelpAfterError(`(${fullName(command)} --help tells more)`);
  }
  return program;
}

const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

/** Runs one command line, without `node` and the script. Never throws: what went wrong is said, and told by the status. */
export async function runProgram(cli: Cli, args: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram(cli).parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has said what was wrong; help that was asked for is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (cli.interrupted.aborted) return exitCodes.interrupted;
    const { exitCode, message, hint } = explainError(error);
    if (args.includes('--json')) {
      cli.terminal.err(JSON.stringify({ error: { message, hint, exitCode } }));
    } else {
      cli.terminal.err(`${cli.terminal.paint.bad('sluice:')} ${printableLines(message)}`);
      if (hint !== null) cli.terminal.err(`  ${printableLines(hint)}`);
    }
    if (cli.variables.SLUICE_DEBUG === '1')
      cli.terminal.err(error instanceof Error ? (error.stack ?? '') : String(error));
    return exitCode;
  }
}
