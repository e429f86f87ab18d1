import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tarOf } from './ustar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-ustar-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function packed(from: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tarOf(from)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('tar unpacks files, folders, links, long names and other alphabets as they were', async () => {
  const from = join(folder, 'from');
  const long = `${'deep/'.repeat(30)}${'n'.repeat(120)}-ä.bin`;
  mkdirSync(join(from, 'deep/'.repeat(30)), { recursive: true });
  const contents: Record<string, Buffer> = {
    'a.txt': Buffer.from('text'),
    empty: Buffer.alloc(0),
    'block.bin': Buffer.alloc(512, 7),
    'more.bin': Buffer.alloc(100_001, 9),
    [long]: Buffer.from('far away'),
  };
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(from, name), content);
  symlinkSync('a.txt', join(from, 'link'));
  const archive = join(folder, 'archive.tar');
  writeFileSync(archive, await packed(from));
  const to = join(folder, 'to');
  mkdirSync(to);
  execFileSync('tar', ['-xf', archive, '-C', to]);
  for (const [name, content] of Object.entries(contents)) expect(readFileSync(join(to, name)), name).toEqual(content);
  expect(readFileSync(join(to, 'link'), 'utf8')).toBe('text');
  expect(execFileSync('tar', ['-tf', archive], { encoding: 'utf8' }).split('\n')).toContain('a.txt');
});

test('an empty folder is an archive of nothing', async () => {
  expect(await packed(folder)).toEqual(Buffer.alloc(1024));
});
