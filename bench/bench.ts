/**
 * `npm run bench -- NAME [--json]`: measures, and prints a table or one JSON object. Figures are only good beside their reference,
 * measured in the same run on the same machine. What was measured when stands in bench/README.md.
 */
const benches: Readonly<Record<string, () => Promise<{ bench(): Promise<Report> }>>> = {
  'cold-start': () => import('./cold-start.ts'),
  dynamodb: () => import('./dynamodb.ts'),
  eventbridge: () => import('./eventbridge.ts'),
  lambda: () => import('./lambda.ts'),
  pipeline: () => import('./pipeline.ts'),
  s3: () => import('./s3.ts'),
  'runtime-start': () => import('./runtime-start.ts'),
  'step-functions': () => import('./step-functions.ts'),
};

export interface Report {
  readonly bench: string;
  /** The machine, as far as it matters for the figures. */
  readonly machine: { readonly cores: number; readonly node: string; readonly platform: string };
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly summary: Readonly<Record<string, string | number>>;
}

const [name = '', ...rest] = process.argv.slice(2);
const load = benches[name];
if (!load || rest.some((argument) => argument !== '--json')) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json]`);
  process.exit(2);
}
const report = await (await load()).bench();
if (rest.includes('--json')) console.log(JSON.stringify(report));
else {
  console.table(report.rows);
  console.table(report.summary);
}
// A runtime that a benchmark started may have handles left; its measurements are over.
process.exit(0);
