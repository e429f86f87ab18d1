import { fact } from '../../contracts/events/fact.ts';
import type { RollbackDeploymentInput, RollbackDeploymentOutput } from '../../contracts/steps/promote-model-steps.ts';
import type { Deployment } from '../../domain/model-version.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'deployment'>;
}

/**
 * Takes the canary of a promotion out: the champion answers every request again.
 *
 * Runs in:  promote-model, state RollbackDeployment.
 * Throws:   RegistryConflict, RegistryUnavailable (transient).
 * Repeating is safe: another promotion's canary is not touched.
 */
export const rollbackDeployment =
  ({ registry }: Deps) =>
  async ({
    promotionId,
    model,
    modelDigest,
  }: RollbackDeploymentInput): Promise<StepResult<RollbackDeploymentOutput>> => {
    const before = await registry.deployment(model);
    const base = { model, subjects: { promotionId, modelDigest } };
    if (!before || before.canary?.promotionId !== promotionId) {
      return { ...base, output: { rolledBack: false }, verdict: 'nothing to roll back' };
    }
    const deployment: Deployment = { ...before, revision: before.revision + 1, canary: null };
    const championVersion = before.champion?.version ?? null;
    return {
      ...base,
      output: { rolledBack: true },
      verdict: championVersion === null ? 'rolled back to nothing' : `rolled back to version ${championVersion}`,
      changes: [{ change: 'move-pointer', deployment, expectedRevision: before.revision }],
      facts: [fact('Deployment Rolled Back', { promotionId, model, modelDigest, championVersion })],
    };
  };
