import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { JudgeGatesInput, JudgeGatesOutput } from '../../contracts/steps/promote-model-steps.ts';
import type { Environment } from '../../domain/environment.ts';
import { ApprovalRefused, EvidenceMissing, ModelVersionMissing } from '../../domain/errors.ts';
import { judge } from '../../domain/gates.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import { refusalOf } from '../../domain/promotion.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import { verified } from '../../domain/signed-evidence.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps extends RecipeSource {
  readonly registry: Pick<Registry, 'promotion' | 'evidence' | 'approvals' | 'modelVersion' | 'comparison'>;
  readonly signer: Pick<Signer, 'verify'>;
  readonly ownKeyArn: string;
  readonly environment: Environment;
}

/**
 * Judges a candidate against the gates of its environment, as its recipe sets them, and writes the verdict down. Evidence and
 * approvals count only with this environment's signature, and only for this candidate and version.
 *
 * Runs in:  promote-model, state JudgeGates.
 * Throws:   PromotionMissing, ApprovalRefused, EvidenceMissing, ModelVersionMissing, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), SigningUnavailable, RegistryUnavailable,
 *           RegistryConflict, StorageUnavailable (transient).
 * Repeating is safe: one verdict a promotion.
 */
export const judgeGates =
  ({ registry, signer, ownKeyArn, environment, ...source }: Deps) =>
  async ({ promotionId, model, modelDigest }: JudgeGatesInput): Promise<StepResult<JudgeGatesOutput>> => {
    const promotion = await runningPromotion(registry, promotionId);
    const { candidateId, recipeDigest } = promotion.request.candidate;
    const version = await registry.modelVersion(model, modelDigest);
    if (!version)
      throw new ModelVersionMissing(`the registry has no version of "${model}" with the digest ${modelDigest}`);
    const given = (await registry.evidence(promotionId)).filter(
      (one) => one.candidateId === candidateId && one.modelDigest === modelDigest,
    );
    if (given.length === 0)
      throw new EvidenceMissing(`promotion ${promotionId} has no evidence about version ${version.version}`);
    const evidence = await verified(signer, ownKeyArn, given);
    const approvalsWithoutNo = async (): Promise<number> => {
      const decisions = (await registry.approvals(promotionId)).filter((one) => one.candidateId === candidateId);
      const signed = await verified(signer, ownKeyArn, decisions);
      // One that came in the same moment as the last yes found nobody waiting; a no counts all the same.
      const no = signed.find((one) => one.decision === 'refused');
      if (no) throw new ApprovalRefused(refusalOf(no));
      return signed.length;
    };
    const approvals = await approvalsWithoutNo();

    const { gates } = await loadRecipe(source, recipeDigest);
    const comparison = (await registry.comparison(model, modelDigest)) ?? null;
    const judgement = judge(environment, gates[environment], {
      evaluation: version.evaluation,
      comparison,
      evidence,
      approvals,
    });
    return {
      output: { verdict: judgement.verdict, reasons: [...judgement.reasons] },
      verdict: judgement.verdict,
      model,
      subjects: { promotionId, candidateId, modelDigest },
      changes: [
        {
          change: 'update-promotion',
          promotion: {
            ...promotion,
            status: 'running',
            taskToken: null,
            modelDigest,
            gates: judgement.gates,
            reasons: judgement.reasons,
          },
          from: ['running', 'awaiting-approval'],
        },
      ],
      afterCommit: async () => {
        // From here on a no is told that it is too late; one that was written in between was not, so it counts.
        await approvalsWithoutNo();
      },
    };
  };
