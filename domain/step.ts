import type { Change } from './change.ts';

/** One attempt of one state of one run, from the state machine's context object. */
export interface Attempt {
  readonly runId: string;
  readonly executionArn: string;
  readonly machine: string;
  readonly state: string;
  /** Retries of the state before this attempt. */
  readonly attempt: number;
  readonly redrive: number;
  /** Of a state that waits for its answer. A secret: it is never written down but where it is needed to answer. */
  readonly taskToken: string | null;
}

/** A fact before it has an id, a time and an environment. Made by `fact()` of contracts/events. */
export interface FactDraft {
  readonly type: string;
  readonly version: number;
  readonly data: { readonly [name: string]: unknown };
}

/**
 * What a step decided. It writes nothing itself: the changes, the facts and the audit event of the attempt are committed in one
 * transaction, and only then is `afterCommit` called. That one must be safe to repeat: an attempt that runs again calls it again.
 */
export interface StepResult<Output> {
  readonly output: Output;
  /** What was found, in a word, for the audit trail. */
  readonly verdict: string;
  readonly model: string | null;
  /** The run that a consumer started. A step's own run is known from its attempt. */
  readonly runId?: string;
  /** The person who acted, where one did. */
  readonly actor?: string;
  readonly subjects?: { readonly [name: string]: string };
  readonly changes?: readonly Change[];
  readonly facts?: readonly FactDraft[];
  /** Attempts of other steps that were found to have left no audit event. Only ReconcileAudit finds any. */
  readonly lost?: readonly {
    readonly state: string;
    readonly attempt: number;
    readonly redrive: number;
    readonly error: string | null;
  }[];
  readonly afterCommit?: () => Promise<void>;
}
