import type { AuditEvent } from './audit-event.ts';
import type { HistoryEvent } from './ports/workflows.ts';

/** An attempt of a Task state that called its function, as the execution's history tells it. */
export interface HistoryAttempt {
  readonly state: string;
  readonly attempt: number;
  readonly redrive: number;
  /** The error that ended it, where one did. */
  readonly error: string | null;
}

/** The service did not run the function, so no audit event can be expected of it. */
const neverRan = new Set(['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.SdkClientException']);

/**
 * What follows `TaskScheduled` in one attempt, each pointing at the one before. A state's exit points at them too, and the next state's entry at
 * that: the chain must end where the attempt does.
 */
const ofTheSameTask = new Set([
  'TaskStarted',
  'TaskStartFailed',
  'TaskSubmitted',
  'TaskSubmitFailed',
  'TaskSucceeded',
  'TaskFailed',
  'TaskTimedOut',
]);

/**
 * The attempts that an execution's history holds, in order. A state that is tried again schedules its task again; after a redrive
 * attempts count from 0 again, as `$states.context.State.RetryCount` does.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function attemptsOf(history: readonly HistoryEvent[]): HistoryAttempt[] {
  const byId = new Map(history.map((event) => [event.id, event]));
  const stateOf = (event: HistoryEvent): string | null => {
    let at: HistoryEvent | undefined = event;
    while (at) {
      if (at.type === 'TaskStateEntered') return at.stateName;
      at = byId.get(at.previousEventId);
    }
    return null;
  };

  let redrive = 0;
  const counts = new Map<string, number>();
  const attempts: (HistoryAttempt & { scheduledId: number })[] = [];
  const taskOf = new Map<number, number>();
  for (const event of history) {
    if (event.type === 'ExecutionRedriven') redrive += 1;
    if (event.type === 'TaskScheduled' && event.resourceType === 'lambda') {
      const state = stateOf(event);
      if (state === null) continue;
      const key = `${state}#${redrive}`;
      const attempt = counts.get(key) ?? 0;
      counts.set(key, attempt + 1);
      taskOf.set(event.id, attempts.length);
      attempts.push({ state, attempt, redrive, error: null, scheduledId: event.id });
    } else if (ofTheSameTask.has(event.type) && taskOf.has(event.previousEventId)) {
      const index = taskOf.get(event.previousEventId) as number;
      taskOf.set(event.id, index);
      if (event.error !== null)
        attempts[index] = { ...(attempts[index] as (typeof attempts)[number]), error: event.error };
    }
  }
  return attempts.map(({ state, attempt, redrive, error }) => ({ state, attempt, redrive, error }));
}

/** The attempts that ran and left no audit event. `own` is the attempt that asks: its event is written after it has asked. */
export function lostAttempts(
  attempts: readonly HistoryAttempt[],
  audited: readonly AuditEvent[],
  own: Pick<HistoryAttempt, 'state' | 'attempt' | 'redrive'>,
): HistoryAttempt[] {
  const nameOf = ({
    state,
    attempt,
    redrive,
  }: Pick<AuditEvent, 'attempt' | 'redrive'> & { readonly state: string | null }) => `${state}#${attempt}#${redrive}`;
  const seen = new Set([own, ...audited].map(nameOf));
  return attempts.filter(
    (attempt) => !seen.has(nameOf(attempt)) && !(attempt.error !== null && neverRan.has(attempt.error)),
  );
}
