import { describe, expect, it } from 'vitest';
import { nextTimeOf } from './schedule.ts';

const next = (expression: string, after: string): string | null => {
  const at = nextTimeOf(expression, Date.parse(after));
  return at === null ? null : new Date(at).toISOString().slice(0, 16);
};

describe('nextTimeOf', () => {
  it.each([
    { expression: 'rate(5 minutes)', after: '2026-01-01T00:00:30Z', at: '2026-01-01T00:05' },
    { expression: 'cron(0 10 * * ? *)', after: '2026-01-01T10:00:00Z', at: '2026-01-02T10:00' },
    { expression: 'cron(0/15 * * * ? *)', after: '2026-01-01T10:07:00Z', at: '2026-01-01T10:15' },
    { expression: 'cron(0 18 ? * MON-FRI *)', after: '2026-01-02T18:30:00Z', at: '2026-01-05T18:00' },
    { expression: 'cron(0 8 1 * ? *)', after: '2026-01-15T00:00:00Z', at: '2026-02-01T08:00' },
    { expression: 'cron(0 0 L 2 ? *)', after: '2026-01-15T00:00:00Z', at: '2026-02-28T00:00' },
    { expression: 'cron(0 0 ? * 6L *)', after: '2026-01-01T00:00:00Z', at: '2026-01-30T00:00' },
    { expression: 'cron(0 0 ? * TUE#2 *)', after: '2026-01-01T00:00:00Z', at: '2026-01-13T00:00' },
    { expression: 'cron(0 0 1W 8 ? *)', after: '2026-01-01T00:00:00Z', at: '2026-08-03T00:00' },
    { expression: 'cron(0 0 1 1 ? 2025)', after: '2026-01-01T00:00:00Z', at: null },
  ])('$expression after $after is due at $at', ({ expression, after, at }) => {
    expect(next(expression, after)).toBe(at);
  });

  it.each(['rate(1 minutes)', 'rate(5 minute)', 'rate(0 days)', 'cron(0 0 * * * *)', 'cron(60 0 * * ? *)', 'hourly'])(
    'refuses %s',
    (expression) => {
      expect(() => nextTimeOf(expression, 0)).toThrow('Parameter ScheduleExpression is not valid.');
    },
  );
});
