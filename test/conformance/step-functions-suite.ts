import { VirtualClock } from '../../local/clock.ts';
import { seededIds } from '../../local/ids.ts';
import { historyEvent } from '../../local/step-functions/api/history.ts';
import { refusalMessage, validateDefinition } from '../../local/step-functions/definition/validate-definition.ts';
import { Engine } from '../../local/step-functions/engine/engine.ts';
import { Store } from '../../local/store/store.ts';
import { difference, masksOf } from './step-functions-masks.ts';
import { type Mock, MockCaller } from './step-functions-mocks.ts';
import type { Suite, SuiteReport } from './suite.ts';

/** A case of the corpus; its README gives the schema. */
export interface Case {
  readonly id: string;
  readonly kind: 'execution' | 'test_state' | 'create_invalid';
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly features: readonly string[];
  readonly level: string;
  readonly definition: Record<string, unknown>;
  readonly input: unknown;
  readonly inputRaw: string | null;
  readonly testStateArgs: Record<string, unknown> | null;
  readonly expected: Record<string, unknown>;
  readonly history: readonly HistoryRecord[] | null;
  readonly mocks: readonly Mock[] | null;
  readonly captureTimeInput: boolean;
  readonly replacements: readonly (readonly [string, string])[] | null;
  readonly jsonpathReplacements: readonly (readonly [string, string])[] | null;
}

interface HistoryRecord {
  readonly id: number | unknown;
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

export interface StepFunctionsReport extends SuiteReport {
  /** Cases that need a service's own data or a person, by level. They are not judged. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Histories compared event by event, beside the outcome. */
  readonly histories: {
    readonly total: number;
    readonly equal: number;
    readonly different: readonly { readonly id: string; readonly at: string }[];
  };
  readonly byKind: Readonly<Record<string, { readonly total: number; readonly passed: number }>>;
}

const RUNNABLE = new Set(['pure', 'mocked', 'mocked-partial', 'validation']);

function whySkipped(one: Case): string | undefined {
  if (!RUNNABLE.has(one.level)) return one.level;
  if (one.features.includes('local-mock-config')) return 'local-mock-config';
  if (one.captureTimeInput) return 'input-depends-on-recording-time';
  return undefined;
}

/** How one case went: what differs from the recording, in the outcome (and the parameters sent) and in the history. */
export interface Verdict {
  readonly outcome: string | undefined;
  readonly history: string | undefined;
  readonly actual: unknown;
}

export async function runStepFunctionsCases(cases: readonly Case[]): Promise<StepFunctionsReport> {
  const failed: { id: string; expected: unknown; actual: unknown }[] = [];
  const different: { id: string; at: string }[] = [];
  const skipped: Record<string, number> = {};
  const byKind: Record<string, { total: number; passed: number }> = {};
  let histories = 0;
  for (const one of cases) {
    const reason = whySkipped(one);
    if (reason !== undefined) {
      skipped[reason] = (skipped[reason] ?? 0) + 1;
      continue;
    }
    const verdict = await judge(one);
    byKind[one.kind] ??= { total: 0, passed: 0 };
    const kind = byKind[one.kind]!;
    kind.total += 1;
    if (verdict.outcome === undefined) kind.passed += 1;
    else
      failed.push({
        id: one.id,
        expected: one.expected,
        actual: { difference: verdict.outcome, ...(verdict.actual as object) },
      });
    if (!one.history || one.kind !== 'execution') continue;
    histories += 1;
    if (verdict.history !== undefined) different.push({ id: one.id, at: verdict.history });
  }
  const total = Object.values(byKind).reduce((sum, kind) => sum + kind.total, 0);
  return {
    suite: 'step-functions',
    total,
    passed: total - failed.length,
    failed,
    skipped,
    histories: { total: histories, equal: histories - different.length, different },
    byKind,
  };
}

/** Status, output, error, cause, refusals and the parameters sent decide whether a case passes; histories are counted beside. */
export const stepFunctions: Suite = {
  name: 'step-functions',
  file: 'step-functions/executions.json.gz',
  moreFiles: ['step-functions/test-state.json.gz', 'step-functions/create-invalid.json.gz'],
  run: (file) => runStepFunctionsCases((file as { cases: readonly Case[] }).cases),
};

async function judge(one: Case): Promise<Verdict> {
  try {
    if (one.kind === 'execution') return await judgeExecution(one);
    if (one.kind === 'create_invalid') return judgeCreation(one);
    return { outcome: `cases of kind ${one.kind} are not run yet`, history: undefined, actual: {} };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { outcome: `threw ${text}`, history: 'threw', actual: {} };
  }
}

/** Definitions are sent as the recorder did, in ASCII. */
const definitionText = (one: Case): string =>
  JSON.stringify(one.definition).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function judgeCreation(one: Case): Verdict {
  const response = one.expected.response as { Error?: { Message: string }; exception_value?: string };
  const expected =
    response.Error?.Message ?? response.exception_value?.replace(/^An error occurred .*? operation: /, '');
  const actual = refusalMessage(validateDefinition(definitionText(one), one.type).issues);
  return { outcome: difference(expected, actual, masksOf(one)), history: undefined, actual: { message: actual } };
}

async function judgeExecution(one: Case): Promise<Verdict> {
  const refusal = refusalMessage(validateDefinition(definitionText(one), one.type).issues);
  if (refusal !== undefined)
    return { outcome: `the definition was refused: ${refusal}`, history: 'refused', actual: {} };
  const masks = masksOf(one);
  const caller = new MockCaller(completeMocks(one), masks, workersOf(one));
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const store = new Store(':memory:');
  const errors: unknown[] = [];
  const engine = new Engine({
    store,
    clock,
    ids: seededIds(one.id),
    region: 'us-east-1',
    caller,
    log: (_level, message, fields) => errors.push({ message, ...fields }),
    // A case whose Activity task has no recorded attempt is one in which the activity had been deleted.
    hasActivity: () => (one.mocks ?? []).some((mock) => mock.kind === 'Activity'),
    onStatusChanged: () => {},
  });
  const machine = 'arn:aws:states:us-east-1:111111111111:stateMachine:machine';
  const express = one.type === 'EXPRESS';
  const arn = `arn:aws:states:us-east-1:111111111111:${express ? 'express' : 'execution'}:machine:run${express ? ':1' : ''}`;
  engine.start({
    header: {
      arn,
      name: 'run',
      stateMachineArn: machine,
      stateMachineName: 'machine',
      roleArn: 'arn:aws:iam::111111111111:role/machine',
    },
    definition: JSON.stringify(one.definition),
    revision: 'r1',
    input: one.inputRaw ?? '{}',
  });
  await engine.settled();
  for (let turns = 0; engine.log.byArn(arn)!.status === 'RUNNING' && turns < 10_000; turns++) {
    if (!clock.next()) break;
    await engine.settled();
  }
  const row = engine.log.byArn(arn)!;
  const events = engine.log.events(row.key, 0, 30_000, false).map(historyEvent);
  engine.stop();
  store.close();
  const actual = {
    status: row.status,
    ...(row.output !== null && { output: JSON.parse(row.output) }),
    ...(row.error !== null && { error: row.error }),
    ...(row.cause !== null && { cause: row.cause }),
  };
  const outcome =
    errors.length > 0 ? JSON.stringify(errors) : (difference(one.expected, actual, masks) ?? caller.unlike[0]);
  const history = one.history ? historyDifference(one.history, events as unknown as HistoryRecord[], masks) : undefined;
  return { outcome, history, actual };
}

/** Where concurrent branches kept the recorder from pairing an attempt with its result, the history still has the failure. */
function completeMocks(one: Case): readonly Mock[] {
  const failures = (one.history ?? [])
    .filter((event) => event.type === 'TaskFailed')
    .map((event) => event.taskFailedEventDetails);
  return (one.mocks ?? []).map((mock, index) => {
    const failure = (failures[index] ?? failures[0]) as { error?: string; cause?: unknown } | undefined;
    return mock.result || !failure ? mock : { ...mock, result: { error: failure.error ?? null, cause: failure.cause } };
  });
}

const workersOf = (one: Case): (string | undefined)[] =>
  (one.history ?? [])
    .filter((event) => event.type === 'ActivityStarted')
    .map((event) => (event.activityStartedEventDetails as { workerName?: string }).workerName);

function historyDifference(
  expected: readonly HistoryRecord[],
  actual: readonly HistoryRecord[],
  masks: ReturnType<typeof masksOf>,
): string | undefined {
  const types = (events: readonly HistoryRecord[]) => events.map((event) => event.type).join(' ');
  // Where branches ran concurrently the recorder masked ids, sorted those events and left some out: these are compared as a set.
  const masked = expected.some((event) => typeof event.id !== 'number');
  if (!masked && expected.length !== actual.length) return `expected ${types(expected)}, got ${types(actual)}`;
  const rest = [...actual];
  for (const event of expected) {
    if (typeof event.id === 'number') {
      const index = rest.findIndex((one) => one.id === event.id);
      const found = rest.splice(index, 1)[0];
      if (index < 0 || !found) return `event ${event.id} ${event.type} is missing`;
      const differs = eventDifference(event, found, masks);
      if (differs)
        return `event ${event.id} ${event.type}: ${differs} (expected ${types(expected)}, got ${types(actual)})`;
    }
  }
  for (const event of expected) {
    if (typeof event.id === 'number') continue;
    const index = rest.findIndex((one) => one.type === event.type && eventDifference(event, one, masks) === undefined);
    if (index < 0) return `no event like ${event.type} (expected ${types(expected)}, got ${types(actual)})`;
    rest.splice(index, 1);
  }
  return undefined;
}

function eventDifference(
  expected: HistoryRecord,
  actual: HistoryRecord,
  masks: ReturnType<typeof masksOf>,
): string | undefined {
  if (expected.type !== actual.type) return `expected ${expected.type}, got ${actual.type}`;
  const masked = typeof expected.id !== 'number';
  if (!masked && expected.previousEventId !== actual.previousEventId) {
    return `previousEventId expected ${expected.previousEventId}, got ${actual.previousEventId}`;
  }
  const details = (event: HistoryRecord) =>
    Object.fromEntries(Object.entries(event).filter(([name]) => name.endsWith('EventDetails')));
  return difference(details(expected), details(actual), masks);
}
