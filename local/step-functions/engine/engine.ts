import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { Log } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { StateMachineDefinition } from '../asl.ts';
import { record } from '../interpreter/advance.ts';
import type { Entry } from '../interpreter/entry.ts';
import { type Execution, type ExecutionHeader, newExecution, ROOT } from '../interpreter/execution.ts';
import { Actor, type ActorHost, type Command } from './actor.ts';
import { CommitQueue, EngineStopped } from './commit-queue.ts';
import { ExecutionLog, type ExecutionRow } from './execution-log.ts';
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
}

export interface StartRequest {
  readonly header: Omit<ExecutionHeader, 'definition'>;
  readonly definition: string;
  readonly revision: string;
  readonly input: string;
  readonly traceHeader?: string;
  /** The task that waits for it (`startExecution.sync`). */
  readonly parent?: { readonly arn: string; readonly frame: string; readonly seq: number };
}

const BATCH_SIZE = 500;

/** The executions of one account: in the store they are logs, here the ones that are open have a writer each. */
export class Engine {
  readonly log: ExecutionLog;
  readonly #options: EngineOptions;
  readonly #queue: CommitQueue;
  readonly #actors = new Map<number, Actor>();
  readonly #endListeners = new Map<string, Set<() => void>>();
  readonly #host: ActorHost;
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.log = new ExecutionLog(options.store);
    this.#queue = new CommitQueue(options.store);
    this.#host = {
      environment: { clock: options.clock, ids: options.ids, region: options.region, hasActivity: options.hasActivity },
      clock: options.clock,
      caller: options.caller,
      batchSize: options.batchSize ?? BATCH_SIZE,
      commit: (key, execution, entries) => this.#commit(key, execution, entries),
      onBroken: (key, error) => this.#onBroken(key, error),
      onEnded: (key, execution) => this.#onEnded(key, execution),
    };
  }

  /** Begins an execution: it is on disk when this returns, and runs from then on. */
  start(request: StartRequest): Execution {
    const definition = JSON.parse(request.definition) as StateMachineDefinition;
    const execution = newExecution({ ...request.header, definition });
    const nowMs = this.#options.clock.now();
    const timeoutAtMs = definition.TimeoutSeconds === undefined ? undefined : nowMs + definition.TimeoutSeconds * 1000;
    const { header, parent } = request;
    const entry = record(
      execution,
      {
        frame: ROOT,
        type: 'ExecutionStarted',
        details: { input: request.input, inputDetails: { truncated: false }, roleArn: header.roleArn },
        ...(timeoutAtMs !== undefined && { memo: { timeoutAtMs } }),
        previousEventId: 0,
      },
      nowMs,
    );
    const key = this.#options.store.transaction(() => {
      this.log.saveDefinition(request.revision, request.definition);
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
      });
      this.log.append(created, entry);
      this.#options.onStatusChanged(execution);
      return created;
    });
    const actor = new Actor(key, execution, this.#host);
    this.#actors.set(key, actor);
    this.#options.onCommitted?.(execution, [entry]);
    if (!this.#stopped) actor.wake();
    return execution;
  }

  /** Lets something happen to an execution; false when it is too late for it. */
  async post(row: ExecutionRow, command: Command): Promise<boolean> {
    if (this.#stopped) throw new EngineStopped();
    const actor = this.#actorOf(row);
    const accepted = await actor.post(command);
    if (actor.execution.status !== 'RUNNING') this.#actors.delete(row.key);
    return accepted;
  }

  /** The state of an execution, from memory or its log. */
  stateOf(row: ExecutionRow): Execution {
    return this.#actors.get(row.key)?.execution ?? this.log.load(row);
  }

  /** The open executions' states. */
  *open(): Iterable<{ readonly row: ExecutionRow; readonly execution: Execution }> {
    for (const actor of this.#actors.values()) {
      if (actor.execution.status === 'RUNNING') yield { row: this.log.byKey(actor.key), execution: actor.execution };
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
    for (const row of this.log.running()) if (!this.#isOrphan(row)) this.#actorOf(row).wake();
  }

  /** A nested execution whose parent waits for it no more is stopped, as the parent would have done. */
  #isOrphan(row: ExecutionRow): boolean {
    if (row.parentArn === null) return false;
    const parentRow = this.log.byArn(row.parentArn);
    if (!parentRow) return false;
    const parent = this.stateOf(parentRow);
    const task = parent.status === 'RUNNING' ? parent.frames.get(row.parentFrame!)?.state?.task : undefined;
    if (task?.scheduledSeq === row.parentSeq) return false;
    void this.post(row, (execution) =>
      execution.status === 'RUNNING'
        ? [{ frame: ROOT, type: 'ExecutionAborted', details: {}, previousEventId: 0 }]
        : undefined,
    );
    return true;
  }

  /** Resolves when no execution has anything to decide or to write. */
  async settled(): Promise<void> {
    for (;;) {
      const actors = [...this.#actors.values()];
      await Promise.all(actors.map((actor) => actor.settled()));
      await new Promise((resolve) => setImmediate(resolve));
      if ([...this.#actors.values()].every((actor) => !actor.busy)) return;
    }
  }

  /** Stops at once: what is not on disk is as if it had not been. The store stays usable for another engine. */
  stop(): void {
    this.#stopped = true;
    for (const actor of this.#actors.values()) actor.drop();
    this.#queue.close();
    this.#actors.clear();
    this.#endListeners.clear();
  }

  #actorOf(row: ExecutionRow): Actor {
    let actor = this.#actors.get(row.key);
    if (!actor) {
      actor = new Actor(row.key, this.log.load(row), this.#host);
      this.#actors.set(row.key, actor);
    }
    return actor;
  }

  async #commit(key: number, execution: Execution, entries: readonly Entry[]): Promise<void> {
    const changed = entries.some((entry) => entry.frame === ROOT && entry.type.startsWith('Execution'));
    await this.#queue.commit(() => {
      for (const entry of entries) this.log.append(key, entry);
      if (!changed) return;
      this.log.update(key, execution);
      this.#options.onStatusChanged(execution);
    });
    this.#options.onCommitted?.(execution, entries);
  }

  #onEnded(key: number, execution: Execution): void {
    this.#actors.delete(key);
    const listeners = this.#endListeners.get(execution.header.arn);
    this.#endListeners.delete(execution.header.arn);
    for (const listener of listeners ?? []) listener();
  }

  #onBroken(key: number, error: unknown): void {
    const actor = this.#actors.get(key);
    this.#actors.delete(key);
    if (error instanceof EngineStopped || this.#stopped) return;
    this.#options.log(
      'error',
      'an execution stopped at an error of the engine; it goes on from its log at the next start',
      {
        executionArn: actor?.execution.header.arn,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      },
    );
  }
}
