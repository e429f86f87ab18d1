import type { Environment } from './environment.ts';

/**
 * What one attempt of one function did. Exactly one an attempt: the key follows from the state machine's context (or from
 * the event that was consumed), so an attempt that runs twice has one.
 */
export interface AuditEvent {
  readonly key: string;
  readonly environment: Environment;
  readonly function: string;
  readonly runId: string | null;
  readonly machine: string | null;
  readonly state: string | null;
  /** Counts from 0. */
  readonly attempt: number;
  readonly redrive: number;
  readonly outcome: 'succeeded' | 'failed' | 'lost';
  /** What the step found, in a word (`accepted`, `held`, `awaiting approval` …); null where it failed. */
  readonly verdict: string | null;
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly model: string | null;
  /** Digests and ids that the attempt was about. */
  readonly subjects: { readonly [name: string]: string };
  /** Who is known to have acted: the role's session, or the person for an approval. */
  readonly actor: string;
  readonly at: string;
  readonly durationMs: number;
}
