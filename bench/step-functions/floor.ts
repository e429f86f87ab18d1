import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import type { Written } from './bench-engine.ts';

/** Milliseconds that the disk alone takes: the same bytes in as many appends, each with an fdatasync. */
export function floorMs(file: string, { commits, bytes }: Written): number {
  const block = Buffer.alloc(Math.ceil(bytes / commits), 'x');
  const descriptor = openSync(file, 'a');
  const beganMs = performance.now();
  for (let commit = 0; commit < commits; commit++) {
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
  }
  const ms = performance.now() - beganMs;
  closeSync(descriptor);
  return ms;
}
