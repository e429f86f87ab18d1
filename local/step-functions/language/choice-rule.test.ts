import { describe, expect, it } from 'vitest';
import { ruleHolds } from './choice-rule.ts';

const scope = {
  input: {
    text: 'log-2024.txt',
    starred: 'a*b',
    slashed: String.raw`a\b`,
    number: 5,
    other: 5.0,
    yes: true,
    nothing: null,
    at: '2024-02-29T12:00:00Z',
    east: '2024-02-29T13:00:00+01:00',
    later: '2024-02-29T12:00:00.000000001Z',
    never: '2023-02-29T12:00:00Z',
    list: [],
  },
  context: { State: { Name: 'Choose' } },
  variable: (name: string) => (name === 'limit' ? 10 : undefined),
};
const holds = (rule: Record<string, unknown>) => ruleHolds({ Variable: '$', ...rule }, scope);

describe('a rule of a Choice', () => {
  it.each([
    ['$.text', 'StringEquals', 'log-2024.txt', true],
    ['$.number', 'StringEquals', '5', false],
    ['$.text', 'StringLessThan', 'm', true],
    ['$.text', 'StringGreaterThanEquals', 'log-2024.txt', true],
    ['$.text', 'StringEqualsPath', '$.text', true],
    ['$.number', 'StringEqualsPath', '$.text', false],
    ['$.text', 'StringMatches', 'log-*.txt', true],
    ['$.text', 'StringMatches', 'log-*.TXT', false],
    ['$.starred', 'StringMatches', String.raw`a\*b`, true],
    ['$.text', 'StringMatches', String.raw`log-\*.txt`, false],
    ['$.slashed', 'StringMatches', String.raw`a\\b`, true],
    ['$.number', 'StringMatches', '*', false],
    ['$.number', 'NumericEquals', 5, true],
    ['$.number', 'NumericEqualsPath', '$.other', true],
    ['$.number', 'NumericLessThanPath', '$limit', true],
    ['$.number', 'NumericGreaterThan', 5, false],
    ['$.number', 'NumericGreaterThanEquals', 5, true],
    ['$.text', 'NumericEquals', 5, false],
    ['$.yes', 'BooleanEquals', true, true],
    ['$.yes', 'BooleanEqualsPath', '$.yes', true],
    ['$.number', 'BooleanEquals', true, false],
    ['$.at', 'TimestampEquals', '2024-02-29T12:00:00Z', true],
    ['$.at', 'TimestampEqualsPath', '$.east', true],
    ['$.at', 'TimestampLessThanPath', '$.later', true],
    ['$.later', 'TimestampEqualsPath', '$.at', false],
    ['$.never', 'TimestampLessThan', '2024-01-01T00:00:00Z', false],
    ['$.at', 'IsTimestamp', true, true],
    ['$.never', 'IsTimestamp', true, false],
    ['$.text', 'IsTimestamp', false, true],
    ['$.nothing', 'IsNull', true, true],
    ['$.nothing', 'IsPresent', true, true],
    ['$.missing', 'IsPresent', true, false],
    ['$.missing', 'IsPresent', false, true],
    ['$.missing.deeper', 'IsPresent', false, true],
    ['$.number', 'IsNumeric', true, true],
    ['$.text', 'IsString', true, true],
    ['$.yes', 'IsBoolean', true, true],
    ['$$.State.Name', 'StringEquals', 'Choose', true],
    ['$.list[*]', 'IsPresent', true, true],
  ])('%s %s %j: %s', (path, operator, value, expected) => {
    expect(holds({ Variable: path, [operator]: value })).toBe(expected);
  });

  it('combines others by And, Or and Not', () => {
    const five = { Variable: '$.number', NumericEquals: 5 };
    const six = { Variable: '$.number', NumericEquals: 6 };
    expect(holds({ And: [five, { Not: six }] })).toBe(true);
    expect(holds({ And: [five, six] })).toBe(false);
    expect(holds({ Or: [six, five] })).toBe(true);
  });

  it.each([
    [{ Variable: '$.missing', StringEquals: 'a' }, '$.missing'],
    [{ Variable: '$.text', StringEqualsPath: '$.missing' }, '$.missing'],
    [{ Variable: '$.missing', IsNull: true }, '$.missing'],
  ])('fails where a path of %j leads nowhere', (rule, path) => {
    expect(() => holds(rule)).toThrow(
      `Invalid path '${path}': The choice state's condition path references an invalid value.`,
    );
  });

  it('matches a hostile pattern in linear time', () => {
    const rule = { Variable: '$.long', StringMatches: `${'*a'.repeat(200)}b` };
    expect(ruleHolds(rule, { ...scope, input: { long: 'a'.repeat(5_000) } })).toBe(false);
  });
});
