import { expect, it } from 'vitest';
import { classifications, mayCross } from './classification.ts';

it('only what is public or internal crosses a border', () => {
  expect(classifications.filter(mayCross)).toEqual(['public', 'internal']);
});

it('nothing that is more sensitive than what may not cross may cross', () => {
  const crosses = classifications.map(mayCross);
  expect(crosses).toEqual([...crosses].sort((a, b) => Number(b) - Number(a)));
});
