import * as v from 'valibot';

/** The shape of a file of state machine tests (`*.test.yml`). docs/state-machine-tests.md explains it. */

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const names = v.record(v.string(), v.unknown());

const mock = v.strictObject({
  result: v.exactOptional(v.unknown()),
  payload: v.exactOptional(v.unknown()),
  error: v.exactOptional(text),
  cause: v.exactOptional(v.string()),
  noAnswer: v.exactOptional(v.literal(true)),
  afterSeconds: v.exactOptional(v.pipe(v.number(), v.minValue(0, 'must not be negative'))),
});

/** One answer for every call of the state, or a list with one for each call in turn. */
export const mocksSchema = v.record(
  text,
  v.lazy((given) => (Array.isArray(given) ? v.pipe(v.array(mock), v.minLength(1, 'must not be empty')) : mock)),
);

export const statuses = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'RETRIABLE', 'CAUGHT_ERROR'] as const;

const expectation = v.strictObject({
  status: v.exactOptional(v.picklist(statuses)),
  output: v.exactOptional(v.unknown()),
  error: v.exactOptional(text),
  cause: v.exactOptional(v.string()),
  path: v.exactOptional(v.array(text)),
  sent: v.exactOptional(names),
  next: v.exactOptional(text),
  variables: v.exactOptional(names),
});

const testCase = v.strictObject({
  name: text,
  state: v.exactOptional(text),
  input: v.exactOptional(v.unknown()),
  variables: v.exactOptional(names),
  retries: v.exactOptional(
    v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative')),
  ),
  mocks: v.exactOptional(mocksSchema),
  expect: v.exactOptional(expectation),
});

export const stateMachineTestSchema = v.strictObject({
  definition: text,
  substitutions: v.exactOptional(v.record(text, v.string())),
  input: v.exactOptional(v.unknown()),
  mocks: v.exactOptional(mocksSchema),
  cases: v.pipe(v.array(testCase), v.minLength(1, 'must hold at least one case')),
});

/** What a state's task comes to. Exactly one of `result`, `payload` (of a function), `error` and `noAnswer`. */
export type StateMock = v.InferOutput<typeof mock>;
export type StateMocks = v.InferOutput<typeof mocksSchema>;
export type StateMachineExpectation = v.InferOutput<typeof expectation>;
export type StateMachineCase = v.InferOutput<typeof testCase>;
export type StateMachineTest = v.InferOutput<typeof stateMachineTestSchema>;
