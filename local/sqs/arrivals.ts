import type { Clock } from '../clock.ts';

/** Wakes those who wait at a queue when something changed there. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<() => void>>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when nobody shall wait any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  notify(queueName: string): void {
    for (const wake of [...(this.#waiting.get(queueName) ?? [])]) wake();
  }

  /** Resolves at a change, at `untilMs`, or when waiting is stopped. */
  wait(queueName: string, untilMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(queueName) ?? new Set();
      this.#waiting.set(queueName, waiting);
      const wake = () => {
        cancel();
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(queueName);
        resolve();
      };
      const cancel = this.#clock.at(untilMs, wake);
      waiting.add(wake);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const queueName of [...this.#waiting.keys()]) this.notify(queueName);
  }
}
