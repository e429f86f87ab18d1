import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { Log } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import { record } from '../interpreter/advance.ts';
import type { Entry } from '../interpreter/entry.ts';
import { type Execution, type ExecutionHeader, newExecution, ROOT } from '../interpreter/execution.ts';
import type { ChildStart } from '../map-run/map-run.ts';
import { MapRunLog } from '../map-run/map-run-log.ts';
import { MapRuns } from '../map-run/map-runs.ts';
import type { ObjectStorage } from '../map-run/object-storage.ts';
import { Actor, type ActorHost, type Command } from './actor.ts';
import { CommitQueue, EngineStopped } from './commit-queue.ts';
import { ExecutionLog, type ExecutionRow } from './execution-log.ts';
import { failedExecution } from './failed-execution.ts';
import { type Rest, UNDER_WAY } from './log-segments.ts';
import { OpenExecutions } from './open-executions.ts';
import { abortExecution } from './redrive.ts';
import type { TaskCaller } from './task-caller.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly region: string;
  readonly log: Log;
  readonly caller: TaskCaller;
  readonly hasActivity: (arn: string) => boolean;
  /** Called in the transaction that starts, ends or redrives an execution. */
  readonly onStatusChanged: (execution: Execution) => void;
  /** Called after each commit, with what went to disk. For tests that stop the engine there. */
  readonly onCommitted?: (execution: Execution, entries: readonly Entry[]) => void;
  readonly batchSize?: number;
  /** How many executions that only wait are kept in memory; 1000 where it is not given. */
  readonly idleInMemory?: number;
  /** For the datasets and results of distributed Maps. */
  readonly storage?: ObjectStorage;
}

export interface StartRequest {
  readonly header: Omit<ExecutionHeader, 'definition'>;
  readonly definition: string;
  readonly revision: string;
  readonly input: string;
  readonly traceHeader?: string;
  /** The machine's revision, as the API names it. */
  readonly revisionId?: string;
  /** The longest it may run, whatever its definition says. */
  readonly limitSeconds?: number;
  /** The task that waits for it (`startExecution.sync`). */
  readonly parent?: { readonly arn: string; readonly frame: string | undefined; readonly seq: number };
}

/** At some 5 µs an entry the event loop waits no more than about 10 ms, and a long run of states costs few fsyncs. */
const BATCH_SIZE = 2000;
const IDLE_IN_MEMORY = 1000;

/** The executions of one account: in the store they are logs, here the ones that are open have a writer each. */
export class Engine {
  readonly log: ExecutionLog;
  readonly mapRuns: MapRuns;
  readonly mapRunLog: MapRunLog;
  readonly #options: EngineOptions;
  readonly #queue: CommitQueue;
  readonly #open: OpenExecutions;
  readonly #endListeners = new Map<string, Set<() => void>>();
  readonly #host: ActorHost;
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.mapRunLog = new MapRunLog(options.store);
    this.log = new ExecutionLog(options.store, (key) => this.mapRunLog.placeOf(key));
    this.#queue = new CommitQueue(options.store, options.clock, options.log);
    this.#host = {
      environment: { clock: options.clock, ids: options.ids, region: options.region, hasActivity: options.hasActivity },
      clock: options.clock,
      caller: options.caller,
      batchSize: options.batchSize ?? BATCH_SIZE,
      attendMapRun: (key, execution, frame) => this.mapRuns.attend(key, execution, frame),
      commit: (...what) => this.#commit(...what),
      onBroken: (key, error) => this.#onBroken(key, error),
      onEnded: (key, execution) => this.#onEnded(key, execution),
      onIdle: (key) => this.#open.idle(key),
    };
    this.#open = new OpenExecutions({
      clock: options.clock,
      idleInMemory: options.idleInMemory ?? IDLE_IN_MEMORY,
      load: (key) => new Actor(key, this.log.load(this.log.byKey(key)), this.#host),
      onUnreadable: (key, error) => this.#onBroken(key, error),
    });
    this.mapRuns = new MapRuns({
      clock: options.clock,
      ids: options.ids,
      log: this.mapRunLog,
      environment: this.#host.environment,
      storage: options.storage,
      report: options.log,
      commit: (write) => this.#queue.commit(write),
      startChild: (child, alongside) => this.#startChild(child, alongside),
      executionOf: (key) => this.log.byKey(key),
      forget: (key) => this.log.forget(key),
      post: (row, command) => this.tell(row, command),
    });
  }

  /** Begins an execution: it is on disk when this returns, and runs from then on. */
  start(request: StartRequest): Execution {
    const definition = this.log.parsedDefinition(request.revision, request.definition);
    const beginning = this.#beginning({ ...request, header: { ...request.header, definition } });
    const key = this.#options.store.transaction(() => {
      this.log.saveDefinition(request.revision, request.definition);
      return beginning.write();
    });
    // Where the caller has a transaction of its own, nothing begins before that is on disk.
    this.#options.store.afterCommit(() => beginning.begin(key));
    return beginning.execution;
  }

  /** Does `work`, such as starts, in one transaction with what others write; resolves with what it returned when that is on disk. */
  together<T>(work: () => T): Promise<T> {
    return this.#queue.together(work);
  }

  /** A child is begun with others in one transaction; `alongside` is written with it. */
  async #startChild(child: ChildStart, alongside: (executionKey: number) => void): Promise<void> {
    const { header, definition, revision } = child;
    const beginning = this.#beginning({ ...child, header: { ...header, definition } });
    let key = 0;
    await this.#queue.commit(() => {
      this.log.saveDefinition(revision, JSON.stringify(definition));
      key = beginning.write();
      alongside(key);
    });
    beginning.begin(key);
  }

  /** A new execution: how its first entry is written, and how it goes on from there. */
  #beginning(request: Omit<StartRequest, 'definition' | 'header'> & { readonly header: ExecutionHeader }) {
    const { definition } = request.header;
    const execution = newExecution(request.header);
    const nowMs = this.#options.clock.now();
    const seconds = Math.min(definition.TimeoutSeconds ?? Infinity, request.limitSeconds ?? Infinity);
    const timeoutAtMs = seconds === Infinity ? undefined : nowMs + seconds * 1000;
    const { header, parent } = request;
    const entry = record(
      execution,
      {
        frame: ROOT,
        type: 'ExecutionStarted',
        details: { input: request.input, roleArn: header.roleArn },
        ...(timeoutAtMs !== undefined && { memo: { timeoutAtMs } }),
        previousEventId: 0,
      },
      nowMs,
    );
    const write = (): number => {
      const created = this.log.create({
        arn: header.arn,
        name: header.name,
        stateMachineArn: header.stateMachineArn,
        stateMachineName: header.stateMachineName,
        roleArn: header.roleArn,
        startedAtMs: nowMs,
        input: request.input,
        revision: request.revision,
        traceHeader: request.traceHeader ?? null,
        parentArn: parent?.arn ?? null,
        parentFrame: parent?.frame ?? null,
        parentSeq: parent?.seq ?? null,
        stateMachineVersionArn: header.stateMachineVersionArn ?? null,
        stateMachineAliasArn: header.stateMachineAliasArn ?? null,
        revisionId: request.revisionId ?? null,
      });
      this.log.append(created, [entry], UNDER_WAY);
      this.#options.onStatusChanged(execution);
      return created;
    };
    const begin = (key: number): void => {
      if (this.#stopped) return;
      const actor = new Actor(key, execution, this.#host);
      this.#open.add(actor);
      this.#options.onCommitted?.(execution, [entry]);
      if (!this.#stopped) actor.wake();
    };
    return { execution, write, begin };
  }

  /**
   * Lets something happen to an execution; false when it is too late for it. Rejects when the store cannot be written now; it may
   * still happen once it can be.
   */
  post(row: ExecutionRow, command: Command): Promise<boolean> {
    return this.#post(row, (actor) => actor.ask(command));
  }

  /** As `post`, but waits for as long as the store cannot be written. */
  tell(row: ExecutionRow, command: Command): Promise<boolean> {
    return this.#post(row, (actor) => actor.tell(command));
  }

  async #post(row: ExecutionRow, send: (actor: Actor) => Promise<boolean>): Promise<boolean> {
    if (this.#stopped) throw new EngineStopped();
    const actor = this.#actorOf(row.key);
    const accepted = await send(actor);
    if (actor.execution.status !== 'RUNNING' && this.#open.get(row.key) === actor) this.#open.forget(row.key);
    return accepted;
  }

  /** The state of an execution, from memory or its log. */
  stateOf(row: ExecutionRow): Execution {
    return this.#open.get(row.key)?.execution ?? this.log.load(row);
  }

  /** The open executions' states: of all whose tasks somebody has to be at. */
  *open(): Iterable<{ readonly row: ExecutionRow; readonly execution: Execution }> {
    for (const { key, execution } of this.#open.all()) {
      if (execution.status === 'RUNNING') yield { row: this.log.byKey(key), execution };
    }
  }

  /** Calls `listener` once when the execution has ended, at once when it has. Returns a cancel. */
  whenEnded(arn: string, listener: (row: ExecutionRow) => void): () => void {
    const tell = () => listener(this.log.byArn(arn)!);
    const row = this.log.byArn(arn);
    if (row && row.status !== 'RUNNING') {
      queueMicrotask(tell);
      return () => {};
    }
    const listeners = this.#endListeners.get(arn) ?? new Set();
    this.#endListeners.set(arn, listeners);
    listeners.add(tell);
    return () => listeners.delete(tell);
  }

  /** Takes up every execution that is open: timers are set, tasks in flight are called again. */
  resume(): void {
    this.#options.store.transaction(() => this.mapRuns.resume((key) => this.stateOf(this.log.byKey(key))));
    this.#open.takeUp(
      this.log.open().filter((one) => one.parentArn === null || !this.#isOrphan(this.log.byKey(one.key))),
    );
  }

  /** A nested execution whose parent waits for it no more is stopped, as the parent would have done. */
  #isOrphan(row: ExecutionRow): boolean {
    const place = this.mapRunLog.placeOf(row.key);
    if (place) {
      if (!this.mapRuns.isOver(place.runKey)) return false;
      this.mapRuns.stopChild(row);
      return true;
    }
    // Its parent only started it.
    if (row.parentFrame === null) return false;
    const parentRow = this.log.byArn(row.parentArn!);
    if (!parentRow) return false;
    const parent = parentRow.status === 'RUNNING' ? this.#actorOf(parentRow.key).execution : undefined;
    if (parent?.frames.get(row.parentFrame)?.state?.task?.scheduledSeq === row.parentSeq) return false;
    this.tell(row, abortExecution()).catch(() => {
      // The engine was stopped: the next start finds it again.
    });
    return true;
  }

  /** Resolves when no execution has anything to decide or to write. */
  async settled(): Promise<void> {
    do await this.#open.settled();
    while (!this.mapRuns.quiet);
  }

  /** Stops at once: what is not on disk is as if it had not been. The store stays usable for another engine. */
  stop(): void {
    this.#stopped = true;
    this.#open.drop();
    this.#queue.close();
    this.#endListeners.clear();
  }

  #actorOf(key: number): Actor {
    try {
      return this.#open.actorOf(key);
    } catch (error) {
      this.#onBroken(key, error);
      throw error;
    }
  }

  async #commit(
    key: number,
    execution: Execution,
    entries: readonly Entry[],
    rest: Rest,
    onDelayed?: (error: unknown) => void,
  ): Promise<void> {
    const changed = entries.some((entry) => entry.frame === ROOT && entry.type.startsWith('Execution'));
    await this.#queue.commit(() => {
      this.log.append(key, entries, rest);
      this.mapRuns.onEntries(key, execution, entries);
      if (!changed) return;
      this.log.update(key, execution);
      this.#options.onStatusChanged(execution);
    }, onDelayed);
    if (changed) this.mapRuns.onCommitted(execution);
    this.#options.onCommitted?.(execution, entries);
  }

  #onEnded(key: number, execution: Execution): void {
    this.#open.forget(key);
    const listeners = this.#endListeners.get(execution.header.arn);
    this.#endListeners.delete(execution.header.arn);
    for (const listener of listeners ?? []) listener();
  }

  /** An execution whose actor came upon an error of the engine itself fails, rather than to be left open for ever. */
  #onBroken(key: number, error: unknown): void {
    this.#open.forget(key);
    if (error instanceof EngineStopped || this.#stopped) return;
    void this.#fail(key, error).catch((again: unknown) => {
      if (again instanceof EngineStopped) return;
      this.#options.log(
        'error',
        'an execution could not be ended after an error of the engine; it is taken up at the next start',
        {
          executionKey: key,
          error: stackOf(again),
        },
      );
    });
  }

  async #fail(key: number, error: unknown): Promise<void> {
    const row = this.log.byKey(key);
    this.#options.log('error', 'an execution was failed for an error of the engine', {
      executionArn: row.arn,
      error: stackOf(error),
    });
    if (row.status !== 'RUNNING') return;
    const { execution, entry } = failedExecution(this.log, row, error, this.#options.clock.now());
    await this.#commit(key, execution, [entry], UNDER_WAY);
    this.#onEnded(key, execution);
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
