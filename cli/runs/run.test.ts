import { expect, test } from 'vitest';
import { describeInput, runStatus } from './run.ts';

test('the input of a training run says model and trigger', () => {
  expect(describeInput('{"model":"credit-risk","trigger":{"kind":"data","arrivalId":"arrival-1"}}')).toEqual({
    model: 'credit-risk',
    trigger: 'data',
    replayOf: null,
  });
});

test('the input of a promotion says who asked', () => {
  const input = {
    request: { model: 'credit-risk' },
    trigger: { kind: 'request', from: 'acc' },
    replay: { of: 'promote-1' },
  };
  expect(describeInput(JSON.stringify(input))).toEqual({
    model: 'credit-risk',
    trigger: 'request from acc',
    replayOf: 'promote-1',
  });
});

test.each(['', 'no json', 'null', '7', '{"model": 7}'])('an input that is not ours says nothing: %s', (input) => {
  expect(describeInput(input)).toEqual({ model: null, trigger: null, replayOf: null });
});

test('a run that waits for its redrive is running', () => {
  expect(runStatus('PENDING_REDRIVE')).toBe('running');
  expect(runStatus('TIMED_OUT')).toBe('timed-out');
});
