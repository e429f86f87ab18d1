import type { Clock } from '../../domain/ports/clock.ts';

/** A clock that moves when it is told to, and by a millisecond each time it is read for a duration. */
export class TestClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 15, 9, 30);
  #monotonicMs = 0;

  now(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    this.#monotonicMs += 1;
    return this.#monotonicMs;
  }
  advance(ms: number): void {
    this.#nowMs += ms;
    this.#monotonicMs += ms;
  }
}
