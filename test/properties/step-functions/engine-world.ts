import { VirtualClock } from '../../../local/clock.ts';
import { type Ids, seededIds } from '../../../local/ids.ts';
import { historyEvent } from '../../../local/step-functions/api/history.ts';
import { whilePending } from '../../../local/step-functions/engine/actor.ts';
import { Engine } from '../../../local/step-functions/engine/engine.ts';
import type { TaskReport, TaskRequest } from '../../../local/step-functions/engine/task-caller.ts';
import { taskEnd } from '../../../local/step-functions/engine/task-events.ts';
import type { Draft, Entry } from '../../../local/step-functions/interpreter/entry.ts';
import type { Frame } from '../../../local/step-functions/interpreter/execution.ts';
import { Store } from '../../../local/store/store.ts';
import type { GeneratedMachine } from './machines.ts';
import type { TaskCall } from './oracle/interpret.ts';
import { durationMs, heartbeatEveryMs, outcomeOf } from './task-script.ts';

const ACCOUNT = '111111111111';
const ARN = `arn:aws:states:eu-west-1:${ACCOUNT}:execution:machine:run`;
export const EXECUTION_NAME = 'run';
export const START_MS = Date.UTC(2026, 0, 1);
export const UUID = '00000000-0000-4000-8000-000000000000';

/** A task that the engine asked for, as the world outside knows it: it outlives the engine. */
interface Asked {
  readonly call: TaskCall;
  /** To whoever asked last: an engine that was dropped hears nothing any more. */
  report: TaskReport;
}

export interface EngineRun {
  readonly status: string;
  readonly output: unknown;
  readonly error: string | null;
  readonly cause: string | null;
  readonly calls: readonly TaskCall[];
  /** As GetExecutionHistory shows it, without the times. */
  readonly history: readonly unknown[];
  /** Entries of the log, notes included. */
  readonly entries: number;
  /** Tasks that were asked for again although their end was in the log. */
  readonly ranAgain: readonly string[];
}

/** One execution on the engine, with scripted tasks around it that go on while the engine is dropped and opened again. */
export class EngineWorld {
  readonly #machine: GeneratedMachine;
  readonly #store = new Store(':memory:');
  readonly #clock = new VirtualClock(START_MS);
  readonly #ids: Ids;
  readonly #asked = new Map<string, Asked>();
  /** Of a state in a frame: the entries that scheduled its tasks, one an attempt. */
  readonly #attempts = new Map<string, number[]>();
  readonly #scheduled = new Map<string, number>();
  readonly #ended = new Set<string>();
  readonly #ranAgain: string[] = [];
  readonly #errors: string[] = [];
  #engine: Engine | undefined;
  #entries = 0;
  #dropped = false;
  #stopAfter = Number.POSITIVE_INFINITY;

  constructor(machine: GeneratedMachine) {
    this.#machine = machine;
    this.#ids = { ...seededIds('tokens'), uuid: () => UUID, random: () => machine.random };
  }

  /** Runs the execution to its end, or until its log has so many entries: there the engine is dropped. */
  async begin(stopAfter?: number): Promise<void> {
    const engine = this.#open(stopAfter);
    engine.start({
      header: {
        arn: ARN,
        name: EXECUTION_NAME,
        stateMachineArn: `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:machine`,
        stateMachineName: 'machine',
        roleArn: `arn:aws:iam::${ACCOUNT}:role/machine`,
      },
      definition: JSON.stringify(this.#machine.definition),
      revision: 'r1',
      input: JSON.stringify(this.#machine.input),
    });
    await this.#drive(engine);
  }

  /** Opens an engine on what the one before left, and goes on. */
  async resume(stopAfter?: number): Promise<void> {
    const engine = this.#open(stopAfter);
    engine.resume();
    await this.#drive(engine);
  }

  /** What there is to see from outside. The world ends with it. */
  outcome(): EngineRun {
    const engine = this.#engine!;
    const row = engine.log.byArn(ARN)!;
    const history = engine.log.events(row.key, 0, 30_000, false).map(historyEvent);
    engine.stop();
    this.#store.close();
    if (this.#errors.length > 0) throw new Error(`The engine reported: ${this.#errors.join('\n')}`);
    return {
      status: row.status,
      output: row.output === null ? undefined : JSON.parse(row.output),
      error: row.error,
      cause: row.cause,
      calls: [...this.#asked.values()].map(({ call }) => call),
      history: history.map(({ timestamp: _, ...event }) => event),
      entries: this.#entries,
      ranAgain: this.#ranAgain,
    };
  }

  #open(stopAfter = Number.POSITIVE_INFINITY): Engine {
    this.#stopAfter = stopAfter;
    this.#dropped = false;
    const engine: Engine = new Engine({
      store: this.#store,
      clock: this.#clock,
      ids: this.#ids,
      region: 'eu-west-1',
      caller: {
        supports: () => true,
        call: (request, report) => this.#call(request, report),
        // Who has the token does not hear of the engine's end.
        resume: () => () => {},
      },
      hasActivity: () => true,
      log: (_level, message, fields) => this.#errors.push(`${message} ${JSON.stringify(fields)}`),
      onStatusChanged: () => {},
      onCommitted: (_execution, entries) => this.#onCommitted(engine, entries),
      // So that it can stop after any entry.
      ...(Number.isFinite(stopAfter) && { batchSize: 1 }),
    });
    this.#engine = engine;
    return engine;
  }

  async #drive(engine: Engine): Promise<void> {
    do await engine.settled();
    while (!this.#dropped && engine.log.byArn(ARN)!.status === 'RUNNING' && this.#clock.next());
  }

  #onCommitted(engine: Engine, entries: readonly Entry[]): void {
    this.#entries += entries.length;
    for (const { type, seq, frame } of entries) {
      if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(type)) this.#scheduled.set(frame, seq);
      if (/^(Task|LambdaFunction|Activity)(Succeeded|Failed|TimedOut)$/.test(type))
        this.#ended.add(`${frame}#${this.#scheduled.get(frame)}`);
    }
    if (this.#entries < this.#stopAfter || this.#dropped) return;
    this.#dropped = true;
    engine.stop();
  }

  #call(request: TaskRequest, report: TaskReport): () => void {
    const { resource, frame, scheduledSeq } = request;
    const id = `${frame}#${scheduledSeq}`;
    if (this.#ended.has(id)) this.#ranAgain.push(`${request.stateName} ${id}`);
    const known = this.#asked.get(id);
    if (known) known.report = report;
    else this.#take(id, request, report);
    if (resource.kind === 'Activity') report.started('worker');
    if (resource.kind === 'Task' && resource.pattern === 'waitForTaskToken') report.submitted({ accepted: true });
    return () => {};
  }

  /** Somebody begins to work on it: when it answers is settled now, whatever becomes of the engine. */
  #take(id: string, request: TaskRequest, report: TaskReport): void {
    const { resource, frame, stateName, input } = request;
    const attempts = this.#attempts.get(`${frame} ${stateName}`) ?? [];
    this.#attempts.set(`${frame} ${stateName}`, [...attempts, request.scheduledSeq]);
    const nowMs = this.#clock.now();
    const call = { atMs: nowMs, state: stateName, place: placeOf(frame), attempt: attempts.length, input };
    const asked: Asked = { call, report };
    this.#asked.set(id, asked);
    const outcome = outcomeOf(this.#machine.script, call);
    const answerMs = outcome.kind === 'silent' ? Number.POSITIVE_INFINITY : durationMs(call);
    const callsBack =
      resource.kind === 'Activity' || (resource.kind === 'Task' && resource.pattern !== 'request-response');
    if (callsBack) this.#keepAlive(request, nowMs, answerMs);
    if (outcome.kind === 'silent') return;
    this.#clock.at(nowMs + answerMs, () => {
      if (callsBack) {
        this.#tell(request, (of) =>
          outcome.kind === 'succeeds' ? taskEnd.succeeded(of, outcome.output) : taskEnd.failed(of, outcome),
        );
      } else if (outcome.kind === 'succeeds') asked.report.succeeded(outcome.output);
      else asked.report.failed({ error: outcome.error, cause: outcome.cause });
    });
  }

  #keepAlive(request: TaskRequest, nowMs: number, answerMs: number): void {
    const execution = this.#engine!.stateOf(this.#engine!.log.byArn(ARN)!);
    const heartbeatMs = execution.frames.get(request.frame)?.state?.task?.heartbeatMs;
    if (heartbeatMs === undefined) return;
    const everyMs = heartbeatEveryMs(heartbeatMs / 1000);
    const { heartbeats } = this.#machine.script[request.stateName]!;
    for (let beat = 1; beat <= heartbeats && beat * everyMs < answerMs; beat++) {
      this.#clock.at(nowMs + beat * everyMs, () =>
        this.#tell(request, (frame) => ({ frame: frame.id, type: 'HeartbeatReceived' })),
      );
    }
  }

  /** As SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat do. */
  #tell({ frame, scheduledSeq }: TaskRequest, what: (frame: Frame) => Draft): void {
    const engine = this.#engine!;
    void engine.post(engine.log.byArn(ARN)!, whilePending(frame, scheduledSeq, what));
  }
}

/** A frame's id without the event ids in it: `0.12.1.33.0` is `1/0`. */
const placeOf = (frame: string): string =>
  frame
    .split('.')
    .filter((_, at) => at > 0 && at % 2 === 0)
    .join('/');
