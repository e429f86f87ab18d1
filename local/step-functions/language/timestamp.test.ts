import { describe, expect, it } from 'vitest';
import { parseTimestamp, timestampNanoseconds } from './timestamp.ts';

describe('a timestamp', () => {
  it.each([
    ['2016-03-14T01:59:00Z', '2016-03-14T01:59:00.000Z'],
    ['2016-03-14T01:59Z', '2016-03-14T01:59:00.000Z'],
    ['2016-03-14T01:59:00+02:30', '2016-03-13T23:29:00.000Z'],
    ['2016-02-29T23:59:59.123456789Z', '2016-02-29T23:59:59.123Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(parseTimestamp(text)!).toISOString()).toBe(iso);
  });

  it.each([
    '2016-03-14',
    '2016-03-14 01:59:00Z',
    '2016-03-14t01:59:00Z',
    '2016-03-14T01:59:00z',
    '2016-03-14T01:59:00',
    '2016-13-14T01:59:00Z',
    '2016-03-32T01:59:00Z',
    '2015-02-29T01:59:00Z',
    '2016-04-31T01:59:00Z',
    '2016-03-14T24:00:00Z',
    '2016-03-14T01:60:00Z',
    '2016-03-14T01:59:60Z',
    '2016-03-14T01:59:00.Z',
    '2016-03-14T01:59:00+25:00',
    '05-12-2016T21:29:29Z',
    '',
  ])('%j is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
    expect(timestampNanoseconds(text)).toBeUndefined();
  });

  it('is exact to the nanosecond', () => {
    const [one, two] = ['000000001', '000000002'].map((rest) => timestampNanoseconds(`2016-03-14T01:59:00.${rest}Z`));
    expect(two! - one!).toBe(1n);
    expect(timestampNanoseconds('2016-03-14T01:59:00.5Z')).toBe(timestampNanoseconds('2016-03-14T01:59:00.500Z'));
  });
});
