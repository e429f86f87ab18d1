import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** Where the local runtime takes randomness from: ids, tokens, jitter. */
export interface Ids {
  uuid(): string;
  /** `length` characters of lower-case hex. */
  hex(length: number): string;
  /** Uniform in [0, 1). */
  random(): number;
}

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
  random: () => Math.random(),
};

/** The same seed gives the same ids, in the same order. For tests; never for tokens that somebody could guess. */
export function seededIds(seed: string): Ids {
  let counter = 0;
  const next = () => createHash('sha256').update(`${seed}:${counter++}`).digest('hex');
  return {
    uuid() {
      const hex = next();
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    hex(length) {
      let hex = '';
      while (hex.length < length) hex += next();
      return hex.slice(0, length);
    },
    random: () => Number.parseInt(next().slice(0, 12), 16) / 16 ** 12,
  };
}
