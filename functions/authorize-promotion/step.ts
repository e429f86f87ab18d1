import { fact } from '../../contracts/events/fact.ts';
import type { AuthorizePromotionInput, AuthorizePromotionOutput } from '../../contracts/steps/promote-model-steps.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import { refusalOf } from '../../domain/promotion.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion' | 'approvals'>;
  readonly workflows: Pick<Workflows, 'succeedTask' | 'failTask'>;
}

/**
 * Lets a promotion go on at once where nobody has to approve it, or asks for approval and lets the run wait: `record-approval` answers
 * its task token.
 *
 * Runs in:  promote-model, state AuthorizePromotion.
 * Throws:   PromotionMissing (terminal), RegistryUnavailable, RegistryConflict, WorkflowUnavailable (transient).
 * Repeating is safe: the newest token is the one that is answered, by what was decided under an older one as well.
 */
export const authorizePromotion =
  ({ registry, workflows }: Deps) =>
  async (
    { promotionId }: AuthorizePromotionInput,
    { taskToken }: Attempt,
  ): Promise<StepResult<AuthorizePromotionOutput>> => {
    const promotion = await runningPromotion(registry, promotionId);
    const { request, approvalsRequired: required } = promotion;
    const { model, candidate } = request;
    const base = { output: { approvals: 0 }, model, subjects: { promotionId, candidateId: candidate.candidateId } };
    if (required === 0) {
      return {
        ...base,
        verdict: 'no approval needed',
        afterCommit: async () => {
          if (taskToken !== null) await workflows.succeedTask(taskToken, base.output);
        },
      };
    }
    return {
      ...base,
      verdict: 'awaiting approval',
      changes: [
        {
          change: 'update-promotion',
          promotion: { ...promotion, status: 'awaiting-approval', taskToken },
          from: ['running', 'awaiting-approval'],
        },
      ],
      facts: [
        fact('Approval Requested', {
          promotionId,
          model,
          candidateId: candidate.candidateId,
          from: request.from,
          to: request.to,
          required,
        }),
      ],
      afterCommit: async () => {
        // Decisions that came while an earlier attempt's token was the waiting one answered that, and nobody hears it.
        const decisions = await registry.approvals(promotionId);
        const no = decisions.find((one) => one.decision === 'refused');
        const yes = decisions.filter((one) => one.decision === 'approved').length;
        if (taskToken === null) return;
        if (no) await workflows.failTask(taskToken, 'ApprovalRefused', refusalOf(no));
        else if (yes >= required) await workflows.succeedTask(taskToken, { approvals: yes });
      },
    };
  };
