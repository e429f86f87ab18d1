/**
 * `npm run faults`: runs during which the runtime is killed, one run a seed. Exit status 0 when every invariant held in every run, 1 when
 * one did not (with the seed that shows it again), 2 when the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { type CrashReport, crashRun } from '../test/faults/crash-run.ts';
import { type ServicesCrashReport, servicesCrashRun } from '../test/faults/services/crash-run.ts';
import { type LoadCrashReport, loadCrashRun } from '../test/faults/step-functions/crash-run.ts';
import { UsageError, wholeNumber } from './whole-number.ts';

const USAGE = `Usage: npm run faults -- [pipeline | step-functions | services] [--seeds N] [--from SEED | --seed SEED] [--kills N] [--json]
  pipeline        whole runs from upload to PRD (default)
  step-functions  a mixed load of executions, with every way of waiting and branching
  services        a mixed load on S3, DynamoDB, SQS, EventBridge, Lambda and KMS
  --seeds  how many runs, each with the next seed (default: 10; step-functions and services: 1)
  --from   the first seed (default: 1)
  --seed   one run with this seed
  --kills  kills of the runtime in each run (default: 5; step-functions and services: 300)
  --json   the reports as one JSON array on stdout`;

type Report = CrashReport | LoadCrashReport | ServicesCrashReport;

interface Subject {
  readonly seeds: string;
  readonly kills: string;
  run(seed: number, kills: number, onKill: (text: string) => void): Promise<Report>;
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  pipeline: { seeds: '10', kills: '5', run: crashRun },
  'step-functions': { seeds: '1', kills: '300', run: loadCrashRun },
  services: { seeds: '1', kills: '300', run: servicesCrashRun },
};

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      kills: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = 'pipeline', ...rest] = positionals;
  const subject = Object.hasOwn(SUBJECTS, name) && rest.length === 0 ? SUBJECTS[name] : undefined;
  if (!subject) throw new UsageError(`What is to be killed? "${positionals.join(' ')}" is not known`);
  if (values.seed !== undefined && (values.seeds ?? values.from) !== undefined)
    throw new UsageError('--seed is one run: --seeds and --from say otherwise');
  const seeds = values.seed === undefined ? wholeNumber('seeds', values.seeds ?? subject.seeds) : 1;
  const from = wholeNumber(values.seed === undefined ? 'from' : 'seed', values.seed ?? values.from ?? '1');
  const kills = wholeNumber('kills', values.kills ?? subject.kills);
  return { name, subject, seeds, from, kills, json: values.json, help: values.help };
}

function figures(report: Report): string {
  if ('executions' in report)
    return `${report.executions} executions, ${report.invocations} invocations, ${report.repeated} of them made again for a task in flight`;
  if ('acknowledged' in report)
    return `${report.acknowledged} operations acknowledged, ${report.refused} refused, ${report.unknown} unknown`;
  return `${report.attempts} attempts, ${report.lost.length} lost, ${report.toldAgain} facts told again`;
}

function tell(report: Report): void {
  const { seed, kills, problems, seconds, home, log } = report;
  console.error(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} seed ${seed}: ${kills.length} kills, ${figures(report)}, ${seconds.toFixed(1)} s`,
  );
  for (const problem of problems) console.error(`     ${problem}`);
  if (problems.length === 0) return;
  for (const kill of kills) console.error(`     killed ${kill}`);
  console.error(`     its folder: ${home}\n     its last words:\n${log}`);
}

async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { name, subject, from } = options;
  const reports: Report[] = [];
  for (let seed = from; seed < from + options.seeds; seed++) {
    const report = await subject.run(seed, options.kills, (kill) =>
      console.error(`       seed ${seed}: killed ${kill}`),
    );
    tell(report);
    reports.push(report);
  }
  const failed = reports.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
  const kills = reports.reduce((sum, report) => sum + report.kills.length, 0);
  console.error(
    `${reports.length} runs, ${kills} kills: ${failed.length === 0 ? 'every invariant held' : `${failed.length} broke an invariant`}`,
  );
  for (const seed of failed)
    console.error(`again: npm run faults -- ${name} --seeds 1 --from ${seed} --kills ${options.kills}`);
  if (options.json) console.log(JSON.stringify(reports, null, 2));
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
