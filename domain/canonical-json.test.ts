import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
};
const withoutMinusZero = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('canonical JSON', () => {
  it('is the same whatever order the keys were given in', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(value) === canonicalJson(shuffled(value))));
  });

  it('comes back as the value that went in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(withoutMinusZero(value));
      }),
    );
  });

  it('is another text for another value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(shuffledBack(a)) === JSON.stringify(shuffledBack(b));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same);
      }),
    );
  });

  it.each([
    {
      case: 'keys by UTF-16 code units',
      value: { b: 1, a: 2, '€': 3, é: 4, B: 5 },
      text: '{"B":5,"a":2,"b":1,"é":4,"€":3}',
    },
    { case: 'no white space', value: { a: [1, { b: null }] }, text: '{"a":[1,{"b":null}]}' },
    { case: 'absent and undefined members alike', value: { a: undefined, b: 1 }, text: '{"b":1}' },
    { case: 'undefined in a list as null', value: [undefined, 1], text: '[null,1]' },
    { case: 'a hole in a list as null', value: Array(2), text: '[null,null]' },
    { case: 'numbers as ECMAScript prints them', value: [1e21, 0.1, -0, 1e-7], text: '[1e+21,0.1,0,1e-7]' },
  ])('writes $case', ({ value, text }) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1n, () => 1, Symbol('a')])(
    'refuses what JSON cannot say: %s',
    (value) => {
      expect(() => canonicalJson({ deep: [value] })).toThrow(RangeError);
    },
  );
});

/** Keys sorted, by another way than the code under test. */
function shuffledBack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffledBack);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return keys.map((key) => [key, shuffledBack((value as Record<string, unknown>)[key]), 'member']).concat([['object']]);
}
