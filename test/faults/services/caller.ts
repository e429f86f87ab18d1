import type { Fate } from './possible-states.ts';

export type Outcome<T> =
  | { readonly fate: 'acknowledged'; readonly answer: T }
  | { readonly fate: 'refused'; readonly error: string }
  | { readonly fate: 'unknown' };

const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);
const POLL_MS = 15;
/** A bound for something that went wrong, not a wait. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Asks a runtime that is killed now and then, and tells apart what was answered, what was refused and what nobody knows. A request that no
 * runtime took is none: it is asked again. Any other answer than those that a request may have rejects.
 */
export class Caller {
  readonly count: Record<Fate, number> = { acknowledged: 0, refused: 0, unknown: 0 };

  /** `refusals`: the errors that the request may be answered with. */
  async attempt<T>(request: () => Promise<T>, refusals: readonly string[] = []): Promise<Outcome<T>> {
    const outcome = await this.#ask(request, refusals);
    this.count[outcome.fate]++;
    return outcome;
  }

  /** For what may be asked twice: asks until there is an answer, and gives it. */
  async insist<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      const outcome = await this.#ask(request, []);
      if (outcome.fate === 'acknowledged') return outcome.answer;
      await pause(POLL_MS);
    }
  }

  async #ask<T>(request: () => Promise<T>, refusals: readonly string[]): Promise<Outcome<T>> {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      try {
        return { fate: 'acknowledged', answer: await request() };
      } catch (error) {
        const { name, code } = error as { name: string; code?: string };
        if (refusals.includes(name)) return { fate: 'refused', error: name };
        if (CONNECTION_LOST.has(code ?? '')) return { fate: 'unknown' };
        if (code !== 'ECONNREFUSED' || performance.now() > deadline) throw error;
      }
      await pause(POLL_MS);
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
