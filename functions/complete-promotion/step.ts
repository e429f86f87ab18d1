import { fact } from '../../contracts/events/fact.ts';
import type { CompletePromotionInput, CompletePromotionOutput } from '../../contracts/steps/promote-model-steps.ts';
import { ChampionMoved, ModelVersionMissing, PromotionMissing } from '../../domain/errors.ts';
import type { Deployment } from '../../domain/model-version.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion' | 'deployment' | 'modelVersion'>;
  readonly clock: Clock;
}

/**
 * The only visible act of a promotion, in one transaction: the pointer moves if it is where DeployCanary left it, the promotion is done if it
 * was running, and the outbox gets "Model Promoted".
 *
 * Runs in:  promote-model, state CompletePromotion.
 * Throws:   PromotionMissing, ChampionMoved, ModelVersionMissing (terminal), RegistryConflict, RegistryUnavailable (transient).
 * Repeating is safe: a promotion that is done is answered as it was done.
 */
export const completePromotion =
  ({ registry, clock }: Deps) =>
  async ({ promotionId, model, modelDigest }: CompletePromotionInput): Promise<StepResult<CompletePromotionOutput>> => {
    const promotion = await registry.promotion(promotionId);
    const before = await registry.deployment(model);
    if (!promotion || promotion.status === 'rejected')
      throw new PromotionMissing(`promotion ${promotionId} is not running`);
    const { candidateId } = promotion.request.candidate;
    const base = { model, subjects: { promotionId, candidateId, modelDigest } };
    if (promotion.status === 'promoted') {
      // Not the champion's version: another promotion may have been completed since.
      const done = await registry.modelVersion(model, modelDigest);
      if (!done)
        throw new ModelVersionMissing(`the registry has no version of "${model}" with the digest ${modelDigest}`);
      return {
        ...base,
        output: { version: done.version, previousVersion: null },
        verdict: `version ${done.version} before`,
      };
    }
    const { canary, champion } = before ?? { canary: null, champion: null };
    if (!before || canary?.promotionId !== promotionId || canary.modelDigest !== modelDigest) {
      throw new ChampionMoved(`the canary of promotion ${promotionId} is not deployed any more: nothing is promoted`);
    }
    const at = isoTime(clock);
    const { version } = canary;
    const deployment: Deployment = {
      model,
      revision: before.revision + 1,
      champion: { modelDigest, version, promotionId, since: at },
      canary: null,
    };
    return {
      ...base,
      output: { version, previousVersion: champion?.version ?? null },
      verdict: `version ${version} serves`,
      changes: [
        { change: 'move-pointer', deployment, expectedRevision: before.revision },
        { change: 'update-promotion', promotion: { ...promotion, status: 'promoted', endedAt: at }, from: ['running'] },
      ],
      facts: [
        fact('Model Promoted', {
          promotionId,
          model,
          candidateId,
          from: promotion.request.from,
          to: promotion.request.to,
          version,
          modelDigest,
          previousVersion: champion?.version ?? null,
          gates: promotion.gates.map((gate) => ({ ...gate })),
        }),
      ],
    };
  };
