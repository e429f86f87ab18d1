import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One visit of a state in a run. */
export interface Step {
  readonly state: string;
  readonly type: string;
  /** `running` also while it waits for people; `ended` when the run ended inside it. */
  readonly status: 'running' | 'succeeded' | 'failed';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number;
  /** How often its task was begun; 0 for a state without one. */
  readonly attempts: number;
  /** The last error of its attempts, which a retry or a catch may have healed. */
  readonly error: string | null;
  readonly cause: string | null;
}

interface OpenStep {
  state: string;
  type: string;
  enteredMs: number;
  exitedMs: number | null;
  attempts: number;
  error: string | null;
  cause: string | null;
  failed: boolean;
}

const FAILED_RUN = /^Execution(Failed|TimedOut|Aborted)$/;

/**
 * The visits of states that a history tells of, in order of entry. An event inside a state does not name it: it is found by way of
 * `previousEventId`, which is what keeps parallel branches apart.
 */
export function stepsOf(events: readonly HistoryEvent[], nowMs: number): Step[] {
  const steps: OpenStep[] = [];
  const ownerOf = new Map<number, OpenStep>();

  for (const event of events) {
    const at = event.timestamp?.getTime() ?? 0;
    const type = event.type ?? '';
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    if (entered !== undefined) {
      const step: OpenStep = {
        state: entered,
        type: type.replace(/StateEntered$/, ''),
        enteredMs: at,
        exitedMs: null,
        attempts: 0,
        error: null,
        cause: null,
        failed: false,
      };
      steps.push(step);
      ownerOf.set(event.id ?? 0, step);
      continue;
    }
    if (exited !== undefined) {
      const step = steps.findLast((one) => one.state === exited && one.exitedMs === null);
      if (step) {
        step.exitedMs = at;
        ownerOf.set(event.id ?? 0, step);
      }
      continue;
    }
    if (FAILED_RUN.test(type)) {
      endOpenSteps(steps, event, at);
      continue;
    }
    const owner = ownerOf.get(event.previousEventId ?? 0);
    if (!owner) continue;
    ownerOf.set(event.id ?? 0, owner);
    if (type === 'TaskScheduled' || type === 'LambdaFunctionScheduled') owner.attempts++;
    const failure = failureOf(event);
    if (failure) {
      owner.error = failure.error ?? 'States.Unknown';
      owner.cause = failure.cause ?? null;
    }
  }
  return steps.map((step) => finished(step, nowMs));
}

function endOpenSteps(steps: readonly OpenStep[], event: HistoryEvent, at: number): void {
  const details =
    event.executionFailedEventDetails ?? event.executionTimedOutEventDetails ?? event.executionAbortedEventDetails;
  for (const step of steps.filter((one) => one.exitedMs === null)) {
    step.exitedMs = at;
    step.failed = true;
    step.error ??= details?.error ?? null;
    step.cause ??= details?.cause ?? null;
  }
}

function failureOf(event: HistoryEvent): { error?: string | undefined; cause?: string | undefined } | undefined {
  return (
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.taskStartFailedEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.evaluationFailedEventDetails
  );
}

function finished(step: OpenStep, nowMs: number): Step {
  const { state, type, enteredMs, exitedMs, attempts, error, cause, failed } = step;
  return {
    state,
    type,
    status: exitedMs === null ? 'running' : failed ? 'failed' : 'succeeded',
    startedAt: new Date(enteredMs).toISOString(),
    endedAt: exitedMs === null ? null : new Date(exitedMs).toISOString(),
    durationMs: (exitedMs ?? nowMs) - enteredMs,
    attempts,
    error,
    cause,
  };
}

/** What a function's error says: Lambda wraps it as `{"errorType", "errorMessage", "trace"}`. */
export function readCause(cause: string | null): string | null {
  if (cause === null) return null;
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown; Cause?: unknown } | null;
    if (typeof parsed?.errorMessage === 'string') return parsed.errorMessage;
    if (typeof parsed?.Cause === 'string') return readCause(parsed.Cause);
  } catch {
    return cause;
  }
  return cause;
}
