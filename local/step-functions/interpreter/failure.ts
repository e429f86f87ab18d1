/** Why a state, a branch or an execution failed, as `Error` and `Cause` say it; either may be absent. */
export interface Failure {
  readonly error?: string;
  readonly cause?: string;
  /** A timeout that a heartbeat caused is called States.Timeout, and States.HeartbeatTimeout catches it too. */
  readonly heartbeat?: true;
  /** It came from a Catch itself, and is not put to the state's Retry and Catch again. */
  readonly final?: true;
}

/**
 * Whether one of `names` (an ErrorEquals) stands for the failure. States.Runtime is never caught, not even by its own name; a result
 * that is too large is caught by States.ALL, whatever the manual says: so AWS was recorded doing.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(names: readonly string[], failure: Failure): boolean {
  const { error } = failure;
  if (error === 'States.Runtime') return false;
  return names.some((name) => {
    if (name === 'States.ALL' || (name === error && error !== undefined)) return true;
    if (name === 'States.TaskFailed') return error !== 'States.Timeout';
    return name === 'States.HeartbeatTimeout' && failure.heartbeat === true;
  });
}

export const failureDetails = (failure: Failure): Record<string, string> => ({
  ...(failure.error !== undefined && { error: failure.error }),
  ...(failure.cause !== undefined && { cause: failure.cause }),
});
