/**
 * Time as the local runtime sees it. Everything in `local/` takes its time from here, so that a test can hold the
 * clock and a 24-hour Wait takes no time at all.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` once when `now()` has reached `atMs`; at once (but never synchronously) when it already has. Returns a cancel. */
  at(atMs: number, fn: () => void): () => void;
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The wall clock. Timers do not keep the process alive: the listening socket does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(atMs, fn) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const waitMs = atMs - Date.now();
      // setTimeout fires at once for delays over 2^31-1 ms, so far-away times are reached in hops.
      timer = waitMs > LONGEST_TIMEOUT_MS ? setTimeout(arm, LONGEST_TIMEOUT_MS) : setTimeout(fn, Math.max(0, waitMs));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

interface Timer {
  readonly atMs: number;
  readonly sequence: number;
  readonly fn: () => void;
}

/** A clock that moves only when it is told to. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(atMs: number, fn: () => void): () => void {
    const timer = { atMs, sequence: this.#sequence++, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves to the earliest timer and fires it; false when there is none. Does not move past `limitMs`. */
  next(limitMs = Number.POSITIVE_INFINITY): boolean {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.sequence < first.sequence)) {
        first = timer;
      }
    }
    if (!first || first.atMs > limitMs) return false;
    this.#timers.delete(first);
    this.#nowMs = Math.max(this.#nowMs, first.atMs);
    first.fn();
    return true;
  }

  /** Fires every timer due in the next `ms` milliseconds, in order, and lands exactly there. */
  advance(ms: number): void {
    const target = this.#nowMs + ms;
    while (this.next(target));
    this.#nowMs = target;
  }
}
