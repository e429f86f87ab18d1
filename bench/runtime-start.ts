import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { launchRuntime, stopRuntime } from '../cli/local/runtime-process.ts';
import { packageDeployment, stages } from '../scripts/package-deployment.ts';
import type { Report } from './bench.ts';
import { withBenchDirectory } from './bench-directory.ts';
import { machine, median, round } from './machine.ts';

const ROUNDS = 3;
const ROOT = join(import.meta.dirname, '..');

/**
 * The whole runtime with the three environments deployed, from the start of its process until it takes requests: on an empty folder, and again
 * with everything there. The packages are those of the source beforehand, as after any start. Beside it a Node that does nothing.
 */
export const bench = (): Promise<Report> =>
  withBenchDirectory(async (parent) => {
    await packageDeployment(ROOT, stages);
    const first: number[] = [];
    const again: number[] = [];
    const node: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const directory = join(parent, `home-${round}`);
      first.push(await startAndStop(directory));
      // The second start of a folder fills the compile cache; from the third on it is as any day's.
      await startAndStop(directory);
      again.push(await startAndStop(directory));
      node.push(nodeMs());
    }
    return {
      bench: 'runtime-start',
      machine: machine(),
      rows: [
        {
          start: 'on an empty folder: deploys everything',
          medianMs: round(median(first)),
          slowestMs: round(Math.max(...first)),
        },
        { start: 'with everything deployed', medianMs: round(median(again)), slowestMs: round(Math.max(...again)) },
        { start: 'node that does nothing', medianMs: round(median(node)), slowestMs: round(Math.max(...node)) },
      ],
      summary: { rounds: ROUNDS, targetMs: 2000 },
    };
  });

async function startAndStop(directory: string): Promise<number> {
  const beganMs = performance.now();
  await launchRuntime({
    directory,
    port: 0,
    mode: 'background',
    onProgress: () => undefined,
    interrupted: new AbortController().signal,
  });
  const ms = performance.now() - beganMs;
  await stopRuntime(directory);
  return ms;
}

function nodeMs(): number {
  const beganMs = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - beganMs;
}
