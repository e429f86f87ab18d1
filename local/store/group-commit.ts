import type { Store } from './store.ts';

interface Waiting {
  /** Does the work in the group's transaction; returns how to tell of its outcome once that is on disk. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes that arrive in one turn of the event loop go to disk in one transaction: twenty at a time pay for one fsync.
 * Each is judged after the one before it, and what it throws takes back its own writes only.
 */
export class GroupCommit {
  readonly #store: Store;
  #waiting: Waiting[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves with what `work` returned when its writes are on disk; rejects with what it threw, or when they cannot be written. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () => {
        try {
          const value = this.#store.savepoint(work);
          return () => resolve(value);
        } catch (error) {
          // SQLite ends the transaction by itself when the disk is full or fails: then nothing of the group was written.
          if (!this.#store.db.isTransaction) throw error;
          return () => reject(error);
        }
      };
      this.#waiting.push({ run, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    let outcomes: (() => void)[];
    try {
      outcomes = this.#store.transaction(() => group.map(({ run }) => run()));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const tell of outcomes) tell();
  }
}
