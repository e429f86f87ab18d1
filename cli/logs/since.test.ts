import { expect, test } from 'vitest';
import { readSince } from './since.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');

test.each([
  ['30s', '2026-01-31T11:59:30.000Z'],
  ['10m', '2026-01-31T11:50:00.000Z'],
  ['2h', '2026-01-31T10:00:00.000Z'],
  ['7d', '2026-01-24T12:00:00.000Z'],
  ['2026-01-30', '2026-01-30T00:00:00.000Z'],
  ['2026-01-30T08:00:00+01:00', '2026-01-30T07:00:00.000Z'],
  ['999999d', '1970-01-01T00:00:00.000Z'],
])('%s begins at %s', (text, instant) => {
  expect(new Date(readSince(text)(NOW)).toISOString()).toBe(instant);
});

test.each(['', '10', 'm', '-1h', '1w', 'yesterday', '2026-13-45', '2026'])('"%s" is no time', (text) => {
  expect(() => readSince(text)).toThrow('how long ago');
});
