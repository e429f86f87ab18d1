/**
 * `npm run fuzz`: definitions and inputs with something wrong in them, through the API. Exit status 0 when each was answered as AWS answers
 * and each execution ended, 1 when something broke (with the case that shows it again), 2 when the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { fuzz } from '../test/fuzz/step-functions/fuzz.ts';
import { UsageError, wholeNumber } from './whole-number.ts';

const USAGE = `Usage: npm run fuzz -- [step-functions] [--cases N] [--seed N] [--from N] [--json]
  --cases  how many (default: 1000)
  --seed   from which they follow (default: 1)
  --from   the number of the first one (default: 0)
  --json   the report as JSON on stdout`;

const TOLD_EVERY = 1_000;

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      cases: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (positionals.length > 1 || (positionals[0] ?? 'step-functions') !== 'step-functions')
    throw new UsageError(`There is fuzzing of step-functions only, not of "${positionals.join(' ')}"`);
  const cases = wholeNumber('cases', values.cases);
  const seed = wholeNumber('seed', values.seed);
  return { cases, seed, from: wholeNumber('from', values.from), json: values.json, help: values.help };
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
  const { seed, cases, from } = options;
  const report = await fuzz(
    seed,
    cases,
    (done) => {
      if (done % TOLD_EVERY === 0) console.error(`       ${done} of ${cases}`);
    },
    from,
  );
  for (const { number, findings, definition, input } of report.failed) {
    console.error(`FAIL case ${number}: ${findings.join('\n     ')}\n     ${definition}\n     ${input}`);
    console.error(`again: npm run fuzz -- --seed ${seed} --from ${number} --cases 1`);
  }
  const ends = Object.entries(report.ends).sort(([, left], [, right]) => right - left);
  console.error(ends.map(([end, count]) => `${count} ${end}`).join(', '));
  console.error(`${cases} cases in ${report.seconds.toFixed(1)} s: ${report.failed.length} broke something`);
  if (options.json) console.log(JSON.stringify(report, null, 2));
  return report.failed.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
