import { describe, expect, it } from 'vitest';
import { seededIds } from '../../ids.ts';
import { evaluateIntrinsic } from './intrinsics.ts';
import { PathNotFound } from './jsonpath.ts';
import { Problem } from './problem.ts';

const scope = {
  input: {
    list: [1, 2, 3, 4, 5],
    mixed: [1, '1', { a: 1, b: 2 }, { b: 2, a: 1 }, 1],
    left: { a: { x: 1 }, b: 1 },
    right: { a: { y: 2 } },
    text: 'Hello',
    template: 'Hi {}',
    long: 'a'.repeat(10_001),
    longest: 'a'.repeat(10_000),
    big: 2_147_483_647,
  },
  context: { Execution: { Name: 'run' } },
  variable: (name: string) => (name === 'n' ? 7 : undefined),
};
const evaluate = (text: string) => evaluateIntrinsic(text, scope, seededIds('intrinsics'));
const invalid = (text: string, name: string) =>
  `The function '${text}' had the following error: Invalid arguments in States.${name}`;

describe('an intrinsic function', () => {
  it.each([
    [`States.Format('{} of {}', 1, $.text)`, '1 of Hello'],
    [String.raw`States.Format('\{\} \'{}\' \\', true)`, String.raw`{} 'true' \ `.trimEnd()],
    [`States.Format($.template, $$.Execution.Name)`, 'Hi run'],
    [`States.Format('{}', $.right)`, '{a={y=2}}'],
    [`States.Format('{}', null)`, 'null'],
    [`States.StringToJson('{"a":[1]}')`, { a: [1] }],
    [`States.StringToJson('')`, null],
    [`States.StringToJson(' ')`, null],
    ['States.JsonToString($.right)', '{"a":{"y":2}}'],
    [`States.Array(1, 'a', $n, null, States.Array())`, [1, 'a', 7, null, []]],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [3, 4], [5]]],
    ['States.ArrayPartition($.list, 1.5)', [[1, 2], [3, 4], [5]]],
    ['States.ArrayContains($.mixed, 1)', true],
    [`States.ArrayContains($.list, '1')`, false],
    ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
    ['States.ArrayRange(5, 1, -2)', [5, 3, 1]],
    ['States.ArrayRange(5, 1, 2)', []],
    ['States.ArrayRange(0.6, 3.4, 1)', [1, 2, 3]],
    ['States.ArrayGetItem($.list, 4)', 5],
    ['States.ArrayLength($.list)', 5],
    ['States.ArrayUnique($.mixed)', [1, '1', { b: 2, a: 1 }]],
    [`States.Base64Encode('Data')`, 'RGF0YQ=='],
    [`States.Base64Decode('RGF0YQ==')`, 'Data'],
    [`States.Hash('input data', 'SHA-1')`, 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    [`States.Hash('', 'MD5')`, 'd41d8cd98f00b204e9800998ecf8427e'],
    ['States.JsonMerge($.left, $.right, false)', { a: { y: 2 }, b: 1 }],
    ['States.MathAdd(2.5, -3)', 0],
    ['States.MathAdd($.big, 0)', 2_147_483_647],
    [`States.StringSplit('a,b;;c', ',;')`, ['a', 'b', 'c']],
    [`States.StringSplit('abc', '')`, ['abc']],
  ])('%s is %j', (text, value) => {
    expect(evaluate(text)).toEqual(value);
  });

  it.each([
    ['States.ArrayPartition($.list, 0)', 'ArrayPartition'],
    ['States.ArrayPartition($.list, 0.4)', 'ArrayPartition'],
    ['States.ArrayPartition($.list, -1)', 'ArrayPartition'],
    ['States.ArrayPartition($.text, 1)', 'ArrayPartition'],
    ['States.ArrayRange(1, 1001, 1)', 'ArrayRange'],
    ['States.ArrayRange(1, 9, 0)', 'ArrayRange'],
    ['States.ArrayGetItem($.list, 5)', 'ArrayGetItem'],
    ['States.ArrayGetItem($.list, -1)', 'ArrayGetItem'],
    ['States.ArrayLength()', 'ArrayLength'],
    ['States.ArrayLength($.list, 1)', 'ArrayLength'],
    ['States.Base64Encode($.long)', 'Base64Encode'],
    ['States.Base64Decode($.long)', 'Base64Decode'],
    [`States.Base64Decode('no base64!')`, 'Base64Decode'],
    [`States.Hash($.long, 'MD5')`, 'Hash'],
    [`States.Hash('a', 'SHA1')`, 'Hash'],
    ['States.JsonMerge($.left, $.right, true)', 'JsonMerge'],
    ['States.JsonMerge($.left, $.list, false)', 'JsonMerge'],
    ['States.MathAdd(2147483648, 0)', 'MathAdd'],
    [`States.MathAdd('1', 0)`, 'MathAdd'],
    ['States.MathRandom(9, 1)', 'MathRandom'],
    ['States.UUID(1)', 'UUID'],
  ])('%s fails with States.IntrinsicFailure, and says which arguments', (text, name) => {
    expect(() => evaluate(text)).toThrow(new Problem('States.IntrinsicFailure', invalid(text, name)));
  });

  it.each([`States.Format('{} {}', 1)`, `States.Format('{}', 1, 2)`])(
    '%s fails when the arguments are not as many as the {}',
    (text) => {
      expect(() => evaluate(text)).toThrow('Number of arguments do not match the occurrences of {}');
    },
  );

  it('takes text up to 10,000 characters, and ranges up to 1000 numbers', () => {
    expect(evaluate(`States.Hash($.longest, 'MD5')`)).toMatch(/^[0-9a-f]{32}$/);
    expect(evaluate('States.ArrayRange(1, 1000, 1)')).toHaveLength(1000);
  });

  it('tells what in a text is no JSON', () => {
    expect(() => evaluate(`States.StringToJson('{')`)).toThrow("Invalid JSON was passed to 'States.StringToJson'");
  });

  it('passes a path that leads nowhere on to whoever says in which field it stands', () => {
    expect(() => evaluate(`States.Format('{}', $.no)`)).toThrow(PathNotFound);
  });

  it('gives the same random number for the same seed, from the first bound up to before the second', () => {
    const drawn = Array.from({ length: 50 }, (_, seed) => evaluate(`States.MathRandom(1, 4, ${seed})`) as number);
    expect(new Set(drawn)).toEqual(new Set([1, 2, 3]));
    expect(evaluate('States.MathRandom(1, 1000000, 5)')).toBe(evaluate('States.MathRandom(1, 1000000, 5)'));
  });

  it('makes UUIDs of version 4', () => {
    expect(evaluate('States.UUID()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
