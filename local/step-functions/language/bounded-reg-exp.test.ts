import { expect, it } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { BoundedRegExp } from './bounded-reg-exp.ts';
import { evaluateExpression } from './jsonata.ts';
import { readPath } from './jsonpath.ts';

const hostile = `${'a'.repeat(60)}b`;

it('finds what a regular expression finds, where it is quick', () => {
  expect(new BoundedRegExp('b(\\d+)x*', 'i').exec('aB12xx')?.slice()).toEqual(['B12xx', '12']);
  expect('a1b2'.replace(new BoundedRegExp('\\d+\\d*', 'g'), '#')).toBe('a#b#');
});

it('gives up a search without end in a JSONPath filter', () => {
  const scope = { input: [hostile], context: {}, variable: () => undefined };
  expect(() => readPath('$[?(@ =~ /(a+)+$/)]', scope)).toThrow('took longer than');
});

it('counts the searches of a replacement together', async () => {
  const scope = { states: { input: `${'a'.repeat(36)}!`, context: {} }, variables: {} };
  const environment = { clock: new VirtualClock(0), ids: seededIds('regex') };
  await expect(
    evaluateExpression("$replace($states.input, /(a|aa)+$/, 'x')", 'Output', scope, environment),
  ).rejects.toThrow('took longer than');
});

it('gives up a search without end in a JSONata expression', async () => {
  const scope = { states: { input: hostile, context: {} }, variables: {} };
  const environment = { clock: new VirtualClock(0), ids: seededIds('regex') };
  await expect(evaluateExpression('$match($states.input, /(a+)+$/)', 'Output', scope, environment)).rejects.toThrow(
    'took longer than',
  );
});
