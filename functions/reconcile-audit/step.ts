import type { ReconcileAuditInput, ReconcileAuditOutput } from '../../contracts/steps/train-model-steps.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import { attemptsOf, lostAttempts } from '../../domain/reconciliation.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'auditEvents'>;
  readonly workflows: Pick<Workflows, 'history'>;
}

/** What fits one transaction beside the step's own audit event. */
const MOST_LOST = 90;

/**
 * Compares the attempts in the run's history with their audit events, and writes `lost` for each that left none: a function
 * that was killed could not speak for itself.
 *
 * Runs in:  train-model and promote-model, state ReconcileAudit, at the end of every path.
 * Throws:   RegistryUnavailable, WorkflowUnavailable (transient).
 * Repeating is safe: a lost attempt has one key.
 */
export const reconcileAudit =
  ({ registry, workflows }: Deps) =>
  async (
    { model }: ReconcileAuditInput,
    { runId, executionArn, state, attempt, redrive }: Attempt,
  ): Promise<StepResult<ReconcileAuditOutput>> => {
    const attempts = attemptsOf(await workflows.history(executionArn));
    const lost = lostAttempts(attempts, await registry.auditEvents({ runId }), { state, attempt, redrive });
    return {
      output: { attempts: attempts.length, lost: lost.length },
      verdict: lost.length === 0 ? 'complete' : `${lost.length} lost`,
      model,
      lost: lost.slice(0, MOST_LOST),
    };
  };
