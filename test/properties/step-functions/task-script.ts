import { createHash } from 'node:crypto';

/** What becomes of one attempt of a task. `silent` never answers: only a timeout ends it. */
export type TaskOutcome =
  | { readonly kind: 'succeeds'; readonly output: unknown }
  | { readonly kind: 'fails'; readonly error: string; readonly cause: string }
  | { readonly kind: 'silent' };

export interface ScriptedTask {
  /** Taken in turn by the attempts, beginning where the branch's place says. */
  readonly outcomes: readonly TaskOutcome[];
  /** How many heartbeats are sent, one each two thirds of HeartbeatSeconds, before the task falls silent or answers. */
  readonly heartbeats: number;
}

/** By the name of the state, which is unique in a machine. */
export type TaskScript = Readonly<Record<string, ScriptedTask>>;

export interface Attempt {
  /** The indexes of the branches and iterations around the state, outermost first: `1/0`. */
  readonly place: string;
  readonly state: string;
  /** 0, 1, 2 … within one visit of the state. */
  readonly attempt: number;
}

export function outcomeOf(script: TaskScript, { place, state, attempt }: Attempt): TaskOutcome {
  const { outcomes } = script[state]!;
  const turn = attempt + [...place].reduce((sum, digit) => sum + (Number(digit) || 0), 0);
  return outcomes[turn % outcomes.length]!;
}

const LONGEST_SECONDS = 90;

/**
 * Milliseconds from the call to the answer. No whole seconds, and as good as different for each attempt: which of two concurrent things
 * comes first is then never a matter of chance, nor of how the engine orders what happens in the same millisecond.
 */
export function durationMs({ place, state, attempt }: Attempt): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([place, state, attempt]))
    .digest();
  return (digest.readUInt32BE(0) % LONGEST_SECONDS) * 1000 + 1 + (digest.readUInt32BE(4) % 998);
}

/** When a heartbeat comes after the one before (or the start), where a task has so many seconds for each. */
export const heartbeatEveryMs = (heartbeatSeconds: number): number => Math.floor((heartbeatSeconds * 2000) / 3) + 7;
