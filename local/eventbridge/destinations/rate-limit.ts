/** So many calls a second, evenly spaced, by name. In memory: after a restart everybody may call at once. */
export class RateLimit {
  readonly #nextAtMs = new Map<string, number>();

  /** Undefined when a call may be made now, and counts as made; else when to ask again (ms since the epoch). */
  take(name: string, perSecond: number, nowMs: number): number | undefined {
    const nextAtMs = this.#nextAtMs.get(name) ?? nowMs;
    if (nextAtMs > nowMs) return nextAtMs;
    this.#nextAtMs.set(name, nowMs + 1000 / perSecond);
    return undefined;
  }
}
