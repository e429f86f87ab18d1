import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { testState } from '../test-state/test-state.ts';

export interface OneState {
  /** ASL of the whole machine, as JSON text. */
  readonly definition: string;
  readonly state: string;
  readonly input: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** How often the state was retried before. */
  readonly retries: number;
  readonly mock: { readonly result: unknown } | { readonly error: string; readonly cause?: string } | undefined;
}

export interface OneStateEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly next?: string;
  /** What it would have sent, where it has a task. */
  readonly sent?: unknown;
  /** Variables as it leaves them. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs one state as TestState does, in this process. Throws AwsError where TestState refuses. */
export async function testOneState(one: OneState): Promise<OneStateEnd> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const host = {
    clock,
    ids: seededIds('offline'),
    region: 'eu-west-1',
    accountId: '111111111111',
    longestRunMs: Number.POSITIVE_INFINITY,
    caller: { supports: () => false, call: () => () => {}, resume: () => () => {} },
  };
  const { mock } = one;
  const asked = testState(
    {
      definition: one.definition,
      stateName: one.state,
      input: one.input,
      variables: JSON.stringify(one.variables),
      inspectionLevel: 'TRACE',
      stateConfiguration: { retrierRetryCount: one.retries },
      ...(mock && { mock: 'result' in mock ? resultMock(mock.result) : { errorOutput: mock } }),
    },
    host,
  );
  let settled = false;
  const watch = asked.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  // A Wait waits on a clock that somebody has to move.
  for (let turn = 0; !settled && turn < 1_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled) clock.next();
  }
  await watch;
  const { status, output, error, cause, nextState, inspectionData } = (await asked) as Record<string, string> & {
    inspectionData: Record<string, string>;
  };
  const sent = inspectionData.afterArguments ?? inspectionData.afterParameters;
  return {
    status: status as OneStateEnd['status'],
    ...(output !== undefined && { output: JSON.parse(output) }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(nextState !== undefined && { next: nextState }),
    ...(sent !== undefined && { sent: JSON.parse(sent) }),
    variables: inspectionData.variables === undefined ? {} : JSON.parse(inspectionData.variables),
  };
}

const resultMock = (result: unknown) => ({ result: JSON.stringify(result), fieldValidationMode: 'NONE' });
