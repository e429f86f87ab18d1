import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256, hex. */
export const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Digest of one file; of one that is not there, a text no digest equals. */
export const digestOfFile = (file: string): string => (existsSync(file) ? digestOf(readFileSync(file)) : 'absent');

/** One digest of named files and folders (all files below), by path and content. Paths are relative to `root`. */
export function digestOfTree(root: string, paths: readonly string[]): string {
  const lines = paths
    .flatMap((path) => filesBelow(root, path))
    .map((path) => `${path} ${digestOfFile(join(root, path))}`);
  return digestOf(lines.sort().join('\n'));
}

function filesBelow(root: string, path: string): string[] {
  const full = join(root, path);
  if (!existsSync(full) || !statSync(full).isDirectory()) return [path];
  return readdirSync(full).flatMap((name) => filesBelow(root, join(path, name)));
}
