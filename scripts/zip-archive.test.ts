import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { zipArchive } from './zip-archive.ts';

it('packs a file so that others can unpack it, and always into the same bytes', async () => {
  const content = Buffer.from('export const handler = async () => "ünïcode";\n'.repeat(5000));
  const archive = await zipArchive('index.mjs', content);
  const files = unzipSync(archive);
  expect(Object.keys(files)).toEqual(['index.mjs']);
  expect(Buffer.from(files['index.mjs'] ?? []).equals(content)).toBe(true);
  expect(archive.byteLength).toBeLessThan(content.byteLength / 10);
  expect(Buffer.from(await zipArchive('index.mjs', content)).equals(archive)).toBe(true);
});
