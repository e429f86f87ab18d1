import type { Clock } from '../../clock.ts';
import { TimeHeap } from '../interpreter/time-heap.ts';

/** Executions that are not in memory, for they only wait for a time or for somebody outside: each is woken at its time. */
export class ParkedExecutions {
  readonly #clock: Clock;
  readonly #wake: (key: number) => void;
  /** When each is due, for those that are at all. */
  readonly #dueMs = new Map<number, number>();
  readonly #heap = new TimeHeap<number>();
  #alarm: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, wake: (key: number) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  park(key: number, dueMs: number | null): void {
    if (dueMs === null) return;
    this.#dueMs.set(key, dueMs);
    this.#heap.add(dueMs, key);
    this.#setAlarm();
  }

  /** It is in memory, and has its own alarm. */
  leave(key: number): void {
    this.#dueMs.delete(key);
  }

  close(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#dueMs.clear();
  }

  #setAlarm(): void {
    const first = this.#first();
    if (first === this.#alarm?.atMs) return;
    this.#alarm?.cancel();
    this.#alarm = first === undefined ? undefined : { atMs: first, cancel: this.#clock.at(first, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = undefined;
    const nowMs = this.#clock.now();
    for (let atMs = this.#first(); atMs !== undefined && atMs <= nowMs; atMs = this.#first()) {
      const { value: key } = this.#heap.take();
      this.#dueMs.delete(key);
      this.#wake(key);
    }
    this.#setAlarm();
  }

  /** The earliest time of one that is still parked. */
  #first(): number | undefined {
    for (let first = this.#heap.first; first; first = this.#heap.first) {
      if (this.#dueMs.get(first.value) === first.atMs) return first.atMs;
      this.#heap.take();
    }
    return undefined;
  }
}
