import { expect, test } from 'vitest';
import { PossibleStates } from './possible-states.ts';

const write = (to: number) => () => to;
const sees = (states: PossibleStates<number>, value: number) =>
  states.saw(
    String(value),
    (state) => state === value,
    () => value,
  );

test('what is acknowledged is there, and nothing older', () => {
  for (const [seen, isRight] of [
    [2, true],
    [1, false],
    [3, false],
  ] as const) {
    const states = new PossibleStates(1);
    expect(states.after('acknowledged', write(2))).toBeUndefined();
    expect(sees(states, seen) === undefined, `sees ${seen}`).toBe(isRight);
  }
});

test('what lost its answer is there or is not, and stays as it was seen', () => {
  for (const [first, second] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const states = new PossibleStates(1);
    states.after('unknown', write(2));
    expect(sees(states, first)).toBeUndefined();
    expect(sees(states, first)).toBeUndefined();
    expect(sees(states, second)).toMatch(/must be one of/);
  }
});

test('an answer tells which of the states it was', () => {
  const states = new PossibleStates(1);
  states.after('unknown', write(2));
  const onlyFromTwo = (state: number) => (state === 2 ? 3 : undefined);
  expect(states.after('acknowledged', onlyFromTwo)).toBeUndefined();
  expect(states.all).toEqual([3]);
  expect(states.after('acknowledged', onlyFromTwo)).toMatch(/cannot be/);
});

test('a refusal that no state explains is a fault', () => {
  expect(new PossibleStates(1).after('refused', write(2))).toMatch(/refused that cannot be/);
});

test('a fault is told once', () => {
  const states = new PossibleStates(1);
  states.after('acknowledged', write(2));
  expect(sees(states, 1)).toBeDefined();
  expect(sees(states, 1)).toBeUndefined();
});
