import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { readRecipeBundle, sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { readRecipe } from './read-recipe.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'credit-risk', 'model.yaml');

function project(): string {
  const directory = mkdtempSync(join(tmpdir(), 'project-'));
  copyFileSync(EXAMPLE, join(directory, 'model.yaml'));
  return directory;
}

test('a recipe is model.yaml and the code below training/, and never the data', () => {
  const directory = project();
  mkdirSync(join(directory, 'training', 'lib'), { recursive: true });
  mkdirSync(join(directory, 'data'));
  writeFileSync(join(directory, 'training', 'lib', 'a.py'), 'pass\n');
  writeFileSync(join(directory, 'data', 'dev.csv'), 'Status\ngood\n');
  const recipe = readRecipe(directory, 'c0ffee');
  expect(recipe).toEqual({
    kind: 'sluice.recipe/1',
    model: 'credit-risk',
    files: { 'model.yaml': readFileSync(EXAMPLE, 'utf8'), 'training/lib/a.py': 'pass\n' },
    commit: 'c0ffee',
  });
  expect(readRecipeBundle(new TextEncoder().encode(sealRecipe(recipe, sha256).text))).toEqual(recipe);
});

test('each problem of model.yaml is told with file, line and column', () => {
  const directory = project();
  const path = join(directory, 'model.yaml');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('classification: confidential', 'clasification: confidential'),
  );
  expect(() => readRecipe(directory, null)).toThrow(new RegExp(`${path}:\\d+:\\d+ .*clasification`));
});

test.each([
  { case: 'no folder', path: () => '/nowhere/at/all', message: /There is no folder/ },
  {
    case: 'a folder without model.yaml',
    path: () => mkdtempSync(join(tmpdir(), 'empty-')),
    message: /holds no model.yaml/,
  },
  {
    case: 'code that is no text',
    path: () => {
      const directory = project();
      mkdirSync(join(directory, 'training'));
      writeFileSync(join(directory, 'training', 'a.bin'), new Uint8Array([0xff, 0xfe, 0xfd]));
      return directory;
    },
    message: /a\.bin is not UTF-8/,
  },
])('$case is refused', ({ path, message }) => {
  expect(() => readRecipe(path(), null)).toThrow(message);
});
