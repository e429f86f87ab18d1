import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { evaluateExpression, evaluateJsonataTemplate } from './jsonata.ts';

const environment = { clock: new VirtualClock(Date.UTC(2026, 1, 3)), ids: seededIds('s') };
const scope = { states: { input: { list: [1, 2, 3] }, context: {} }, variables: { limit: 2 } };
const evaluate = (text: string) => evaluateExpression(text, 'Output', scope, environment);

describe('a JSONata expression', () => {
  it.each([
    ['$partition($states.input.list, $limit)', [[1, 2], [3]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ["$hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'],
    ['$parse(\'{"a":[1]}\').a', [1]],
    ['$random(7) = $random(7)', true],
    ['$now()', '2026-02-03T00:00:00.000Z'],
    ['$millis()', Date.UTC(2026, 1, 3)],
    ['$states.input.list[$ > 1]', [2, 3]],
    ['$range(1, 1000, 1) ~> $count()', 1000],
    ['$hash({"a": 1}, "SHA-256")', '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'],
    ['$match("ab12", /[0-9]+/).match', '12'],
    ['$replace("a.b.c", /\\./, "-")', 'a-b-c'],
    ['($limit := 5; $limit)', 5],
    ['null', null],
    ['$pad("é", 3)', 'é  '],
    ['$pad("é", -4, "#+")', '#+#é'],
    ['["a", "b"].$pad(2, "-")', ['a-', 'b-']],
    ['$exists($pad($states.input.nothing, 5))', false],
  ])('%s is %j', async (text, value) => {
    expect(await evaluate(text)).toEqual(value);
  });

  it.each([
    ['$eval("1")', 'T1006'],
    ['$unknown', 'returned nothing (undefined)'],
    ['function($x) { $x }', 'returned an unsupported result type.'],
    ['$range(1, 1001, 1)', 'at most 1000 numbers'],
    ['$range(1, 9)', 'takes a start, an end and a step'],
    ['$partition($states.input.list, 0)', 'a positive size'],
    ["$hash('a', 'CRC')", 'does not know the algorithm CRC'],
    ['$parse(1)', 'takes a string of JSON'],
    ['$hash($states.input.nothing, "MD5")', 'returned nothing (undefined)'],
    ['$', 'returned nothing (undefined)'],
    ['$states.result', 'returned nothing (undefined)'],
    ['$map([1..1000000], function($i) { $i * 2 }) ~> $sum()', 'D1012'],
    ['$parse("{")', 'not valid JSON'],
    ['$pad("", 100000000)', 'at most 1000000 characters'],
    ['($deep := function($n) { 1 + $deep($n) }; $deep(1))', 'D1011'],
  ])('%s is States.QueryEvaluationError: %s', async (text, message) => {
    await expect(evaluate(text)).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      location: 'Output',
      message: expect.stringContaining(message),
    });
  });

  it('is found at any depth of a template, and a problem names its place', async () => {
    const template = { a: ['{% $limit %}', { b: ' {% not one %}' }], c: '{% $nothing %}' };
    await expect(evaluateJsonataTemplate(template, 'Arguments', scope, environment)).rejects.toMatchObject({
      location: 'Arguments/c',
    });
    expect(await evaluateJsonataTemplate({ a: template.a }, 'Arguments', scope, environment)).toEqual({
      a: [2, { b: ' {% not one %}' }],
    });
  });
});
