import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `use` with a folder that is gone afterwards: on a disk, for `/tmp` is memory on many systems (`SLUICE_BENCH_DIRECTORY`). */
export async function withBenchDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const parent = process.env.SLUICE_BENCH_DIRECTORY ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'sluice-bench-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
