import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { readCause, stepsOf } from './run-steps.ts';

const START = Date.parse('2026-03-01T12:00:00Z');

/** A history from `[second, type, previous id, details]`; ids count from 1. */
const history = (...rows: [number, string, number, object?][]): HistoryEvent[] =>
  rows.map(([second, type, previousEventId, details], index) => ({
    id: index + 1,
    previousEventId,
    type: type as HistoryEvent['type'],
    timestamp: new Date(START + second * 1000),
    ...details,
  }));

const entered = (name: string) => ({ stateEnteredEventDetails: { name } });
const exited = (name: string) => ({ stateExitedEventDetails: { name } });

test('a task that failed and was retried is one step with two attempts and its error', () => {
  const steps = stepsOf(
    history(
      [0, 'ExecutionStarted', 0],
      [0, 'TaskStateEntered', 1, entered('ValidateDataset')],
      [0, 'TaskScheduled', 2],
      [
        1,
        'TaskFailed',
        3,
        { taskFailedEventDetails: { error: 'StorageUnavailable', cause: '{"errorMessage":"slow down"}' } },
      ],
      [3, 'TaskScheduled', 4],
      [4, 'TaskSucceeded', 5],
      [4, 'TaskStateExited', 6, exited('ValidateDataset')],
    ),
    START,
  );
  expect(steps).toEqual([
    {
      state: 'ValidateDataset',
      type: 'Task',
      status: 'succeeded',
      startedAt: '2026-03-01T12:00:00.000Z',
      endedAt: '2026-03-01T12:00:04.000Z',
      durationMs: 4000,
      attempts: 2,
      error: 'StorageUnavailable',
      cause: '{"errorMessage":"slow down"}',
    },
  ]);
});

test('in parallel branches each attempt is counted to its own state', () => {
  const steps = stepsOf(
    history(
      [0, 'ParallelStateEntered', 0, entered('Tests')],
      [0, 'ParallelStateStarted', 1],
      [0, 'TaskStateEntered', 2, entered('TestIntegration')],
      [0, 'TaskStateEntered', 2, entered('TestSecurity')],
      [0, 'TaskScheduled', 4],
      [0, 'TaskScheduled', 3],
      [1, 'TaskFailed', 5, { taskFailedEventDetails: { error: 'EndpointUnavailable' } }],
      [1, 'TaskScheduled', 7],
      [2, 'TaskSucceeded', 6],
      [2, 'TaskStateExited', 9, exited('TestIntegration')],
    ),
    START + 5000,
  );
  expect(
    steps.map(({ state, status, attempts, error, durationMs }) => ({ state, status, attempts, error, durationMs })),
  ).toEqual([
    { state: 'Tests', status: 'running', attempts: 0, error: null, durationMs: 5000 },
    { state: 'TestIntegration', status: 'succeeded', attempts: 1, error: null, durationMs: 2000 },
    { state: 'TestSecurity', status: 'running', attempts: 2, error: 'EndpointUnavailable', durationMs: 5000 },
  ]);
});

test('a state visited twice is two steps', () => {
  const steps = stepsOf(
    history(
      [0, 'TaskStateEntered', 0, entered('ObserveCanary')],
      [1, 'TaskStateExited', 1, exited('ObserveCanary')],
      [2, 'TaskStateEntered', 2, entered('ObserveCanary')],
    ),
    START + 3000,
  );
  expect(steps.map((step) => step.status)).toEqual(['succeeded', 'running']);
});

test('when the run fails, the state that it was in has failed, with the error of the run', () => {
  const steps = stepsOf(
    history(
      [0, 'TaskStateEntered', 0, entered('TrainModel')],
      [0, 'TaskScheduled', 1],
      [2, 'ExecutionFailed', 2, { executionFailedEventDetails: { error: 'States.TaskFailed', cause: 'no memory' } }],
    ),
    START + 9000,
  );
  expect(steps[0]).toMatchObject({
    status: 'failed',
    durationMs: 2000,
    error: 'States.TaskFailed',
    cause: 'no memory',
  });
});

test('of a Lambda cause the message is told, of any other text the text', () => {
  expect(readCause('{"errorType":"TrainingFailed","errorMessage":"one class only","trace":[]}')).toBe('one class only');
  expect(readCause('plain words')).toBe('plain words');
  expect(readCause('{"Cause":"{\\"errorMessage\\":\\"nested\\"}"}')).toBe('nested');
  expect(readCause(null)).toBeNull();
});
