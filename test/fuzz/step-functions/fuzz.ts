import { Worker } from 'node:worker_threads';
import type { CaseReport } from './fuzz-case.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly cases: number;
  /** Only those with findings. */
  readonly failed: readonly CaseReport[];
  /** How many cases ended how. */
  readonly ends: Readonly<Record<string, number>>;
  readonly seconds: number;
}

type Message =
  | { readonly kind: 'begins'; readonly number: number }
  | { readonly kind: 'ended'; readonly report: CaseReport };

/** A case that says nothing for so long hangs: far more than the second that is allowed, for the machine may be busy. */
const HANGS_AFTER_MS = 30_000;

/** So many cases, which follow from the seed alone, in a thread that is ended when it hangs or breaks. */
export async function fuzz(
  seed: number,
  cases: number,
  onEnded: (done: number) => void = () => {},
  first = 0,
): Promise<FuzzReport> {
  const startedMs = performance.now();
  const failed: CaseReport[] = [];
  const ends: Record<string, number> = {};
  const end = first + cases;
  for (let from = first; from < end; ) {
    from = await run(seed, from, end, HANGS_AFTER_MS, (report) => {
      ends[report.end] = (ends[report.end] ?? 0) + 1;
      if (report.findings.length > 0) failed.push(report);
      onEnded(report.number + 1 - first);
    });
  }
  return { seed, cases, failed, ends, seconds: (performance.now() - startedMs) / 1000 };
}

/** Resolves with the number of the first case that was not taken. */
function run(
  seed: number,
  from: number,
  to: number,
  hangsAfterMs: number,
  onEnded: (report: CaseReport) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: { seed, from, to } });
    let at = from;
    let watch: NodeJS.Timeout;
    const broke = (finding: string) => {
      clearTimeout(watch);
      worker.removeAllListeners();
      worker.once('error', () => {});
      onEnded({ seed, number: at, findings: [finding], end: 'broke', definition: '', input: '' });
      void worker.terminate().then(() => resolve(at + 1));
    };
    const arm = () => {
      clearTimeout(watch);
      watch = setTimeout(() => broke(`hangs for more than ${hangsAfterMs / 1000} s`), hangsAfterMs);
    };
    arm();
    worker.on('message', (message: Message) => {
      if (message.kind === 'begins') at = message.number;
      else {
        onEnded(message.report);
        at = message.report.number + 1;
      }
      arm();
    });
    worker.on('error', (error) => broke(`the thread broke: ${error instanceof Error ? error.stack : String(error)}`));
    worker.on('exit', () => {
      // With nothing left to do: what it waited for will never come.
      if (at < to) return broke('waits for something that nobody does');
      clearTimeout(watch);
      resolve(to);
    });
  });
}
