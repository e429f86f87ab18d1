/**
 * `npm run fuzz`: what is wrong, sent to the local runtime: definitions and inputs through the API of Step Functions, or requests of each
 * protocol on the wire. Exit status 0 when each was answered as AWS answers, 1 when something broke (with the command that shows it again),
 * 2 when the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { again, fuzzProtocol, PROTOCOLS } from '../test/fuzz/protocols/fuzz.ts';
import { fuzz } from '../test/fuzz/step-functions/fuzz.ts';
import { UsageError, wholeNumber } from './whole-number.ts';

const SUBJECTS = ['step-functions', 'protocols'] as const;
const NAMES = Object.keys(PROTOCOLS);

const USAGE = `Usage: npm run fuzz -- [step-functions | protocols] [--cases N] [--seed N] [--from N] [--json]
  step-functions  definitions and inputs (default)
  protocols       requests on the wire, so many of each protocol
  --protocol  only this one: ${NAMES.join(', ')}
  --cases     how many (default: 1000)
  --seed      from which they follow (default: 1)
  --from      the number of the first one (default: 0)
  --json      the report as JSON on stdout`;

const TOLD_EVERY = 1_000;

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      protocol: { type: 'string' },
      cases: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = 'step-functions', ...rest] = positionals;
  const subject = rest.length === 0 ? SUBJECTS.find((known) => known === name) : undefined;
  if (!subject) throw new UsageError(`What is to be fuzzed? "${positionals.join(' ')}" is not known`);
  if (values.protocol !== undefined && (subject !== 'protocols' || !NAMES.includes(values.protocol)))
    throw new UsageError(`--protocol takes one of ${NAMES.join(', ')}, of "protocols"`);
  return {
    subject,
    protocols: values.protocol === undefined ? NAMES : [values.protocol],
    cases: wholeNumber('cases', values.cases),
    seed: wholeNumber('seed', values.seed),
    from: wholeNumber('from', values.from),
    json: values.json,
    help: values.help,
  };
}

type Options = ReturnType<typeof readOptions>;

const byCount = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, left], [, right]) => right - left)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

const teller = (what: string, cases: number) => (done: number) => {
  if (done % TOLD_EVERY === 0) console.error(`       ${what}${done} of ${cases}`);
};

/** How many cases broke something. */
async function fuzzStepFunctions({ seed, cases, from, json }: Options): Promise<number> {
  const report = await fuzz(seed, cases, teller('', cases), from);
  for (const { number, findings, definition, input } of report.failed) {
    console.error(`FAIL case ${number}: ${findings.join('\n     ')}\n     ${definition}\n     ${input}`);
    console.error(`again: npm run fuzz -- --seed ${seed} --from ${number} --cases 1`);
  }
  console.error(byCount(report.ends));
  console.error(`${cases} cases in ${report.seconds.toFixed(1)} s: ${report.failed.length} broke something`);
  if (json) console.log(JSON.stringify(report, null, 2));
  return report.failed.length;
}

/** How many cases broke something. */
async function fuzzProtocols({ protocols, seed, cases, from, json }: Options): Promise<number> {
  const reports = [];
  for (const protocol of protocols) {
    const report = await fuzzProtocol({ protocol, seed, cases, from, onEnded: teller(`${protocol}: `, cases) });
    for (const finding of report.failed) {
      const { number, operation, findings, request } = finding;
      console.error(`FAIL ${protocol} case ${number}, ${operation}: ${findings.join('\n     ')}\n${request}`);
      console.error(`again: ${again(finding, seed)}`);
    }
    const { rssMb, longestCpuMs, seconds, failed, outcomes } = report;
    console.error(`${protocol}: ${byCount(outcomes)}`);
    console.error(
      `${protocol}: ${cases} cases in ${seconds.toFixed(1)} s, ${rssMb.most} MB at most, ${longestCpuMs} ms of processor at most: ${failed.length} broke something`,
    );
    reports.push(report);
  }
  if (json) console.log(JSON.stringify(reports, null, 2));
  return reports.reduce((sum, { failed }) => sum + failed.length, 0);
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
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
  const broken = await (options.subject === 'protocols' ? fuzzProtocols(options) : fuzzStepFunctions(options));
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
