import { expect, test } from 'vitest';
import type { Change } from '../local/deploy/deploy-stack.ts';
import { toldChanges } from './told-changes.ts';

const change = (n: number, action: Change['action']): Change => ({
  logicalId: `R${n}`,
  type: 'AWS::SQS::Queue',
  action,
});

test('few changes are told one by one, many are counted, none is said', () => {
  expect(toldChanges('dev', [change(1, 'updated'), change(2, 'retained')])).toEqual([
    'dev: updated R1 (AWS::SQS::Queue)',
    'dev: retained R2 (AWS::SQS::Queue)',
  ]);
  const many = Array.from({ length: 12 }, (_, n) => change(n, n < 10 ? 'created' : 'deleted'));
  expect(toldChanges('acc', many)).toEqual(['acc: 10 created, 2 deleted']);
  expect(toldChanges('prd', [])).toEqual(['prd is as before']);
});
