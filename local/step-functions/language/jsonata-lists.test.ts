import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { evaluateExpression } from './jsonata.ts';

const ours = (text: string, list: unknown): Promise<unknown> =>
  evaluateExpression(
    text,
    'Output',
    { states: { input: {}, context: {} }, variables: { list } },
    {
      clock: systemClock,
      ids: seededIds('lists'),
    },
  );
const theirs = async (text: string, list: unknown): Promise<unknown> =>
  JSON.parse(JSON.stringify(await jsonata(text).evaluate(undefined, { list })));

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('1', 'a', ''),
  fc.boolean(),
  fc.constant(null),
  fc.record({ a: fc.integer({ min: 0, max: 1 }), b: fc.integer({ min: 0, max: 1 }) }),
  fc.record({ b: fc.integer({ min: 0, max: 1 }), a: fc.integer({ min: 0, max: 1 }) }),
  fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
);

describe('$distinct and $sort', () => {
  it.each([
    ['$distinct($list)', fc.array(value, { minLength: 2 })],
    ['$sort($list)', fc.array(fc.integer(), { minLength: 2 })],
    ['$sort($list)', fc.array(fc.string(), { minLength: 2 })],
    [
      '$sort($list, function($l, $r) { $l.k > $r.k })',
      fc.array(fc.record({ k: fc.nat(3), n: fc.nat() }), { minLength: 2 }),
    ],
  ] as [string, fc.Arbitrary<unknown[]>][])('%s is what the jsonata package makes of it', async (text, lists) => {
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        expect(await ours(text, list)).toEqual(await theirs(text, list));
      }),
    );
  });

  it('a list of numbers and strings cannot be sorted without saying how', async () => {
    await expect(ours('$sort($list)', [1, 'a'])).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      message: expect.stringContaining('D3070'),
    });
  });

  it('take as long a list as a payload can hold', async () => {
    const list = Array.from({ length: 130_000 }, (_, index) => 130_000 - index);
    expect(await ours('$count($distinct($list))', list)).toBe(130_000);
    expect(await ours('$sort($list)[0]', list)).toBe(1);
  });
});
