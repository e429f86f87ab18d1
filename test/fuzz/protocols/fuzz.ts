import { seededRandom } from '../../../ml/seeded-random.ts';
import { judge } from './answer-shape.ts';
import { chunkedCase } from './chunked-case.ts';
import type { FuzzCase, MakeCase } from './fuzz-case.ts';
import { httpCase } from './http-case.ts';
import { jsonCase } from './json-case.ts';
import { lambdaCase } from './lambda-case.ts';
import { queryCase } from './query-case.ts';
import type { Usage } from './runtime.ts';
import { RuntimeEnded, startRuntimeProcess } from './runtime-process.ts';
import { s3Case } from './s3-case.ts';
import { signatureCase } from './signature-case.ts';
import { exchange } from './wire.ts';

/** What is fuzzed, each in a runtime of its own. */
export const PROTOCOLS: Readonly<Record<string, MakeCase>> = {
  json: jsonCase,
  query: queryCase,
  s3: s3Case,
  lambda: lambdaCase,
  chunked: chunkedCase,
  signatures: signatureCase,
  http: httpCase,
};

export interface Finding {
  readonly protocol: string;
  readonly number: number;
  readonly operation: string;
  readonly findings: readonly string[];
  /** What was sent, cut. */
  readonly request: string;
}

export interface ProtocolReport {
  readonly protocol: string;
  readonly seed: number;
  readonly cases: number;
  /** Only cases with findings. */
  readonly failed: readonly Finding[];
  /** How many cases were answered how. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Resident memory of the runtime's process when the first hundred cases were done, and at its most after that. */
  readonly rssMb: { readonly first: number; readonly most: number };
  /** Of the runtime's process, for the case that took most. */
  readonly longestCpuMs: number;
  readonly seconds: number;
}

/** A request may keep the process busy for this long. */
const MOST_CPU_MS = 1000;
/** What the process may hold, whatever it is sent: its heap, what SQLite caches, and its functions' sandboxes. */
export const MOST_RSS_MB = 768;
/** An answer that has not come by then is none; waiting for something is cut off sooner. */
const NO_ANSWER_AFTER_MS = 20_000;
const WAITS_CUT_AFTER_MS = 1_000;
/** What right requests took away is made again so often. */
const RESTORED_EVERY = 200;
const MOST_SHOWN = 3000;
const WARM_AFTER = 100;
const MB = 1024 * 1024;

export interface FuzzOptions {
  readonly protocol: string;
  readonly seed: number;
  readonly cases: number;
  /** The number of the first case. */
  readonly from?: number;
  readonly onEnded?: (done: number) => void;
}

/** So many wrong requests of a protocol, which follow from the seed alone. */
export async function fuzzProtocol({ protocol, seed, cases, from = 0, onEnded }: FuzzOptions): Promise<ProtocolReport> {
  const make = Object.hasOwn(PROTOCOLS, protocol) ? PROTOCOLS[protocol] : undefined;
  if (!make) throw new Error(`No protocol ${protocol}: there are ${Object.keys(PROTOCOLS).join(', ')}`);
  const startedMs = performance.now();
  const failed: Finding[] = [];
  const outcomes: Record<string, number> = {};
  const rssMb = { first: 0, most: 0 };
  let longestCpuMs = 0;
  let runtime = await startRuntimeProcess();
  let before = await runtime.usage();
  for (let number = from; number < from + cases; number++) {
    const one = make(seededRandom(seed * 1_000_003 + number), runtime.world);
    const findings: string[] = [];
    let outcome: string;
    try {
      if (number % RESTORED_EVERY === 0) before = await runtime.restore();
      const withinMs = one.mayWait ? WAITS_CUT_AFTER_MS : NO_ANSWER_AFTER_MS;
      const answer = await exchange(
        runtime.world.port,
        { pieces: one.pieces, halfClose: one.halfClose ?? false },
        withinMs,
      );
      const judged = judge(one, answer);
      outcome = judged.outcome;
      findings.push(...judged.findings);
      const after = await runtime.usage();
      longestCpuMs = Math.max(longestCpuMs, after.cpuMs - before.cpuMs);
      findings.push(...cost(before, after));
      const rss = after.rssBytes / MB;
      if (number - from === Math.min(WARM_AFTER, cases) - 1) rssMb.first = Math.round(rss);
      rssMb.most = Math.max(rssMb.most, Math.round(rss));
      before = after;
      if (takesAway(one) && answer.statusCode < 300) before = await runtime.restore();
    } catch (error) {
      if (!(error instanceof RuntimeEnded)) throw error;
      outcome = 'broke';
      findings.push(error.message);
      await runtime.end();
      runtime = await startRuntimeProcess();
      before = await runtime.usage();
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (findings.length > 0) failed.push({ protocol, number, operation: one.operation, findings, request: shown(one) });
    onEnded?.(number + 1 - from);
  }
  await runtime.end();
  return {
    protocol,
    seed,
    cases,
    failed,
    outcomes,
    rssMb,
    longestCpuMs: Math.round(longestCpuMs),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

function cost(before: Usage, after: Usage): string[] {
  const cpuMs = after.cpuMs - before.cpuMs;
  const rss = after.rssBytes / MB;
  return [
    ...(cpuMs > MOST_CPU_MS ? [`it kept the processor busy for ${Math.round(cpuMs)} ms`] : []),
    ...(rss > MOST_RSS_MB ? [`the process holds ${Math.round(rss)} MB`] : []),
    ...after.defects.map((defect) => `a defect in the log: ${defect}`),
    ...after.pollution.map((name) => `Object.prototype has a member ${name} now`),
  ];
}

const takesAway = ({ operation }: FuzzCase): boolean => /:(?:Delete|Purge|Remove|PutBucket|Update)/.test(operation);

const shown = ({ pieces }: FuzzCase): string => Buffer.concat(pieces).toString('latin1').slice(0, MOST_SHOWN);

/** The command that shows a finding again. What right requests before it changed is part of it, back to the last time things were restored. */
export const again = ({ protocol, number }: Finding, seed: number): string => {
  const first = number - (number % RESTORED_EVERY);
  return `npm run fuzz -- protocols --protocol ${protocol} --seed ${seed} --from ${first} --cases ${number - first + 1}`;
};
