import { Command, InvalidArgumentError } from 'commander';
import { type Cli, printJson } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CaseOutcome } from '../state-machines/run-case.ts';

interface TestOptions {
  readonly case?: string;
  readonly state?: string;
  readonly input?: string;
  readonly mock?: Readonly<Record<string, string>>;
  readonly mocks?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

const stateMock = (text: string, given: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be STATE=MOCK, such as \'Charge={"error":"Declined"}\'.');
  return { ...given, [text.slice(0, at)]: text.slice(at + 1) };
};

export const stateMachineCommand = (cli: Cli): Command =>
  new Command('state-machine')
    .helpCommand(false)
    .description('try out state machines without deploying them')
    .addCommand(testCommand(cli));

const testCommand = (cli: Cli): Command =>
  new Command('test')
    .description('run a state machine, or one state, against mocked results; nothing is started, and no time passes')
    .argument('<file>', 'a file of test cases, a folder of *.test.yml files, or a definition (ASL, in YAML or JSON)')
    .option('--case <text>', 'only cases whose name has this text in it')
    .option('--input <json>', 'of a definition: the input, as JSON or @FILE (default: {})')
    .option('--mock <state=mock>', 'of a definition: what a state comes to; can be repeated', stateMock)
    .option('--mocks <file>', 'of a definition: mocks by state name, in a file')
    .option('--state <name>', 'of a definition: only this state')
    .option('--verbose', 'show what each state got and gave, of cases that pass too')
    .option('--json', 'print JSON instead of text')
    .addHelpText(
      'after',
      `
Examples:
  sluice state-machine test statemachines
  sluice state-machine test statemachines/train-model.test.yml --case 'a good dataset' --verbose
  sluice state-machine test order.asl.json --input '{"id":1}' --mock 'Charge={"payload":{"paid":true}}'
  sluice state-machine test order.asl.json --state Charge --mock 'Charge={"error":"Declined"}'

docs/state-machine-tests.md says how a file of cases is written. Exit status 1 where a case fails, 2 where a file is wrong.

JSON: { passed, cases: [{ file, name, passed, status, output, error, cause, next, path, durationMs, differences, problem, visits }] }`,
    )
    .action(async (file: string, options: TestOptions) => {
      // The engine is a good part of local/: only this command pays for reading it.
      const { runCases } = await import('../state-machines/run-cases.ts');
      const { files, isDefinition } = await runCases(file, {
        only: options.case,
        input: options.input,
        state: options.state,
        mock: options.mock ?? {},
        mocksFile: options.mocks,
      });
      const outcomes = files.flatMap(({ outcomes: of }) => of);
      const passed = outcomes.every((one) => one.passed);
      if (!passed) cli.setExitCode(exitCodes.failed);
      if (options.json) {
        const cases = files.flatMap(({ file: of, outcomes: list }) => list.map((one) => ({ file: of, ...one })));
        return printJson(cli, { passed, cases });
      }
      const { printOutcome } = await import('../state-machines/print-outcome.ts');
      for (const { file: of, outcomes: list } of files) {
        cli.terminal.out(cli.terminal.paint.bold(of));
        for (const one of list) printOutcome(cli.terminal, one, { verbose: options.verbose ?? isDefinition });
      }
      if (!isDefinition) cli.terminal.out(summary(outcomes));
    });

function summary(outcomes: readonly CaseOutcome[]): string {
  const failed = outcomes.filter((one) => !one.passed).length;
  return failed === 0 ? `${outcomes.length} passed` : `${failed} of ${outcomes.length} failed`;
}
