/**
 * `npm run faults`: whole runs from upload to PRD during which the runtime is killed, one run a seed. Exit status 0 when every invariant
 * held in every run, 1 when one did not (with the seed that shows it again), 2 when the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { type CrashReport, crashRun } from '../test/faults/crash-run.ts';

const USAGE = `Usage: npm run faults -- [--seeds N] [--from SEED] [--kills N] [--json]
  --seeds  how many runs, each with the next seed (default: 10)
  --from   the first seed (default: 1)
  --kills  kills of the runtime in each run (default: 5)
  --json   the reports as one JSON array on stdout`;

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '10' },
      from: { type: 'string', default: '1' },
      kills: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seeds = wholeNumber('seeds', values.seeds);
  const from = wholeNumber('from', values.from);
  const kills = wholeNumber('kills', values.kills);
  return { seeds, from, kills, json: values.json, help: values.help };
}

function tell({ seed, kills, problems, seconds, attempts, lost, toldAgain, home, log }: CrashReport): void {
  console.error(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} seed ${seed}: ${kills.length} kills, ${attempts} attempts, ${lost.length} lost, ${toldAgain} facts told again, ${seconds.toFixed(1)} s`,
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
  const reports: CrashReport[] = [];
  for (let seed = options.from; seed < options.from + options.seeds; seed++) {
    const report = await crashRun(seed, options.kills, (kill) => console.error(`       seed ${seed}: killed ${kill}`));
    tell(report);
    reports.push(report);
  }
  const failed = reports.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
  const kills = reports.reduce((sum, report) => sum + report.kills.length, 0);
  console.error(
    `${reports.length} runs, ${kills} kills: ${failed.length === 0 ? 'every invariant held' : `${failed.length} broke an invariant`}`,
  );
  for (const seed of failed)
    console.error(`again: npm run faults -- --seeds 1 --from ${seed} --kills ${options.kills}`);
  if (options.json) console.log(JSON.stringify(reports, null, 2));
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
