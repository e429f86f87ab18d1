import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_TRIES_MS = 50;
/** Longer than any build takes: whoever waits this long waits for a process that hangs. */
const PATIENCE_MS = 180_000;

/**
 * Runs `work` while no other process (or call) does so for the same root. The lock is a lock of SQLite's, so that a process that is killed
 * leaves none behind. Throws when another holds it for three minutes.
 */
export async function oneAtATime<T>(root: string, work: () => Promise<T>): Promise<T> {
  const folder = join(root, '.serverless');
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, '.lock'), { timeout: 0 });
  try {
    await acquire(lock, folder);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, folder: string): Promise<void> {
  for (const startedMs = performance.now(); ; await pause(BETWEEN_TRIES_MS)) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      if (performance.now() - startedMs > PATIENCE_MS)
        throw new Error(`another build has held ${folder}/.lock for three minutes`);
    }
  }
}

const SQLITE_BUSY = 5;
