import type { SeededRandom } from '../../ml/seeded-random.ts';

export const pick = <T>(random: SeededRandom, all: readonly T[]): T => all[random.below(all.length)]!;

/** A place of a value that could hold another one. */
export interface Spot {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

/** Every place of a value that could hold another one. */
export function spotsOf(value: unknown, found: Spot[] = []): Spot[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    found.push({ holder: value as Record<string | number, unknown>, key });
    spotsOf((value as Record<string | number, unknown>)[key], found);
  }
  return found;
}

/** As JSON has it: also a member called `__proto__`, and none of a list but its items. */
export function set(holder: Record<string | number, unknown>, key: string | number, value: unknown): void {
  if (Array.isArray(holder) && typeof key === 'string') holder.push(value);
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

export function drop({ holder, key }: Spot): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** In lists or objects so deep that a reader which calls itself may run out of stack. */
export function nested(random: SeededRandom, inner: unknown): unknown {
  let value = inner;
  const depth = pick(random, [2, 20, 199, 202, 1500, 4000]);
  for (let level = 0; level < depth; level++) value = depth % 2 === 0 ? [value] : { a: value };
  return value;
}
