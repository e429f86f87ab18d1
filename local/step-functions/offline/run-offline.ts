import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { Store } from '../../store/store.ts';
import { Engine } from '../engine/engine.ts';
import type { Execution } from '../interpreter/execution.ts';
import type { ObjectStorage } from '../map-run/object-storage.ts';
import { type OfflineAnswer, type OfflineCall, ScriptedCaller } from './scripted-caller.ts';
import { type StateVisit, StateVisits } from './state-visits.ts';

export interface OfflineMachine {
  /** ASL, which was checked, as JSON text. */
  readonly definition: string;
  /** JSON text. */
  readonly input: string;
  /** What a task comes to; undefined where nobody said. */
  readonly answer: (call: OfflineCall) => OfflineAnswer | undefined;
  /** The same seed gives the same ids and jitter. */
  readonly seed?: string;
}

export interface OfflineRun {
  /** STUCK: it waits for what never comes, or for a task that nobody said the result of. */
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'STUCK';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly visits: readonly StateVisit[];
  /** On the run's own clock, where a Wait of a day takes no time. */
  readonly durationMs: number;
  /** The task that nobody said the result of: the run ended there. */
  readonly unanswered?: OfflineCall;
}

const REGION = 'eu-west-1';
const ACCOUNT = '111111111111';

/** More steps of the clock than any history of 25,000 events has. */
const MOST_TURNS = 100_000;

const noStorage: ObjectStorage = {
  get: (_role, bucket, key) => refused(`s3://${bucket}/${key}`),
  list: (_role, bucket) => refused(`s3://${bucket}`),
  put: (_role, bucket, key) => refused(`s3://${bucket}/${key}`),
};
const refused = (what: string) =>
  Promise.reject(new Error(`There is no S3 where nothing runs: ${what} can be neither read nor written.`));

/** Runs a definition to its end in this process, with no runtime, no service and no time passing. */
export async function runOffline({ definition, input, answer, seed = 'offline' }: OfflineMachine): Promise<OfflineRun> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const startedAtMs = clock.now();
  const caller = new ScriptedCaller(answer, clock);
  const store = new Store(':memory:');
  const visits = new StateVisits();
  const faults: string[] = [];
  const arn = `arn:aws:states:${REGION}:${ACCOUNT}:execution:machine:offline`;
  const engine = new Engine({
    store,
    clock,
    ids: seededIds(seed),
    region: REGION,
    caller,
    log: (level, message, fields) => void (level === 'error' && faults.push(`${message} ${JSON.stringify(fields)}`)),
    hasActivity: () => true,
    onStatusChanged: () => {},
    onCommitted: (execution: Execution, entries) =>
      visits.take(execution, entries, execution.header.arn === arn ? 0 : 1),
    storage: noStorage,
  });
  try {
    engine.start({
      header: {
        arn,
        name: 'offline',
        stateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:machine`,
        stateMachineName: 'machine',
        roleArn: `arn:aws:iam::${ACCOUNT}:role/machine`,
      },
      definition,
      revision: 'offline',
      input,
    });
    await engine.settled();
    const status = () => engine.log.byArn(arn)!.status;
    for (let turn = 0; status() === 'RUNNING' && !caller.unanswered && turn < MOST_TURNS; turn++) {
      if (!clock.next()) break;
      await engine.settled();
    }
    if (faults.length > 0) throw new Error(faults.join('\n'));
    const row = engine.log.byArn(arn)!;
    return {
      status: row.status === 'RUNNING' ? 'STUCK' : (row.status as OfflineRun['status']),
      ...(row.output !== null && { output: JSON.parse(row.output) }),
      ...(row.error !== null && { error: row.error }),
      ...(row.cause !== null && { cause: row.cause }),
      visits: visits.all,
      durationMs: (row.stoppedAtMs ?? clock.now()) - startedAtMs,
      ...(caller.unanswered && { unanswered: caller.unanswered }),
    };
  } finally {
    engine.stop();
    store.close();
  }
}
