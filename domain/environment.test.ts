import { expect, it } from 'vitest';
import { environments, nextEnvironment, predecessorOf } from './environment.ts';

it('environments stand in the order of promotion, without a way around', () => {
  expect(environments.map(nextEnvironment)).toEqual(['acc', 'prd', null]);
  expect(environments.map(predecessorOf)).toEqual([null, 'dev', 'acc']);
});
