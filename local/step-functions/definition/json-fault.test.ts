import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonFault } from './json-fault.ts';

it.each([
  ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 9],
  ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 7],
  ['{"a":1 "b"}', `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`, 9],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 5],
  ['{"a":1', 'Unexpected end-of-input: expected close marker for Object', 7],
  ['"open', 'Unexpected end-of-input: was expecting closing quote for a string value', 6],
  [
    'tru',
    "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    4,
  ],
])('names the fault of %s and its column', (text, message, column) => {
  expect(jsonFault(text)).toEqual({ message, line: 1, column });
});

it('counts lines', () => {
  expect(jsonFault('{\n  "a": oops\n}')).toMatchObject({ line: 2, column: 12 });
});

it('finds a fault in exactly what JSON.parse refuses, however deep, and never throws', () => {
  const mutated = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '{', ']', '"', ',', '\\', '\n', 'x', '0'))
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + 1);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string()), (text) => {
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      expect(jsonFault(text) === undefined).toBe(parses);
    }),
    { numRuns: 3000 },
  );
  expect(jsonFault('['.repeat(1_000))?.message).toMatch(/^Unexpected end-of-input/);
});

it.each([
  ['['.repeat(60_000) + ']'.repeat(60_000)],
  [`${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`],
  ['['.repeat(100_000)],
])('takes no nesting that would exhaust the stack of who reads the value', (text) => {
  expect(jsonFault(text)?.message).toBe('Document nesting depth (1001) exceeds the maximum allowed (1000)');
  expect(jsonFault('['.repeat(1_000) + ']'.repeat(1_000))).toBeUndefined();
});
