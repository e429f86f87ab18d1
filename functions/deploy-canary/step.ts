import type { DeployCanaryInput, DeployCanaryOutput } from '../../contracts/steps/promote-model-steps.ts';
import { CanaryBusy, ChampionMoved, ModelVersionMissing } from '../../domain/errors.ts';
import type { Deployment } from '../../domain/model-version.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion' | 'deployment' | 'modelVersion' | 'comparison'>;
  readonly clock: Clock;
}

/** The share of requests that the challenger answers while it is observed. */
const CANARY_WEIGHT = 0.1;

/**
 * Lets the challenger answer a share of the requests, if the champion is still the one it was compared with.
 *
 * Runs in:  promote-model, state DeployCanary.
 * Throws:   PromotionMissing, ModelVersionMissing, ChampionMoved (terminal), CanaryBusy, RegistryConflict, RegistryUnavailable (transient).
 * Repeating is safe: a canary of this promotion is left as it is.
 */
export const deployCanary =
  ({ registry, clock }: Deps) =>
  async ({ promotionId, model, modelDigest }: DeployCanaryInput): Promise<StepResult<DeployCanaryOutput>> => {
    await runningPromotion(registry, promotionId);
    const version = await registry.modelVersion(model, modelDigest);
    if (!version)
      throw new ModelVersionMissing(`the registry has no version of "${model}" with the digest ${modelDigest}`);
    const before: Deployment = (await registry.deployment(model)) ?? {
      model,
      revision: 0,
      champion: null,
      canary: null,
    };
    const base = { model, subjects: { promotionId, modelDigest } };
    if (before.canary?.promotionId === promotionId) {
      return {
        ...base,
        output: { revision: before.revision, weight: before.canary.weight },
        verdict: 'deployed before',
      };
    }
    if (before.canary)
      throw new CanaryBusy(`promotion ${before.canary.promotionId} of "${model}" is on its canary: this one waits`);

    // A version that was copied was never compared: JudgeGates has held it if its recipe asks for a comparison.
    const comparison = await registry.comparison(model, modelDigest);
    const compared = comparison?.champion?.modelDigest ?? null;
    const serving = before.champion?.modelDigest ?? null;
    if (comparison && serving !== compared && serving !== modelDigest) {
      throw new ChampionMoved(
        `version ${version.version} was compared with ${compared ?? 'no champion'}, and now ${serving ?? 'nothing'} serves: replay run ${version.runId} to compare it again`,
      );
    }
    const deployment: Deployment = {
      ...before,
      revision: before.revision + 1,
      canary: { modelDigest, version: version.version, promotionId, since: isoTime(clock), weight: CANARY_WEIGHT },
    };
    return {
      ...base,
      output: { revision: deployment.revision, weight: CANARY_WEIGHT },
      verdict: `canary at ${CANARY_WEIGHT * 100} %`,
      changes: [{ change: 'move-pointer', deployment, expectedRevision: before.revision }],
    };
  };
