import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessNeed } from '../support/access-need.ts';
import { environmentsOf, type GoldenRow } from './golden-access.ts';
import { statedAccess } from './stated-access.ts';

/**
 * `npm run golden-access`: makes `golden-access.json` of what the journeys recorded (the file that is given: one need a line), and of
 * what is stated with a reason.
 */
const recorded = readFileSync(process.argv[2] as string, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as AccessNeed)
  .map(({ who, action, resource, context }) => ({ who, action, resource, context }));

const rows = new Map<string, GoldenRow>();
const keyOf = ({ who, action, resource, context }: Omit<GoldenRow, 'environments'>) =>
  JSON.stringify([who, action, resource, context]);
for (const need of [...recorded, ...statedAccess]) {
  const { because, ...told } = rows.get(keyOf(need)) ?? {
    ...need,
    because: 'because' in need ? need.because : undefined,
  };
  rows.set(keyOf(need), {
    ...told,
    environments: environmentsOf(need),
    ...(because !== undefined && !recorded.some((one) => keyOf(one) === keyOf(need)) ? { because } : {}),
  });
}
const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => JSON.stringify(row));
writeFileSync(join(import.meta.dirname, 'golden-access.json'), `[\n  ${sorted.join(',\n  ')}\n]\n`);
process.stdout.write(`${sorted.length} rows\n`);
