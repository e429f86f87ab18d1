import type { Fact } from '../fact.ts';

/** The environment's bus. */
export interface Bus {
  /** Tells facts, in order as far as the bus keeps one. Those that were not taken come back, each with the reason. */
  put(
    facts: readonly Fact[],
  ): Promise<{ readonly refused: readonly { readonly fact: Fact; readonly reason: string }[] }>;
}
