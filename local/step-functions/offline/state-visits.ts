import type { Entry } from '../interpreter/entry.ts';
import type { Execution } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';

/** One attempt at a state's task. Neither a result nor a failure: it was under way when the run ended. */
export interface TaskAttempt {
  readonly sent: unknown;
  readonly result?: unknown;
  readonly failure?: Failure;
}

/** One stay in a state. */
export interface StateVisit {
  readonly state: string;
  readonly type: string;
  /** How many Parallel and Map states it stands in. */
  readonly depth: number;
  readonly input: unknown;
  /** What it was left with; absent when the run, or its branch, ended in it. */
  readonly output?: unknown;
  readonly enteredAtMs: number;
  readonly leftAtMs?: number;
  readonly attempts: readonly TaskAttempt[];
  /** Its last failure, which a retry or a catch may have healed. */
  readonly failure?: Failure;
}

type Open = { -readonly [Key in keyof Omit<StateVisit, 'attempts'>]: StateVisit[Key] } & {
  attempts: { -readonly [Key in keyof TaskAttempt]: TaskAttempt[Key] }[];
};

/** The stays in states that an execution's entries tell of, in the order in which they began. */
export class StateVisits {
  readonly all: Open[] = [];
  readonly #current = new Map<string, Open>();

  take(execution: Execution, entries: readonly Entry[], childDepth: number): void {
    for (const entry of entries) this.#takeOne(`${execution.header.arn} ${entry.frame}`, entry, childDepth);
  }

  #takeOne(place: string, { type, frame, at, details = {} }: Entry, childDepth: number): void {
    const text = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : undefined);
    if (type.endsWith('StateEntered')) {
      const visit: Open = {
        state: details.name as string,
        type: type.replace('StateEntered', ''),
        // A branch's id is its parent's, the event that began it and its index.
        depth: childDepth + (frame.split('.').length - 1) / 2,
        input: text(details.input),
        enteredAtMs: at,
        attempts: [],
      };
      this.all.push(visit);
      this.#current.set(place, visit);
      return;
    }
    const visit = this.#current.get(place);
    if (!visit) return;
    if (type.endsWith('StateExited')) {
      visit.output = text(details.output);
      visit.leftAtMs = at;
      this.#current.delete(place);
    } else if (type.endsWith('Scheduled')) visit.attempts.push({ sent: text(details.parameters ?? details.input) });
    else if (/^(Task|LambdaFunction|Activity)Succeeded$/.test(type)) {
      const attempt = visit.attempts.at(-1);
      if (attempt) attempt.result = text(details.output);
    } else if (/(Failed|TimedOut)$/.test(type) && type !== 'FrameFailed') {
      const { error, cause } = details as Failure;
      visit.failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
      const attempt = visit.attempts.at(-1);
      if (attempt && attempt.result === undefined) attempt.failure = visit.failure;
    }
  }
}
