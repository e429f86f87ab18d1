import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import type { FromWorker, FunctionError, InvokeMessage, WorkerData } from './messages.ts';

export interface SandboxSpecification {
  readonly workerData: WorkerData;
  /** The whole environment of the function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** Until when the credentials in the environment are good. */
  readonly credentialsExpireAtMs: number;
  readonly clock: Clock;
}

export type Outcome =
  | { readonly type: 'answer'; readonly payload: string }
  | { readonly type: 'failure'; readonly error: FunctionError }
  /** The runtime took the sandbox away; the event was not judged. */
  | { readonly type: 'stopped' };

export interface Run {
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Present on the first event: how long loading the function took. */
  readonly initMs?: number;
  /** What the function held when it answered; absent when it did not. */
  readonly memoryBytes?: number;
}

interface Pending {
  readonly message: InvokeMessage;
  readonly onLog: (text: string) => void;
  readonly resolve: (outcome: Outcome) => void;
}

/** `errorType` of a function that took longer than it may. */
export const TIMED_OUT = 'Sandbox.Timedout';

const ENTRY = new URL('./entry.mjs', import.meta.url);
/** AWS gives a function this long to load, whatever its own timeout. */
const INIT_LIMIT_MS = 10_000;

/** A loaded function in a worker thread of its own, which runs one event at a time. */
export class Sandbox {
  readonly credentialsExpireAtMs: number;
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #startedAtMs: number;
  #ready = false;
  #initMs: number | undefined;
  #memoryBytes: number | undefined;
  #pending: Pending | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Why no event can run here any more. */
  #end: Outcome | undefined;

  constructor({ workerData, environment, memoryMb, credentialsExpireAtMs, clock }: SandboxSpecification) {
    this.credentialsExpireAtMs = credentialsExpireAtMs;
    this.#clock = clock;
    this.#startedAtMs = clock.now();
    this.#worker = new Worker(ENTRY, {
      workerData,
      env: { ...environment },
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(errorOfCrash(error, this.#requestId)));
    this.#worker.on('exit', (code) => this.#fail(errorOfExit(code, this.#requestId)));
  }

  /** Whether another event may run here. */
  get usable(): boolean {
    return this.#end === undefined;
  }

  /** Not to be called while an event is running. */
  async run(message: InvokeMessage, onLog: (text: string) => void): Promise<Run> {
    let startedAtMs = this.#clock.now();
    const isCold = !this.#ready;
    this.#memoryBytes = undefined;
    const outcome = await new Promise<Outcome>((resolve) => {
      if (this.#end) return resolve(this.#end);
      this.#pending = { message, onLog, resolve };
      if (this.#ready) this.#send();
      else this.#limit(Math.max(INIT_LIMIT_MS, message.timeoutMs));
    });
    if (isCold && this.#initMs !== undefined) startedAtMs = this.#startedAtMs + this.#initMs;
    const durationMs = Math.max(0, this.#clock.now() - startedAtMs);
    return {
      outcome,
      durationMs,
      ...(isCold && this.#initMs !== undefined ? { initMs: this.#initMs } : {}),
      ...(this.#memoryBytes === undefined ? {} : { memoryBytes: this.#memoryBytes }),
    };
  }

  /** Ends the thread; an event that is running gets `stopped`. */
  async stop(): Promise<void> {
    this.#finish({ type: 'stopped' });
    await this.#worker.terminate();
  }

  get #requestId(): string {
    return this.#pending?.message.requestId ?? '';
  }

  #send(): void {
    const { message } = this.#pending as Pending;
    this.#limit(message.timeoutMs);
    this.#worker.postMessage(message);
  }

  #limit(timeoutMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.at(this.#clock.now() + timeoutMs, () =>
      this.#fail({
        errorType: TIMED_OUT,
        errorMessage: `RequestId: ${this.#requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
      }),
    );
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#initMs = this.#clock.now() - this.#startedAtMs;
        if (this.#pending) this.#send();
        return;
      case 'log':
        this.#pending?.onLog(message.text);
        return;
      case 'answer':
        this.#memoryBytes = message.memoryBytes;
        this.#settle({ type: 'answer', payload: message.payload });
        return;
      case 'failure':
        this.#memoryBytes = message.memoryBytes;
        this.#settle({ type: 'failure', error: message.error });
        return;
      case 'init-failed':
      case 'crash':
        this.#fail(message.error);
        return;
    }
  }

  #fail(error: FunctionError): void {
    if (this.#end) return;
    this.#finish({ type: 'failure', error });
    void this.#worker.terminate();
  }

  #finish(outcome: Outcome): void {
    this.#end ??= outcome;
    this.#settle(outcome);
  }

  #settle(outcome: Outcome): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve(outcome);
  }
}

function errorOfCrash(error: unknown, requestId: string): FunctionError {
  const { code, name, message, stack } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      errorType: 'Runtime.OutOfMemory',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
    };
  }
  return { errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') };
}

const errorOfExit = (code: number, requestId: string): FunctionError => ({
  errorType: 'Runtime.ExitError',
  errorMessage:
    code === 0
      ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
      : `RequestId: ${requestId} Error: Runtime exited with error: exit status ${code}`,
});
