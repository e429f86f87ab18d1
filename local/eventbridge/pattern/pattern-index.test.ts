import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern } from './pattern.ts';
import { PatternIndex } from './pattern-index.ts';

const indexOf = (...patterns: readonly string[]) =>
  new PatternIndex(patterns.map((pattern) => [compilePattern(pattern), pattern]));

// Few names and few texts, so that patterns and events meet often.
const name = fc.constantFrom('a', 'b', 'a.b');
const text = fc.constantFrom(
  '',
  'x',
  'xy',
  'yx',
  'XY',
  'x\\"y',
  'ſ',
  's',
  'K',
  'k',
  'straße',
  'STRASSE',
  '10.0.0.1',
  '10.0.0.2',
  'ü"',
);
const number = fc.constantFrom(
  '5',
  '5.0',
  '-0',
  '0',
  '50e-1',
  '9007199254740993',
  '9007199254740992',
  '1.5',
  '123456789012345',
);

/** JSON texts, since the text of a number is what is at stake. */
const { object } = fc.letrec<{ json: string; object: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      text.map((value) => JSON.stringify(value)),
      number,
      fc.constantFrom('true', 'false', 'null'),
    ),
    fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(name, tie('json')), { maxLength: 4 })
    .map((members) => `{${members.map(([key, value]) => ` ${JSON.stringify(key)}: ${value}`).join(',')} }`),
}));

const affix = fc.constantFrom('x', 'y', 's', 'K', '10.');
const quoted = (value: string) => JSON.stringify(value);
const value = fc.oneof(
  text.map(quoted),
  number,
  fc.constantFrom('true', 'null', '{"exists":true}', '{"exists":false}', '{"cidr":"10.0.0.0/31"}'),
  affix.map((one) => `{"prefix":${quoted(one)}}`),
  affix.map((one) => `{"suffix":${quoted(one)}}`),
  affix.map((one) => `{"prefix":{"equals-ignore-case":${quoted(one)}}}`),
  text.map((one) => `{"equals-ignore-case":${quoted(one)}}`),
  fc.constantFrom('x*', '*y', '*', 'x*y', '10.*.1').map((one) => `{"wildcard":${quoted(one)}}`),
  fc.constantFrom('[">",0,"<=",5]', '["=",5]', '["<",1.5]').map((one) => `{"numeric":${one}}`),
  fc.constantFrom('"x"', '["x","s"]', '[5]', '{"prefix":"x"}').map((one) => `{"anything-but":${one}}`),
);
const values = fc.array(value, { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(',')}]`);
const { fields } = fc.letrec<{ fields: string }>((tie) => ({
  fields: fc
    .uniqueArray(fc.tuple(name, fc.oneof({ depthSize: 'small' }, values, tie('fields'))), {
      minLength: 1,
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map((members) => `{${members.map(([key, inner]) => `${quoted(key)}:${inner}`).join(',')}}`),
}));
const pattern = fc.oneof(
  { weight: 4, arbitrary: fields },
  { weight: 1, arbitrary: fc.tuple(fields, fields).map(([left, right]) => `{"$or":[${left},${right}]}`) },
);

describe('a pattern index', () => {
  it('agrees with the matcher of each pattern, whatever the patterns and the event', () => {
    let matched = 0;
    let inElements = 0;
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 12 }),
        fc.array(object, { minLength: 1, maxLength: 4 }),
        (patterns, events) => {
          const index = indexOf(...patterns);
          for (const event of events) {
            const expected = patterns.filter((one) => matchesPattern(compilePattern(one), event));
            expect(index.match(event)).toEqual(expected);
            matched += expected.length;
            if (event.includes('[')) inElements += expected.length;
          }
        },
      ),
      { numRuns: 600 },
    );
    // Else the property says nothing.
    expect(matched).toBeGreaterThan(60);
    expect(inElements).toBeGreaterThan(15);
  });

  it('gives each entry once, in the order in which they were added', () => {
    const index = indexOf(
      '{"a":["x",{"prefix":"x"}]}',
      '{"b":[1]}',
      '{"$or":[{"a":["x"]},{"b":[2]}]}',
      '{"a":[{"exists":true}]}',
    );

    expect(index.match('{"b":2,"a":["x","xy"]}')).toEqual([
      '{"a":["x",{"prefix":"x"}]}',
      '{"$or":[{"a":["x"]},{"b":[2]}]}',
      '{"a":[{"exists":true}]}',
    ]);
  });

  it('takes what it matches in an array of objects from one element', () => {
    const index = indexOf('{"items":{"kind":["a"],"size":[2]}}', '{"items":{"kind":["a"],"size":[{"exists":false}]}}');

    expect(index.match('{"items":[{"kind":"a","size":1},{"kind":"b","size":2}]}')).toEqual([]);
    expect(index.match('{"items":[{"kind":"a"},{"kind":"b","size":2}]}')).toHaveLength(1);
  });

  it('remembers nothing of the event before', () => {
    const index = indexOf('{"a":["x"],"b":["y"]}');

    expect(index.match('{"a":"x"}')).toEqual([]);
    expect(index.match('{"b":"y"}')).toEqual([]);
    expect(index.match('{"a":"x","b":"y"}')).toHaveLength(1);
  });

  it.each(['[1]', '"a"', '{"a":"x', '{"a" 1}', '{a:1}'])('refuses %s, which is no JSON object', (event) => {
    expect(() => indexOf('{"b":["y"]}').match(event)).toThrow(/Event/);
  });
});
