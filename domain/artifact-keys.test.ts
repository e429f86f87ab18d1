import { expect, it } from 'vitest';
import { artifactKeys, modelOfDataKey } from './artifact-keys.ts';

it.each([
  { key: 'credit-risk/data.csv', model: 'credit-risk' },
  { key: 'credit-risk/2026/01/a b+c%2B.csv', model: 'credit-risk' },
  { key: 'credit-risk/../other/data.csv', model: 'credit-risk' },
  { key: 'abc//', model: 'abc' },
])('the key $key is of the model $model', ({ key, model }) => {
  expect(modelOfDataKey(key)).toBe(model);
});

it.each([
  { case: 'no folder', key: 'data.csv' },
  { case: 'nothing after the folder', key: 'credit-risk/' },
  { case: 'an empty folder', key: '/data.csv' },
  { case: 'nothing', key: '' },
  { case: 'capitals', key: 'Credit-Risk/data.csv' },
  { case: 'a name that is too short', key: 'ab/data.csv' },
  { case: 'a name that is too long', key: `${'a'.repeat(41)}/data.csv` },
  { case: 'a name that ends in "-"', key: 'credit-/data.csv' },
  { case: 'a way out of the folder', key: '../credit-risk/data.csv' },
  { case: 'Unicode', key: 'crédit/data.csv' },
])('a key with $case names no model', ({ key }) => {
  expect(modelOfDataKey(key)).toBeUndefined();
});

it('only what is offered lies under outbound/', () => {
  const { outbound, ...others } = artifactKeys;
  expect(outbound('candidate-x', 'recipe.json')).toBe('outbound/candidate-x/recipe.json');
  const keys = [
    others.incoming('m', 'd'),
    others.recipe('d'),
    others.work('d'),
    others.package('m', 'd', 'model.onnx'),
  ];
  expect(keys).toEqual(['incoming/m/d.json', 'recipes/d.json', 'work/d', 'models/m/d/model.onnx']);
});
