export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from some origin; only ever goes up. */
  monotonicMs(): number;
}

export const isoTime = (clock: Clock): string => new Date(clock.now()).toISOString();
