import { availableParallelism } from 'node:os';
import type { Report } from './bench.ts';

export const machine = (): Report['machine'] => ({
  cores: availableParallelism(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
});

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
