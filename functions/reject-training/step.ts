import { fact } from '../../contracts/events/fact.ts';
import type { RejectTrainingInput, RejectTrainingOutput } from '../../contracts/steps/train-model-steps.ts';
import type { StepResult } from '../../domain/step.ts';

/** A Lambda's cause is JSON with its message in it; what people are told is the message. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    // Not JSON: the engine's own cause, which is a sentence.
    return cause;
  }
}

const LONGEST_CAUSE = 4_000;

/**
 * Says on the bus that a training run ended without a model version, and why. What served goes on serving.
 *
 * Runs in:  train-model, state RejectTraining.
 * Throws:   RegistryUnavailable (transient).
 * Repeating is safe: it changes nothing, and the fact has one id a run.
 */
export const rejectTraining =
  () =>
  async ({ model, state, error, cause }: RejectTrainingInput): Promise<StepResult<RejectTrainingOutput>> => {
    const told = { error, cause: messageOf(cause).slice(0, LONGEST_CAUSE) };
    return {
      output: told,
      verdict: 'rejected',
      model,
      facts: [fact('Training Rejected', { model, state, ...told })],
    };
  };
