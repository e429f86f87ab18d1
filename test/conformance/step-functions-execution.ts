import { VirtualClock } from '../../local/clock.ts';
import { seededIds } from '../../local/ids.ts';
import { historyEvent } from '../../local/step-functions/api/history.ts';
import { refusalMessage, validateDefinition } from '../../local/step-functions/definition/validate-definition.ts';
import { Engine } from '../../local/step-functions/engine/engine.ts';
import { abortExecution } from '../../local/step-functions/engine/redrive.ts';
import { Store } from '../../local/store/store.ts';
import { type Case, definitionText, type HistoryRecord, type Verdict } from './step-functions-case.ts';
import { historyDifference } from './step-functions-history.ts';
import { difference, masksOf } from './step-functions-masks.ts';
import { type Mock, MockCaller, type RecordedFunction } from './step-functions-mocks.ts';
import { objectsOf } from './step-functions-objects.ts';

/** Runs the case's execution in virtual time against its recorded answers. */
export async function judgeExecution(one: Case): Promise<Verdict> {
  const refusal = refusalMessage(validateDefinition(definitionText(one), one.type).issues);
  if (refusal !== undefined)
    return { outcome: `the definition was refused: ${refusal}`, history: 'refused', actual: {} };
  const masks = masksOf(one);
  const caller = new MockCaller(completeMocks(one), masks, workersOf(one), functionOf(one));
  const clock = new VirtualClock(startOf(one));
  const store = new Store(':memory:');
  const errors: unknown[] = [];
  const objects =
    one.level === 'service-data'
      ? await objectsOf(one, { store, clock, ids: seededIds(`${one.id} objects`) })
      : undefined;
  const engine = new Engine({
    ...(objects && { storage: objects.storage }),
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
  const stopped = one.history?.find(({ type }) => type === 'ExecutionAborted');
  if (one.level === 'interactive' && stopped) {
    // What the recorder's StopExecution gave is in the event.
    await engine.post(engine.log.byArn(arn)!, abortExecution({ ...(stopped.executionAbortedEventDetails as object) }));
    await engine.settled();
  }
  for (let turns = 0; engine.log.byArn(arn)!.status === 'RUNNING' && turns < 10_000; turns++) {
    if (!clock.next()) break;
    await engine.settled();
  }
  const row = engine.log.byArn(arn)!;
  const events = engine.log.events(row.key, 0, 30_000, false).map(historyEvent);
  engine.stop();
  store.close();
  objects?.remove();
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

/** Where the input was made from the time of recording, that is when the execution starts. */
function startOf(one: Case): number {
  const given = one.captureTimeInput ? /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(one.inputRaw ?? '')?.[0] : undefined;
  return given === undefined ? Date.UTC(2026, 0, 1) : Date.parse(`${given}Z`);
}

/** What the case's functions do, for tasks whose attempts no history has: those of Express executions and of a map run's children. */
function functionOf(one: Case): RecordedFunction | undefined {
  const behaviours = new Set(Object.values(one.lambdas ?? {}).map(({ behaviour }) => behaviour));
  if (behaviours.size !== 1) return undefined;
  if (behaviours.has('echo')) return { behaviour: 'echo' };
  if (!behaviours.has('raises')) return undefined;
  const { output } = one.expected as { output?: { Error?: unknown; Cause?: unknown } };
  const { error, cause } = { error: output?.Error, cause: output?.Cause, ...one.expected } as Record<string, unknown>;
  if (typeof error !== 'string') return undefined;
  return { behaviour: 'raises', error, cause };
}
