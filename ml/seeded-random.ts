/** Uniform numbers from a seed: the same sequence on every machine (32-bit integer arithmetic only). */
export interface SeededRandom {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
}

/** Finaliser of MurmurHash3: every input bit changes about half of the output bits. */
export const mix32 = (value: number): number => {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** A Weyl sequence through {@link mix32}; for sampling and shuffling, not for secrets. */
export const seededRandom = (seed: number): SeededRandom => {
  let state = mix32(seed);
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    return mix32(state) / 4294967296;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
};
