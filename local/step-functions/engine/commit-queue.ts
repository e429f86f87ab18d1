import type { Store } from '../../store/store.ts';

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what different executions write in one turn of the event loop goes to disk in one transaction, so that a
 * hundred executions at once do not pay for a hundred fsyncs.
 */
export class CommitQueue {
  readonly #store: Store;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves when `write` is on disk. */
  commit(write: () => void): Promise<void> {
    if (this.#closed) return Promise.reject(new EngineStopped());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  /** What waits is dropped: it was not promised to anybody, and the log leads to it again. */
  close(): void {
    this.#closed = true;
    this.#flush();
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    if (this.#closed) {
      for (const one of group) one.reject(new EngineStopped());
      return;
    }
    try {
      this.#store.transaction(() => {
        for (const one of group) one.write();
      });
    } catch (error) {
      // One bad write must not take the others with it: each gets a transaction of its own.
      if (group.length === 1) group[0]!.reject(error);
      else for (const one of group) this.#alone(one);
      return;
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
}

/** The engine was stopped before the write was made; the store has what was there before. */
export class EngineStopped extends Error {
  override readonly name = 'EngineStopped';
}
