import type {
  StateMachineCase,
  StateMachineExpectation,
  StateMock,
  StateMocks,
} from '../../contracts/state-machine-test/schema.ts';
import {
  type OfflineAnswer,
  type OfflineCall,
  runOffline,
  type StateVisit,
  testOneState,
} from '../../local/step-functions/offline/offline.ts';
import { type Difference, differences } from './differences.ts';
import type { ReadDefinition } from './read-definition.ts';

export interface CaseOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** STUCK: it waits for what never comes, or for a task that has no mock. */
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** Of a test of one state. */
  readonly next?: string;
  /** The states, in the order in which they were entered. */
  readonly path: readonly string[];
  readonly durationMs: number;
  readonly differences: readonly Difference[];
  /** Why it could not go on, and what to do. */
  readonly problem?: string;
  readonly visits: readonly StateVisit[];
}

/** Runs one case. Throws AwsError where a state cannot be tested as it says. */
export async function runCase(one: StateMachineCase, definition: ReadDefinition): Promise<CaseOutcome> {
  return one.state === undefined ? runMachine(one, definition) : runState(one, one.state, definition);
}

async function runMachine(one: StateMachineCase, definition: ReadDefinition): Promise<CaseOutcome> {
  const { visits, durationMs, unanswered, ...end } = await runOffline({
    definition: definition.text,
    input: JSON.stringify(one.input ?? {}),
    answer: (call) => answerOf(one.mocks ?? {}, call),
    seed: one.name,
  });
  const path = visits.map(({ state }) => state);
  const problem = unanswered ? missingMock(unanswered, one.mocks ?? {}, definition) : stuckProblem(end.status, visits);
  const sentBy = (state: string) => visits.findLast((visit) => visit.state === state)?.attempts.at(-1)?.sent;
  return outcome(one, { ...end, path, durationMs, visits, ...(problem !== undefined && { problem }) }, { sentBy });
}

async function runState(one: StateMachineCase, name: string, definition: ReadDefinition): Promise<CaseOutcome> {
  const mock = one.mocks && answerOf(one.mocks, { state: name, sent: undefined, number: 1 });
  const ended = { path: [name], durationMs: 0, visits: [] };
  const needsMock = /^(Task|Map|Parallel)$/.test(String(definition.states.get(name)?.Type));
  if (needsMock && (!mock || 'noAnswer' in mock)) {
    const problem = missingMock({ state: name, sent: undefined, number: 1 }, one.mocks ?? {}, definition);
    return outcome(one, { ...ended, status: 'STUCK', problem }, {});
  }
  const input = JSON.stringify(one.input ?? {});
  const { sent, variables, ...end } = await testOneState({
    definition: definition.text,
    state: name,
    input,
    variables: one.variables ?? {},
    retries: one.retries ?? 0,
    mock: mock && !('noAnswer' in mock) ? mock : undefined,
  });
  const visit = {
    state: name,
    type: String(definition.states.get(name)?.Type),
    depth: 0,
    input: one.input ?? {},
    enteredAtMs: 0,
    attempts: sent === undefined ? [] : [{ sent }],
    ...('output' in end && { output: end.output, leftAtMs: 0 }),
    ...(end.error !== undefined && { failure: { error: end.error } }),
  };
  return outcome(one, { ...ended, ...end, visits: [visit] }, { sentBy: () => sent, variables });
}

interface More {
  readonly sentBy?: (state: string) => unknown;
  readonly variables?: Readonly<Record<string, unknown>>;
}

function outcome(
  one: StateMachineCase,
  ran: Omit<CaseOutcome, 'name' | 'passed' | 'differences'>,
  more: More,
): CaseOutcome {
  const found = ran.problem === undefined ? unmet(one.expect ?? {}, ran, more) : [];
  return { name: one.name, passed: ran.problem === undefined && found.length === 0, differences: found, ...ran };
}

/** What was expected and is not so. Without a word on status, error and cause the run has to succeed. */
function unmet(
  expect: StateMachineExpectation,
  ran: Omit<CaseOutcome, 'name' | 'passed' | 'differences'>,
  more: More,
): Difference[] {
  const status = expect.status ?? (expect.error === undefined && expect.cause === undefined ? 'SUCCEEDED' : undefined);
  return [
    ...(status === undefined ? [] : differences(status, ran.status, { place: 'status' })),
    ...(['error', 'cause', 'next', 'path', 'output'] as const).flatMap((name) =>
      Object.hasOwn(expect, name) ? differences(expect[name], ran[name], { place: name }) : [],
    ),
    ...Object.entries(expect.sent ?? {}).flatMap(([state, wanted]) =>
      differences(wanted, more.sentBy?.(state), { place: `sent.${state}`, partial: true }),
    ),
    ...(expect.variables ? differences(expect.variables, more.variables, { place: 'variables', partial: true }) : []),
  ];
}

/** A list has an answer for each call in turn; anything else holds for every call. */
function answerOf(mocks: StateMocks, { state, number }: OfflineCall): OfflineAnswer | undefined {
  if (!Object.hasOwn(mocks, state)) return undefined;
  const given = mocks[state] as StateMock | readonly StateMock[];
  const mock = 'length' in given ? (given as readonly StateMock[])[number - 1] : (given as StateMock);
  return mock && answered(mock);
}

function answered(mock: StateMock): OfflineAnswer {
  const after = mock.afterSeconds === undefined ? {} : { afterMs: mock.afterSeconds * 1000 };
  if (mock.noAnswer) return { ...after, noAnswer: true };
  if (mock.error !== undefined)
    return { ...after, error: mock.error, ...(mock.cause !== undefined && { cause: mock.cause }) };
  if (mock.payload === undefined) return { ...after, result: mock.result };
  return { ...after, result: { ExecutedVersion: '$LATEST', Payload: mock.payload, StatusCode: 200 } };
}

function missingMock({ state, number }: OfflineCall, mocks: StateMocks, { states, isTheTest }: ReadDefinition): string {
  const given = mocks[state];
  if (Array.isArray(given)) {
    return `${state} is called ${ordinal(number)}, and its list of mocks has ${given.length}. Add one for each call, or give one mock in place of the list, which then answers every call.`;
  }
  const isFunction = String(states.get(state)?.Resource ?? '').endsWith(':lambda:invoke');
  const [member, says] = isFunction ? ['payload', 'what the function answers'] : ['result', 'what the state gets'];
  const missing = given === undefined ? `There is no mock for ${state}.` : `The mock of ${state} does not answer.`;
  const example = isTheTest ? `  --mock '${state}={"${member}":{}}'` : `  mocks:\n    ${state}:\n      ${member}: {}`;
  return `${missing} Say ${says}, or with \`error\` how it fails:\n${example}`;
}

const ordinal = (number: number): string => (number === 1 ? 'once' : `${number} times`);

function stuckProblem(status: string, visits: readonly StateVisit[]): string | undefined {
  if (status !== 'STUCK') return undefined;
  const waiting = visits.filter((visit) => visit.leftAtMs === undefined && visit.attempts.length > 0);
  const where = waiting.at(-1)?.state ?? visits.at(-1)?.state ?? 'its first state';
  return `The run waits for ever in ${where}: nothing answers, and the state has no TimeoutSeconds.`;
}
