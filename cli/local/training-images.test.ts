import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTrainingImages } from './training-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'images-'));
const file = (content: unknown): string => {
  const path = join(folder, 'images.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

test('programs start beside the file, or where it says', () => {
  const command = ['node', 'train.mjs'];
  expect(readTrainingImages(file({ 'local://a': { command }, 'local://b': { command, directory: 'b' } }))).toEqual({
    'local://a': { command, directory: folder },
    'local://b': { command, directory: join(folder, 'b') },
  });
});

test.each([
  ['{', /JSON/],
  [[], /not a JSON object/],
  [{ a: 'node' }, /"a" is not an object/],
  [{ a: {} }, /the command of "a"/],
  [{ a: { command: [] } }, /the command of "a"/],
  [{ a: { command: ['node', 1] } }, /the command of "a"/],
  [{ a: { command: ['node'], directory: 1 } }, /the directory of "a"/],
  [{ a: { command: ['node'], cwd: '.' } }, /"cwd", which means nothing/],
])('%j is refused, and why', (content, says) => {
  expect(() => readTrainingImages(file(content))).toThrow(says);
});

test('a file that is not there is named', () => {
  expect(() => readTrainingImages(join(folder, 'none.json'))).toThrow(/none\.json names no training images: ENOENT/);
});
