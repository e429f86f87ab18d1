/**
 * Reading and checking tables: `node bench/validate.ts [--json] [--megabytes 500]`. Writes a CSV file of that size from
 * examples/credit-risk to the temporary folder, and tells MB per second of CPU and the largest resident memory of
 *   csv-parse   the library, reading alone
 *   read        adapters/tables
 *   validate    the same with domain/data-contract
 *   unique      10 million keys in domain/data-contract/row-keys.ts
 * Each in a process of its own. A Lambda of 512 MB has 0.29 of a CPU (AWS: 1769 MB are one).
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse as csvParse } from 'csv-parse';
import { openTable } from '../adapters/tables/open-table.ts';
import type { TableSource } from '../adapters/tables/table-source.ts';
import { parseModelDefinition } from '../contracts/model-definition/parse.ts';
import { createDataValidator } from '../domain/data-contract/data-validator.ts';
import { RowKeys } from '../domain/data-contract/row-keys.ts';

const example = new URL('../examples/credit-risk/', import.meta.url);
const UNIQUE_KEYS = 10_000_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    megabytes: { type: 'string', default: '500' },
    run: { type: 'string' },
    file: { type: 'string' },
  },
});

interface Measured {
  readonly what: string;
  /** Of CPU, so that what else the machine does is not measured; the collector's threads are counted. */
  readonly seconds: number;
  readonly rows: number;
  readonly megabytesPerSecond: number | null;
  readonly residentMegabytes: number;
}

if (values.run !== undefined) console.log(JSON.stringify(await measure(values.run, values.file ?? '')));
else main();

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const file = join(folder, 'table.csv');
    writeTable(file, Number(values.megabytes) * 1e6);
    const results = ['csv-parse', 'read', 'validate', 'unique'].map((what) => {
      // A heap as large as a Lambda of 512 MB leaves it.
      const args = ['--max-old-space-size=384', fileURLToPath(import.meta.url), '--run', what, '--file', file];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured;
    });
    if (values.json) console.log(JSON.stringify(results, null, 2));
    else console.table(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeTable(file: string, bytes: number): void {
  const [header, ...rows] = readFileSync(new URL('data/credit_data.csv', example), 'utf8').split('\n').slice(0, -1);
  const block = `${rows.join('\n')}\n`;
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `${header}\n`);
  for (let written = 0; written < bytes; written += block.length) writeSync(descriptor, block);
  closeSync(descriptor);
}

async function measure(what: string, file: string): Promise<Measured> {
  const before = process.cpuUsage();
  const rows = what === 'unique' ? addKeys() : await { 'csv-parse': library, read, validate }[what]!(file);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const megabytesPerSecond = what === 'unique' ? null : Math.round(statSync(file).size / 1e6 / seconds);
  return {
    what,
    seconds,
    rows,
    megabytesPerSecond,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
  };
}

async function library(file: string): Promise<number> {
  let count = 0;
  for await (const _ of createReadStream(file).pipe(csvParse({ bom: true }))) count += 1;
  return count - 1;
}

async function read(file: string): Promise<number> {
  let count = 0;
  for await (const { rows } of (await openTable(fileSource(file))).batches()) count += rows.length;
  return count;
}

async function validate(file: string): Promise<number> {
  const parsed = parseModelDefinition(readFileSync(new URL('model.yaml', example), 'utf8'), 'model.yaml');
  if (!parsed.ok) throw new Error(parsed.message);
  const { data } = parsed.definition;
  const validator = createDataValidator({ ...data, rows: { min: 1, max: Number.MAX_SAFE_INTEGER } });
  const table = await openTable(fileSource(file));
  validator.header(table.header);
  for await (const { firstRow, rows } of table.batches()) {
    for (let index = 0; index < rows.length; index++) validator.row(firstRow + index, rows[index]!);
  }
  const report = validator.finish();
  if (report.verdict !== 'accepted') throw new Error(report.violations.map(({ message }) => message).join('\n'));
  return report.rows;
}

function addKeys(): number {
  const keys = new RowKeys();
  let repeats = 0;
  for (let index = 0; index < UNIQUE_KEYS; index++) {
    keys.begin();
    keys.add(`customer-${index}`, false);
    if (!keys.end()) repeats += 1;
  }
  if (repeats > 0) throw new Error(`${repeats} keys were taken for others`);
  return UNIQUE_KEYS;
}

function fileSource(file: string): TableSource {
  return {
    key: file,
    bytes: statSync(file).size,
    stream: async () => createReadStream(file),
    range: async (start, end) => {
      const bytes = Buffer.alloc(end - start + 1);
      const descriptor = openSync(file, 'r');
      readSync(descriptor, bytes, 0, bytes.length, start);
      closeSync(descriptor);
      return bytes;
    },
  };
}
