import { expect, test } from 'vitest';
import { formatAge, formatDuration } from './durations.ts';
import { formatBytes, headlineMetric } from './figures.ts';

test.each([
  [0, '0.00 s'],
  [412, '0.41 s'],
  [12_345, '12.3 s'],
  [59_960, '1 m 00 s'],
  [247_000, '4 m 07 s'],
  [3_599_600, '1 h 00 m'],
  [90_000_000, '1 d 01 h'],
])('%d ms is told as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [500, 'just now'],
  [40_000, '40 s ago'],
  [200_000, '3 m ago'],
  [-5000, 'just now'],
  [200_000_000, '2 d ago'],
])('what was %d ms ago is told as %s', (ms, text) => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  expect(formatAge(new Date(now - ms), now)).toBe(text);
});

test('bytes are told in powers of 1000', () => {
  expect([0, 999, 1000, 4_200_000, 5_300_000_000].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '4.2 MB',
    '5.3 GB',
  ]);
});

test('a model is known by its AUC or RMSE, else by what it has', () => {
  expect(headlineMetric({ logLoss: 0.5, auc: 0.84512 })).toBe('auc 0.8451');
  expect(headlineMetric({ r2: 0.9, rmse: 23_456.78 })).toBe('rmse 23456.8');
  expect(headlineMetric({ accuracy: 1 })).toBe('accuracy 1');
  expect(headlineMetric({})).toBe('');
});
