import * as v from 'valibot';
import { stepEvent } from '../../contracts/steps/states-context.ts';
import { InputInvalid } from '../../domain/errors.ts';
import type { Attempt } from '../../domain/step.ts';

/** The problems of a value that does not fit its contract, each with its path. */
export const describeIssues = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues
    .slice(0, 10)
    .map((issue) => `${v.getDotPath(issue) ?? '(the whole)'}: ${issue.message}`)
    .join('; ');

/** Splits what a Task state sends into its input and the attempt. Throws InputInvalid. */
export function readStepEvent(event: unknown): { input: unknown; attempt: Attempt } {
  const parsed = v.safeParse(stepEvent, event);
  if (!parsed.success) {
    throw new InputInvalid(`a Task state sends { input, context: $states.context }; ${describeIssues(parsed.issues)}`);
  }
  const { input, context } = parsed.output;
  return {
    input,
    attempt: {
      runId: context.Execution.Name,
      executionArn: context.Execution.Id,
      machine: context.StateMachine.Name,
      state: context.State.Name,
      attempt: context.State.RetryCount,
      redrive: context.Execution.RedriveCount,
      taskToken: context.Task?.Token ?? null,
    },
  };
}

/** The key of the audit event of an attempt: one an attempt, however often the attempt runs. */
export const attemptKey = ({ runId, state, attempt, redrive }: Attempt): string =>
  `${runId}#${state}#${attempt}#${redrive}`;
