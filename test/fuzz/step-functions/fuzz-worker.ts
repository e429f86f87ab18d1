import { parentPort, workerData } from 'node:worker_threads';
import { fuzzCase, originals } from './fuzz-case.ts';

/** Takes case after case, telling which it takes and what became of it, so that who watches knows where it hangs. */
const { seed, from, to } = workerData as { seed: number; from: number; to: number };
const all = originals(seed);
for (let number = from; number < to; number++) {
  parentPort!.postMessage({ kind: 'begins', number });
  parentPort!.postMessage({ kind: 'ended', report: await fuzzCase(seed, number, all) });
}
