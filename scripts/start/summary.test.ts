import { expect, test } from 'vitest';
import { plainPaint } from '../../cli/output/paint.ts';
import { type EnvironmentResult, isComplete, type Summary, summaryLines } from './summary.ts';

const gate = (verdict: 'passed' | 'held') => ({ gate: 'auc', verdict, required: '≥ 0.78', actual: '0.8451' }) as const;

const result = (
  environment: EnvironmentResult['environment'],
  rows: number,
  more: Partial<EnvironmentResult> = {},
): EnvironmentResult => ({
  environment,
  version: 1,
  modelDigest: 'c'.repeat(64),
  algorithm: 'gradient-boosting',
  metrics: { auc: 0.84512, logLoss: 0.44 },
  datasetDigest: 'd'.repeat(64),
  rows,
  gates: [gate('passed'), gate('passed')],
  durationMs: 3200,
  auditEvents: 20,
  lost: 0,
  unreconciledRuns: [],
  ...more,
});

const summary = (more: Partial<Summary> = {}): Summary => ({
  model: 'credit-risk',
  results: [result('dev', 1187), result('acc', 1083), result('prd', 2184)],
  prediction: {
    row: { Age: 30, Home: null },
    response: {
      model: 'credit-risk',
      environment: 'prd',
      version: 1,
      modelDigest: 'c'.repeat(64),
      predictions: [{ score: 0.31234, label: 'good' }],
    },
  },
  pipeline: { hasStarted: true, ms: 14_200 },
  ...more,
});

test('the summary says at a glance what serves where, how good it is, and that the trail is complete', () => {
  expect(summaryLines(summary(), plainPaint, Number.POSITIVE_INFINITY)).toEqual([
    'credit-risk: from the upload to production in 14.2 s',
    '',
    '     SERVES     TRAINED ON  DATASET       MEASURED ON HELD-OUT ROWS                      GATES       TIME',
    'DEV  version 1  1,187 rows  dddddddddddd  auc 0.8451, logLoss 0.4400, gradient-boosting  2 passed  3.20 s',
    'ACC  version 1  1,083 rows  dddddddddddd  auc 0.8451, logLoss 0.4400, gradient-boosting  2 passed  3.20 s',
    'PRD  version 1  2,184 rows  dddddddddddd  auc 0.8451, logLoss 0.4400, gradient-boosting  2 passed  3.20 s',
    '',
    'Audit trail   60 events, complete: every attempt of every step left one',
    'Prediction    PRD, version 1: Age 30, Home missing, … → good (score 0.3123)',
  ]);
});

test('a start that went on from an earlier one does not say that it began with the upload', () => {
  const [first] = summaryLines(summary({ pipeline: { hasStarted: false, ms: 2500 } }), plainPaint, 100);
  expect(first).toBe('credit-risk: from where an earlier start was to production in 2.50 s');
});

test('in a window of 80 columns the figures stay', () => {
  const lines = summaryLines(summary(), plainPaint, 80);
  expect(Math.max(...lines.slice(2, 6).map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines[2]).toContain('MEASURED ON HELD-OUT ROWS');
  expect(lines[3]).toContain('auc 0.8451, logLoss 0.4400');
});

test('a gate that held and an event that is lost are seen', () => {
  const text = summaryLines(
    summary({
      results: [result('dev', 10, { gates: [gate('held'), gate('passed')], lost: 2, version: null, durationMs: null })],
      prediction: null,
    }),
    plainPaint,
    100,
  ).join('\n');
  expect(text).toContain('nothing');
  expect(text).toContain('1 of 2 held');
  expect(text).toContain('2 lost');
  expect(text).not.toContain('complete');
});

test.each([
  { case: 'all is there', more: {}, complete: true },
  {
    case: 'PRD serves nothing',
    more: { results: [result('dev', 1), result('prd', 1, { version: null })] },
    complete: false,
  },
  {
    case: 'an event is lost in DEV',
    more: { results: [result('dev', 1, { lost: 1 }), result('prd', 1)] },
    complete: false,
  },
  {
    case: 'a run was not reconciled',
    more: { results: [result('prd', 1, { unreconciledRuns: ['train-1'] })] },
    complete: false,
  },
  { case: 'there is no audit event', more: { results: [result('prd', 1, { auditEvents: 0 })] }, complete: false },
])('done or not, where $case', ({ more, complete }) => {
  expect(isComplete(summary(more))).toBe(complete);
});
