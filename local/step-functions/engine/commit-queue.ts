import type { Clock } from '../../clock.ts';
import type { Log } from '../../service.ts';
import { storageFailure } from '../../store/storage-failure.ts';
import type { Store } from '../../store/store.ts';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly onDelayed: ((error: unknown) => void) | undefined;
}

/** How long after the store could not be written it is tried again. */
const RETRY_MS = 1000;

/**
 * Group commit: what different executions write in one turn of the event loop goes to disk in one transaction, so that a
 * hundred executions at once do not pay for a hundred fsyncs. Where the disk is full or the like, what waits is tried again
 * until it can be written: the executions stand still, and go on.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #closed = false;
  #refusal: { readonly error: unknown; readonly cancelRetry: () => void } | undefined;

  constructor(store: Store, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when `write` is on disk. `onDelayed` is told when that has to wait until the store can be written again. */
  commit(write: () => void, onDelayed?: (error: unknown) => void): Promise<void> {
    if (this.#closed) return Promise.reject(new EngineStopped());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject, onDelayed });
      if (this.#refusal) onDelayed?.(this.#refusal.error);
      else if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  /**
   * Does `work`, whose writes go to disk with those of others; resolves with what it returned when they are there. What it throws takes
   * back its own writes only. Rejects, and does not do it, when the store cannot be written now.
   */
  together<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let refused = false;
      let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
      const write = () => {
        outcome = refused ? undefined : this.#attempt(work);
      };
      const onDelayed = (error: unknown) => {
        refused = true;
        reject(error);
      };
      this.commit(write, onDelayed).then(() => {
        if (outcome && 'value' in outcome) resolve(outcome.value);
        else if (outcome) reject(outcome.error);
      }, reject);
    });
  }

  #attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
    try {
      return { value: this.#store.savepoint(work) };
    } catch (error) {
      if (storageFailure(error) !== undefined) throw error;
      return { error };
    }
  }

  /** What waits is dropped: it was not promised to anybody, and the log leads to it again. */
  close(): void {
    this.#closed = true;
    this.#refusal?.cancelRetry();
    for (const one of this.#waiting.splice(0)) one.reject(new EngineStopped());
  }

  #flush(): void {
    const group = this.#waiting;
    if (group.length === 0 || this.#closed) return;
    try {
      this.#store.transaction(() => {
        for (const one of group) one.write();
      });
    } catch (error) {
      const problem = storageFailure(error);
      if (problem !== undefined) {
        this.#delay(error, problem);
        return;
      }
      this.#waiting = [];
      // One bad write must not take the others with it: each gets a transaction of its own.
      if (group.length === 1) group[0]!.reject(error);
      else for (const one of group) this.#alone(one);
      return;
    }
    this.#waiting = [];
    if (this.#refusal) {
      this.#refusal = undefined;
      this.#log('info', 'the store can be written again: the executions go on');
    }
    for (const one of group) one.resolve();
  }

  #alone(one: Waiting): void {
    try {
      this.#store.transaction(one.write);
      one.resolve();
    } catch (error) {
      one.reject(error);
    }
  }

  #delay(error: unknown, problem: string): void {
    const known = this.#refusal !== undefined;
    this.#refusal = {
      error,
      cancelRetry: this.#clock.at(this.#clock.now() + RETRY_MS, () => this.#flush()),
    };
    if (known) return;
    this.#log('error', `the store cannot be written, and executions stand still until it can: ${problem}`, {
      error: String(error),
    });
    for (const one of this.#waiting) one.onDelayed?.(error);
  }
}

/** The engine was stopped before the write was made; the store has what was there before. */
export class EngineStopped extends Error {
  override readonly name = 'EngineStopped';
}
