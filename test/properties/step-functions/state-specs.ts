import fc from 'fast-check';
import type { ScriptedTask } from './task-script.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A state before it has a name and knows its neighbours. */
export interface StateSpec {
  readonly fields: Fields;
  readonly task?: ScriptedTask;
  readonly choices?: readonly Fields[];
  readonly hasDefault?: boolean;
  readonly catchers?: readonly Fields[];
  readonly programs?: readonly ProgramSpec[];
}

export type ProgramSpec = readonly StateSpec[];

/** There once in `rarity` times. */
export const optional = <T>(arbitrary: fc.Arbitrary<T>, rarity = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: rarity - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Without the members that are undefined. */
export const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const record = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Fields> =>
  fc.record(members).map(present);

/** A state of the given fields, and what else its specification has. */
export const state = (
  fields: fc.Arbitrary<Fields>,
  more: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<StateSpec> =>
  fc.record({ fields, ...more }).map((spec) => present(spec as unknown as Fields) as unknown as StateSpec);

export const type = (name: string, members: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  record({ Type: fc.constant(name), ...members });
