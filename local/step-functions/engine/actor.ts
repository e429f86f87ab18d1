import type { Clock } from '../../clock.ts';
import { advance, nextDue, record } from '../interpreter/advance.ts';
import type { Draft, Entry } from '../interpreter/entry.ts';
import type { InterpreterEnvironment } from '../interpreter/evaluation.ts';
import type { Execution, Frame } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import { parseResource } from '../interpreter/resource.ts';
import type { TaskCaller, TaskReport, TaskRequest } from './task-caller.ts';
import { taskEnd } from './task-events.ts';

/** Something that happens to an execution from outside: the drafts it comes to, or undefined when it is too late for it. */
export type Command = (execution: Execution) => readonly Draft[] | undefined;

export interface ActorHost {
  readonly environment: InterpreterEnvironment;
  readonly clock: Clock;
  readonly caller: TaskCaller;
  /** The most entries of one execution that go into one transaction. */
  readonly batchSize: number;
  /** Writes entries (and the row and status event that go with them); resolves when they are on disk. */
  commit(key: number, execution: Execution, entries: readonly Entry[]): Promise<void>;
  /** The actor cannot go on (the store refused): the engine forgets it. */
  onBroken(key: number, error: unknown): void;
  onEnded(key: number, execution: Execution): void;
}

interface Mail {
  readonly command: Command;
  readonly resolve: (accepted: boolean) => void;
}

/** The one writer of one execution: takes what happens to it in turn, decides, commits, and only then acts. */
export class Actor {
  readonly key: number;
  readonly execution: Execution;
  readonly #host: ActorHost;
  readonly #mail: Mail[] = [];
  readonly #inFlight = new Map<string, () => void>();
  #running: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #dropped = false;

  constructor(key: number, execution: Execution, host: ActorHost) {
    this.key = key;
    this.execution = execution;
    this.#host = host;
  }

  /** Resolves, with whether it was in time, when what came of the command is on disk. */
  post(command: Command): Promise<boolean> {
    return new Promise((resolve) => {
      this.#mail.push({ command, resolve });
      this.#run();
    });
  }

  /** Looks whether anything is due or undone. */
  wake(): void {
    void this.post(() => []);
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when the mailbox is empty. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Nothing more is decided or acted on. What is in flight is left to itself; its reports are ignored. */
  drop(): void {
    this.#dropped = true;
    this.#cancelTimer?.();
    for (const { resolve } of this.#mail.splice(0)) resolve(false);
  }

  #run(): void {
    if (this.#running || this.#dropped) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      if (this.#mail.length > 0) this.#run();
    });
  }

  async #work(): Promise<void> {
    for (let mail = this.#mail.shift(); mail && !this.#dropped; mail = this.#mail.shift()) {
      try {
        mail.resolve(await this.#take(mail.command));
      } catch (error) {
        mail.resolve(false);
        this.drop();
        this.#host.onBroken(this.key, error);
      }
    }
  }

  async #take(command: Command): Promise<boolean> {
    const { execution } = this;
    const drafts = command(execution);
    if (!drafts) return false;
    const wasRunning = execution.status === 'RUNNING';
    let batch: Entry[] = [];
    const nowMs = this.#host.clock.now();
    for (const draft of drafts) {
      batch.push(record(execution, draft, nowMs));
      if (batch.length >= this.#host.batchSize) batch = await this.#commit(batch);
    }
    for (let more = true; more && !this.#dropped; ) {
      more = false;
      await advance(execution, this.#host.environment, (entry) => {
        batch.push(entry);
        more = batch.length >= this.#host.batchSize;
        return !more;
      });
      if (!more) {
        // Told with what scheduled them, so that a step costs one fsync; whoever does the task is called after the commit.
        for (const draft of tasksToStart(execution)) {
          if (batch.length >= this.#host.batchSize) batch = await this.#commit(batch);
          batch.push(record(execution, draft, this.#host.clock.now()));
        }
      }
      batch = await this.#commit(batch);
    }
    if (this.#dropped) return false;
    this.#act();
    if (execution.status !== 'RUNNING' && (wasRunning || drafts.length > 0)) this.#host.onEnded(this.key, execution);
    return true;
  }

  async #commit(batch: readonly Entry[]): Promise<Entry[]> {
    if (batch.length > 0) await this.#host.commit(this.key, this.execution, batch);
    return [];
  }

  /** What the log asks for and nobody does yet; what is done and the log asks for no more; and when to look again. */
  #act(): void {
    const { execution } = this;
    const running = execution.status === 'RUNNING';
    const wanted = new Map<string, Frame>();
    if (running) {
      for (const frame of execution.frames.values()) {
        if (frame.phase === 'pending') wanted.set(`${frame.id}#${frame.state!.task!.scheduledSeq}`, frame);
      }
    }
    for (const [id, giveUp] of this.#inFlight) {
      if (wanted.has(id)) continue;
      this.#inFlight.delete(id);
      giveUp();
    }
    for (const [id, frame] of wanted) if (!this.#inFlight.has(id)) this.#dispatch(id, frame);
    this.#cancelTimer?.();
    const due = running ? nextDue(execution) : undefined;
    this.#cancelTimer = due === undefined ? undefined : this.#host.clock.at(due, () => this.wake());
  }

  #dispatch(id: string, frame: Frame): void {
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
    this.#inFlight.set(id, () => {});
    if (task.submitted !== undefined) {
      this.#inFlight.set(id, this.#host.caller.resume(request, task.submitted, report));
      return;
    }
    this.#inFlight.set(id, this.#host.caller.call(request, report));
  }

  #reportOf(frameId: string, scheduledSeq: number): TaskReport {
    const tell = (end: (frame: Frame) => Draft | undefined) => void this.post(whilePending(frameId, scheduledSeq, end));
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
const tasksToStart = (execution: Execution): Draft[] =>
  execution.status === 'RUNNING'
    ? [...execution.frames.values()]
        .filter(
          (frame) => frame.phase === 'pending' && !frame.state!.task!.started && frame.state!.task!.kind !== 'Activity',
        )
        .map((frame) => taskEnd.started(frame))
    : [];

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
