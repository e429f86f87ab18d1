import type { Clock } from '../../clock.ts';
import { advance, nextDue, record } from '../interpreter/advance.ts';
import type { Draft, Entry } from '../interpreter/entry.ts';
import type { InterpreterEnvironment } from '../interpreter/evaluation.ts';
import type { Execution, Frame } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import { parseResource } from '../interpreter/resource.ts';
import { type Rest, UNDER_WAY } from './log-segments.ts';
import type { TaskCaller, TaskReport, TaskRequest } from './task-caller.ts';
import { taskEnd } from './task-events.ts';

/** Something that happens to an execution from outside: the drafts it comes to, or undefined when it is too late for it. */
export type Command = (execution: Execution) => readonly Draft[] | undefined;

export interface ActorHost {
  readonly environment: InterpreterEnvironment;
  readonly clock: Clock;
  readonly caller: TaskCaller;
  /** Runs the map run that a frame waits for. Returns how to give it up. */
  attendMapRun(key: number, execution: Execution, frame: Frame): () => void;
  /** The most entries of one execution that go into one transaction. */
  readonly batchSize: number;
  /**
   * Writes entries (and the row and status event that go with them); resolves when they are on disk. `onDelayed` is told when
   * that has to wait until the store can be written again.
   */
  commit(
    key: number,
    execution: Execution,
    entries: readonly Entry[],
    rest: Rest,
    onDelayed: (error: unknown) => void,
  ): Promise<void>;
  /** The actor cannot go on: the engine forgets it. */
  onBroken(key: number, error: unknown): void;
  onEnded(key: number, execution: Execution): void;
  /** Nothing happens before `dueMs`, unless somebody outside says something: the actor need not stay in memory. */
  onIdle(key: number): void;
}

interface Mail {
  readonly command: Command;
  readonly resolve: (accepted: boolean) => void;
  /** Of somebody who does not wait until a store that cannot be written now can be. */
  readonly reject: ((error: unknown) => void) | undefined;
}

/** The one writer of one execution: takes what happens to it in turn, decides, commits, and only then acts. */
export class Actor {
  readonly key: number;
  readonly execution: Execution;
  readonly #host: ActorHost;
  #mail: Mail[] = [];
  /** How to give up what is with somebody else, by the entry that began it. */
  readonly #inFlight = new Map<number, () => void>();
  #begun: number[] = [];
  #running: Promise<void> | undefined;
  #alarm: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #dropped = false;
  #refusal: { readonly error: unknown } | undefined;

  constructor(key: number, execution: Execution, host: ActorHost) {
    this.key = key;
    this.execution = execution;
    this.#host = host;
  }

  /**
   * Resolves, with whether it was in time, when what came of the command is on disk. When the store cannot be written now it rejects;
   * the command may still take effect once it can be.
   */
  ask(command: Command): Promise<boolean> {
    return new Promise((resolve, reject) => this.#receive({ command, resolve, reject }));
  }

  /** As `ask`, but waits for as long as the store cannot be written. */
  tell(command: Command): Promise<boolean> {
    return new Promise((resolve) => this.#receive({ command, resolve, reject: undefined }));
  }

  /** Looks whether anything is due or undone. */
  wake(): void {
    void this.tell(() => []);
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  get dueMs(): number | undefined {
    return nextDue(this.execution);
  }

  /** Resolves when the mailbox is empty. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Nothing more is decided or acted on. What is in flight is left to itself; its reports are ignored. */
  drop(): void {
    this.#dropped = true;
    this.#alarm?.cancel();
    for (const { resolve } of this.#mail.splice(0)) resolve(false);
  }

  /** As `drop`, and gives up what is in flight. */
  abandon(): void {
    this.drop();
    this.#giveUpAll();
  }

  #receive(mail: Mail): void {
    if (this.#dropped) mail.resolve(false);
    else if (this.#refusal && mail.reject) mail.reject(this.#refusal.error);
    else {
      this.#mail.push(mail);
      this.#run();
    }
  }

  #run(): void {
    if (this.#running || this.#dropped) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      if (this.#mail.length > 0) this.#run();
    });
  }

  async #work(): Promise<void> {
    while (this.#mail.length > 0 && !this.#dropped) {
      const mails = this.#mail;
      this.#mail = [];
      const answers: boolean[] = [];
      try {
        await this.#take(mails, answers);
      } catch (error) {
        this.abandon();
        this.#host.onBroken(this.key, error);
      }
      for (const [index, { resolve }] of mails.entries()) resolve(!this.#dropped && answers[index] === true);
    }
    if (!this.#dropped && this.#isIdle) this.#host.onIdle(this.key);
  }

  get #isIdle(): boolean {
    const { status, attended } = this.execution;
    return status === 'RUNNING' && attended.size === 0 && this.#mail.length === 0;
  }

  /** Everything that came while the last was being written is taken together, and written in one go. */
  async #take(mails: readonly Mail[], answers: boolean[]): Promise<void> {
    const { execution } = this;
    const { batchSize, clock, environment } = this.#host;
    const onDelayed = (error: unknown) => this.#refuse(error, mails);
    let batch: Entry[] = [];
    const commit = async (rest: Rest) => {
      const entries = batch;
      batch = [];
      if (entries.length > 0) await this.#host.commit(this.key, execution, entries, rest, onDelayed);
      this.#refusal = undefined;
    };
    const append = async (draft: Draft) => {
      batch.push(record(execution, draft, clock.now()));
      if (batch.length >= batchSize) await commit(UNDER_WAY);
    };
    let changed = false;
    for (const mail of mails) {
      const drafts = this.#decide(mail);
      answers.push(drafts !== undefined);
      for (const draft of drafts ?? []) {
        changed = true;
        await append(draft);
      }
    }
    const wasRunning = changed || execution.status === 'RUNNING';
    for (let full = true; full && !this.#dropped; ) {
      await advance(execution, environment, (entry) => batch.push(entry) < batchSize);
      full = batch.length >= batchSize;
      if (full) await commit(UNDER_WAY);
    }
    if (this.#dropped) return;
    // Told with what scheduled them, so that a step costs one fsync; whoever does the task is called after the commit.
    const begun = execution.begunTasks.splice(0);
    for (const seq of begun) {
      this.#begun.push(seq);
      const started = startedDraft(execution, seq);
      if (started) await append(started);
    }
    await commit({ dueMs: nextDue(execution) ?? null, attended: execution.attended.size > 0 });
    if (this.#dropped) return;
    this.#act();
    if (execution.status !== 'RUNNING' && wasRunning) this.#host.onEnded(this.key, execution);
  }

  #decide({ command, reject }: Mail): readonly Draft[] | undefined {
    try {
      return command(this.execution);
    } catch (error) {
      if (!reject) throw error;
      reject(error);
      return undefined;
    }
  }

  /** The store cannot be written now: who asked for something is told so, what was told waits. */
  #refuse(error: unknown, mails: readonly Mail[]): void {
    this.#refusal = { error };
    for (const { reject } of [...mails, ...this.#mail]) reject?.(error);
    this.#mail = this.#mail.filter(({ reject }) => !reject);
  }

  /** What the log asks for and nobody does yet; what is done and the log asks for no more; and when to look again. */
  #act(): void {
    const { execution } = this;
    for (const seq of execution.endedTasks.splice(0)) this.#giveUp(seq);
    const begun = this.#begun;
    this.#begun = [];
    if (execution.status !== 'RUNNING') this.#giveUpAll();
    else for (const seq of begun) this.#dispatch(seq);
    const atMs = nextDue(execution);
    if (atMs === this.#alarm?.atMs) return;
    this.#alarm?.cancel();
    this.#alarm = atMs === undefined ? undefined : { atMs, cancel: this.#host.clock.at(atMs, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = undefined;
    this.wake();
  }

  #giveUp(seq: number): void {
    const giveUp = this.#inFlight.get(seq);
    this.#inFlight.delete(seq);
    giveUp?.();
  }

  #giveUpAll(): void {
    for (const seq of [...this.#inFlight.keys()]) this.#giveUp(seq);
  }

  #dispatch(seq: number): void {
    const frame = this.execution.tasks.get(seq);
    if (!frame || this.#inFlight.has(seq)) return;
    if (frame.phase === 'map-run') {
      this.#inFlight.set(seq, this.#host.attendMapRun(this.key, this.execution, frame));
      return;
    }
    const task = frame.state!.task!;
    const resource = parseResource(task.resource)!;
    const request: TaskRequest = {
      execution: this.execution.header,
      resource,
      input: task.input,
      roleArn: task.credentials ?? this.execution.header.roleArn,
      token: task.token,
      stateName: frame.state!.name,
      attemptId: `${this.execution.header.name}-${task.scheduledSeq}`,
      scheduledSeq: task.scheduledSeq,
      frame: frame.id,
    };
    const report = this.#reportOf(frame.id, task.scheduledSeq);
    // What is reported before the call returns is of a task that is in flight.
    this.#inFlight.set(seq, () => {});
    const { caller } = this.#host;
    const giveUp =
      task.submitted === undefined ? caller.call(request, report) : caller.resume(request, task.submitted, report);
    this.#inFlight.set(seq, giveUp);
  }

  #reportOf(frameId: string, scheduledSeq: number): TaskReport {
    const tell = (end: (frame: Frame) => Draft | undefined) => void this.tell(whilePending(frameId, scheduledSeq, end));
    return {
      started: (workerName) =>
        tell((frame) => (frame.state!.task!.started ? undefined : taskEnd.started(frame, workerName))),
      submitted: (output) => tell((frame) => taskEnd.submitted(frame, output)),
      succeeded: (output) => tell((frame) => taskEnd.succeeded(frame, output)),
      failed: (failure: Failure) => tell((frame) => taskEnd.failed(frame, failure)),
    };
  }
}

/** Tasks are started as they are dispatched, but for an activity's, which start when a worker takes them. */
function startedDraft(execution: Execution, seq: number): Draft | undefined {
  const frame = execution.status === 'RUNNING' ? execution.tasks.get(seq) : undefined;
  const task = frame?.phase === 'pending' ? frame.state!.task! : undefined;
  return task && !task.started && task.kind !== 'Activity' ? taskEnd.started(frame!) : undefined;
}

/** A command that holds only while the task that was scheduled by entry `scheduledSeq` has not ended. */
export const whilePending =
  (frameId: string, scheduledSeq: number, decide: (frame: Frame) => Draft | undefined): Command =>
  (execution) => {
    const frame = execution.frames.get(frameId);
    if (execution.status !== 'RUNNING' || frame?.phase !== 'pending') return undefined;
    if (frame.state!.task!.scheduledSeq !== scheduledSeq) return undefined;
    const draft = decide(frame);
    return draft && [draft];
  };
