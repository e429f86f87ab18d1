import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Report } from './bench.ts';
import { machine, median, round } from './machine.ts';

const DIST = join(import.meta.dirname, '../dist');
const RUNS = 7;

/** Everything that a handler reads when it is imported; the values are never used. */
const SETTINGS = Object.fromEntries(
  [
    'REGISTRY_TABLE',
    'BUS',
    'DATA_BUCKET',
    'ARTIFACTS_BUCKET',
    'SIGNING_KEY',
    'TRAIN_MACHINE',
    'PROMOTE_MACHINE',
    'PREDICT_URL',
  ].map((name) => [`SLUICE_${name}`, 'x']),
);

/** Milliseconds from before the import of the module to its handler being there, in a new process, without a compile cache. */
function importMs(file: string): number {
  const code = `const t = performance.now(); const m = await import(${JSON.stringify(pathToFileURL(file).href)}); if (typeof m.handler !== 'function') throw new Error('no handler'); console.log(performance.now() - t);`;
  const env = { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', SLUICE_ENVIRONMENT: 'dev', ...SETTINGS };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' }));
}

/** Import time and size of each function's bundle, against a handler that does nothing. Build first: `npm run build`. */
export async function bench(): Promise<Report> {
  const temporary = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const empty = join(temporary, 'empty.mjs');
    writeFileSync(empty, 'export const handler = async () => ({});\n');
    const names = readdirSync(DIST, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    if (names.length === 0) throw new Error('dist/ is empty: run "npm run build" first');
    // Round by round, so that a slow moment of the machine meets all of them.
    const times = new Map<string, number[]>([['', []], ...names.map((name): [string, number[]] => [name, []])]);
    for (let run = 0; run < RUNS; run++) {
      for (const [name, values] of times) values.push(importMs(name === '' ? empty : join(DIST, name, 'index.mjs')));
    }
    const emptyMs = median(times.get('') ?? []);
    const rows = names.map((name) => {
      const ms = median(times.get(name) ?? []);
      const bytes = statSync(join(DIST, name, 'index.mjs')).size;
      return { function: name, bytes, importMs: round(ms), overEmptyMs: round(ms - emptyMs) };
    });
    return {
      bench: 'cold-start',
      machine: machine(),
      rows,
      summary: {
        functions: rows.length,
        emptyMs: round(emptyMs, 2),
        medianImportMs: round(median(rows.map((row) => row.importMs))),
        slowestImportMs: Math.max(...rows.map((row) => row.importMs)),
        medianBytes: median(rows.map((row) => row.bytes)),
        largestBytes: Math.max(...rows.map((row) => row.bytes)),
        runs: RUNS,
      },
    };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
