import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One recorded behaviour that was not met. */
export interface Failure {
  readonly id: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface SuiteReport {
  readonly suite: string;
  readonly total: number;
  readonly passed: number;
  readonly failed: readonly Failure[];
}

/** Cases recorded from real systems, and what runs them against ours. */
export interface Suite {
  /** As `scripts/conformance.ts` takes it. */
  readonly name: string;
  /** The cases, inside the conformance folder. */
  readonly file: string;
  /** Further files of the same suite, whose `cases` are run with the first one's. */
  readonly moreFiles?: readonly string[];
  /** `cases` is the parsed file. */
  run(cases: unknown): SuiteReport | Promise<SuiteReport>;
}

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** Where the recorded cases are: beside the repository, or where SLUICE_CONFORMANCE says. They are never part of it. */
export const conformanceFolder = (): string =>
  process.env.SLUICE_CONFORMANCE ?? join(REPOSITORY, '..', 'shared', 'conformance');

/** Why the suite cannot run here, or undefined when it can. */
export function reasonToSkip(suite: Pick<Suite, 'file'>): string | undefined {
  const file = join(conformanceFolder(), suite.file);
  return existsSync(file)
    ? undefined
    : `no recorded cases at ${file}; set SLUICE_CONFORMANCE to the folder that has them`;
}

/** Reads a JSON file, gzipped (whatever its name) or not. */
export function readCases(file: string): unknown {
  const bytes = readFileSync(file);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return JSON.parse((zipped ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Runs the suite on its own cases, or on another file of the same shape. */
export async function runSuite(suite: Suite, casesFile?: string): Promise<SuiteReport> {
  if (casesFile !== undefined) return suite.run(readCases(casesFile));
  const [first, ...more] = [suite.file, ...(suite.moreFiles ?? [])].map((file) =>
    readCases(join(conformanceFolder(), file)),
  );
  if (more.length === 0) return suite.run(first);
  const all = [first, ...more].flatMap((file) => (file as { cases: readonly unknown[] }).cases);
  return suite.run({ cases: all });
}
