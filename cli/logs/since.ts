import { InvalidArgumentError } from 'commander';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** From where on, given the present, both in epoch milliseconds. */
export type Since = (nowMs: number) => number;

/** `30s`, `10m`, `2h`, `1d`, or an instant in RFC 3339. Throws InvalidArgumentError. */
export function readSince(text: string): Since {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  if (ago) {
    const ms = Number(ago[1]) * (UNITS.get(ago[2] as string) as number);
    return (nowMs) => Math.max(0, nowMs - ms);
  }
  const instant = /^\d{4}-\d\d-\d\d(T\S+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant) || instant < 0) {
    throw new InvalidArgumentError('It must be how long ago (30s, 10m, 2h, 1d) or a time (2026-01-31T09:00:00Z).');
  }
  return () => instant;
}
