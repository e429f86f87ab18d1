import type { Retrier } from '../asl.ts';
import type { Draft } from './entry.ts';
import type { Evaluation } from './evaluation.ts';
import { type InterpreterEnvironment, Evaluation as StateEvaluation } from './evaluation.ts';
import type { Execution, Frame } from './execution.ts';
import { type Failure, matchesError } from './failure.ts';
import { exitDraft } from './outcome.ts';

/** What becomes of a failed state: another try, another way, or the failure of its frame. */
export async function handleFailure(
  execution: Execution,
  frame: Frame,
  environment: InterpreterEnvironment,
): Promise<Draft> {
  const state = frame.state!;
  const failure = frame.failure!;
  if (failure.final) return { frame: frame.id, type: 'FrameFailed' };
  const retrier = (state.definition.Retry ?? []).findIndex((one) => matchesError(one.ErrorEquals, failure));
  if (retrier >= 0) {
    const policy = state.definition.Retry![retrier]!;
    const tried = state.attempts[retrier]!;
    if (tried < (policy.MaxAttempts ?? 3)) {
      const afterMs = delayMs(policy, tried, environment);
      const untilMs = environment.clock.now() + afterMs;
      return { frame: frame.id, type: 'RetryBegun', memo: { retrier, afterMs, untilMs } };
    }
  }
  // The state's own failure is told before its Catch or its frame is asked.
  if (state.failedWithin) return { frame: frame.id, type: `${state.definition.Type}StateFailed` };
  const catcher = (state.definition.Catch ?? []).findIndex((one) => matchesError(one.ErrorEquals, failure));
  if (catcher >= 0) return caught(execution, frame, catcher, environment);
  return { frame: frame.id, type: 'FrameFailed' };
}

/** Seconds before retry number `tried + 1`, in milliseconds. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
function delayMs(policy: Retrier, tried: number, { ids }: InterpreterEnvironment): number {
  const seconds = (policy.IntervalSeconds ?? 1) * (policy.BackoffRate ?? 2) ** tried;
  const capped = Math.min(seconds, policy.MaxDelaySeconds ?? Number.POSITIVE_INFINITY, 31_622_400);
  return Math.round(capped * 1000 * (policy.JitterStrategy === 'FULL' ? ids.random() : 1));
}

/** Catch and Retry see a missing error as null, as in a SendTaskFailure without one; a timeout has an empty cause. */
export function errorOutput(failure: Failure): { Error: string | null; Cause?: string | null } {
  if (failure.error === undefined) return { Error: null, Cause: failure.cause ?? null };
  return { Error: failure.error, Cause: failure.cause ?? '' };
}

async function caught(
  execution: Execution,
  frame: Frame,
  index: number,
  environment: InterpreterEnvironment,
): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  const catcher = definition.Catch![index]!;
  const evaluation: Evaluation = new StateEvaluation(execution, frame, environment);
  const error = errorOutput(frame.failure!);
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input, { errorOutput: error });
    const assigned = await evaluation.assign(catcher.Assign, scope);
    const output =
      catcher.Output === undefined ? error : await evaluation.jsonata(catcher.Output, `Catch[${index}]/Output`, scope);
    return exitDraft(frame, output, catcher.Next, assigned);
  }
  const assigned = evaluation.assignTemplate(catcher.Assign, error);
  return exitDraft(frame, evaluation.combine(catcher.ResultPath, input, error), catcher.Next, assigned);
}
