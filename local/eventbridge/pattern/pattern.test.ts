import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern } from './pattern.ts';

const matches = (pattern: string, event: string): boolean => matchesPattern(compilePattern(pattern), event);

describe('a pattern', () => {
  it.each([
    { pattern: '{"a":["x"]}', event: '{"a":"x"}', result: true },
    { pattern: '{"a":["5"]}', event: '{"a":5}', result: false },
    { pattern: '{"a":[5]}', event: '{"a":5.0}', result: true },
    { pattern: '{"a":[9007199254740993]}', event: '{"a":9007199254740993}', result: true },
    { pattern: '{"a":[9007199254740993]}', event: '{"a":9007199254740992}', result: false },
    { pattern: '{"a":[null]}', event: '{"a":null}', result: true },
    { pattern: '{"a":[null]}', event: '{}', result: false },
    { pattern: '{"a":[{"prefix":"ab"}]}', event: '{"a":"abc"}', result: true },
    { pattern: '{"a":[{"suffix":{"equals-ignore-case":".PNG"}}]}', event: '{"a":"x.png"}', result: true },
    { pattern: '{"a":[{"equals-ignore-case":"straße"}]}', event: '{"a":"STRASSE"}', result: true },
    { pattern: '{"a":[{"anything-but":["x","y"]}]}', event: '{"a":"z"}', result: true },
    { pattern: '{"a":[{"anything-but":"x"}]}', event: '{"a":["x","z"]}', result: true },
    { pattern: '{"a":[{"anything-but":{"wildcard":"*.tmp"}}]}', event: '{"a":"a.tmp"}', result: false },
    { pattern: '{"a":[{"numeric":[">",0,"<=",5]}]}', event: '{"a":5}', result: true },
    { pattern: '{"a":[{"numeric":[">",0,"<",5]}]}', event: '{"a":"3"}', result: false },
    { pattern: '{"a":[{"cidr":"10.0.0.0/8"}]}', event: '{"a":"10.200.3.4"}', result: true },
    { pattern: '{"a":["2001:db8::1"]}', event: '{"a":"2001:0DB8:0:0:0:0:0:1"}', result: true },
    { pattern: '{"a":[{"exists":false}]}', event: '{"a":{"b":1}}', result: true },
    { pattern: '{"a":{"b":[{"exists":true}]}}', event: '{"a":{"b":null}}', result: true },
    { pattern: '{"a":[{"wildcard":"a*\\\\*c"}]}', event: '{"a":"axx*c"}', result: true },
    { pattern: '{"$or":[{"a":[1]},{"b":[2]}],"c":[3]}', event: '{"b":2,"c":3}', result: true },
    { pattern: '{"$or":[{"a":[1]},{"b":[2]}],"c":[3]}', event: '{"a":1,"b":2}', result: false },
  ])('$pattern on $event is $result', ({ pattern, event, result }) => {
    expect(matches(pattern, event)).toBe(result);
  });

  it('takes what it matches in an array of objects from one element', () => {
    const pattern = '{"items":{"kind":["a"],"size":[2]}}';

    expect(matches(pattern, '{"items":[{"kind":"a","size":1},{"kind":"a","size":2}]}')).toBe(true);
    expect(matches(pattern, '{"items":[{"kind":"a","size":1},{"kind":"b","size":2}]}')).toBe(false);
  });

  it.each([
    { pattern: '{"a":"x"}', reason: '"a" must be an object or an array' },
    { pattern: '{"a":[]}', reason: 'Empty arrays are not allowed' },
    { pattern: '{"a":[{"prefix":1}]}', reason: 'prefix match pattern must be a string' },
    { pattern: '{"a":[{"numeric":[">",5,"<",1]}]}', reason: 'Bottom must be less than top' },
    { pattern: '{"a":[{"wildcard":"a**b"}]}', reason: 'Consecutive wildcard characters at pos 2' },
    { pattern: '{"$or":[{"a":[1]}]}', reason: 'There must have at least 2 Objects in $or relationship.' },
    { pattern: '{"a":[1', reason: 'Unexpected end-of-input: expected close marker for Array' },
  ])('$pattern is refused: $reason', ({ pattern, reason }) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({
        code: 'InvalidEventPatternException',
        message: expect.stringContaining(`Event pattern is not valid. Reason: ${reason}`),
      }),
    );
  });

  it('made of an event itself matches that event', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const names = fc.stringMatching(/^[a-z]{1,4}$/);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(names, fc.oneof({ depthSize: 'small' }, leaf, tie('tree')), { minKeys: 1, maxKeys: 4 }),
    }));
    const patternOf = (value: unknown): unknown =>
      typeof value === 'object'
        ? Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, patternOf(inner)]))
        : [value];

    fc.assert(
      fc.property(tree, (event) => matches(JSON.stringify(patternOf(event)), JSON.stringify(event))),
      { numRuns: 200 },
    );
  });
});
