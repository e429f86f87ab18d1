/**
 * `npm run laws`: what must hold of every state machine, tried on generated ones. Exit status 0 when every law held, 1 when one did not
 * (with the seed and the smallest machine that shows it), 2 when the command line is wrong.
 */
import { parseArgs } from 'node:util';
import { type BrokenLaw, LAWS, type Law, tryLaw } from '../test/properties/step-functions/laws.ts';
import { UsageError, wholeNumber } from './whole-number.ts';

const USAGE = `Usage: npm run laws -- [step-functions] [--seeds N] [--from SEED] [--machines N] [--minutes N] [--json]
  --seeds     how many seeds (default: 1)
  --from      the first seed (default: 1)
  --machines  machines of each seed (default: 200; interruptions, a run for each event, are tried on a twentieth)
  --minutes   no new seed is begun after so many; with it --seeds has no end unless it is given
  --json      the laws that were broken as one JSON array on stdout`;

const INTERRUPTED_SHARE = 20;

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      machines: { type: 'string', default: '200' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (positionals.length > 1 || (positionals[0] ?? 'step-functions') !== 'step-functions')
    throw new UsageError(`There are laws of step-functions only, not of "${positionals.join(' ')}"`);
  const minutes = values.minutes === undefined ? undefined : wholeNumber('minutes', values.minutes);
  const seeds = values.seeds ?? (minutes === undefined ? '1' : undefined);
  return {
    from: wholeNumber('from', values.from),
    seeds: seeds === undefined ? Number.POSITIVE_INFINITY : wholeNumber('seeds', seeds),
    machines: wholeNumber('machines', values.machines),
    minutes: minutes ?? Number.POSITIVE_INFINITY,
    json: values.json,
    help: values.help,
  };
}

function tell({ law, seed, how, machine }: BrokenLaw): void {
  console.error(`FAIL seed ${seed}: ${law}\n${how}\n${JSON.stringify(machine, null, 2)}`);
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
  const { from, seeds, machines } = options;
  const endMs = performance.now() + options.minutes * 60_000;
  const broken: BrokenLaw[] = [];
  let tried = 0;
  for (let seed = from; seed < from + seeds && (tried === 0 || performance.now() < endMs); seed++) {
    for (const law of Object.keys(LAWS) as Law[]) {
      const number = law.startsWith('interrupted') ? Math.ceil(machines / INTERRUPTED_SHARE) : machines;
      const found = await tryLaw(law, seed, number);
      if (!found) continue;
      tell(found);
      broken.push(found);
    }
    tried += machines;
    console.error(`seed ${seed}: ${tried} machines so far, ${broken.length} laws broken`);
  }
  for (const { seed } of broken) console.error(`again: npm run laws -- --from ${seed} --machines ${machines}`);
  if (options.json) console.log(JSON.stringify(broken, null, 2));
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
