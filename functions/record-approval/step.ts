import { fact } from '../../contracts/events/fact.ts';
import { PromotionMissing } from '../../domain/errors.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import { refusalOf } from '../../domain/promotion.ts';
import { sign } from '../../domain/signed-evidence.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion' | 'approvals'>;
  readonly workflows: Pick<Workflows, 'succeedTask' | 'failTask'>;
  readonly signer: Pick<Signer, 'sign'>;
  readonly clock: Clock;
}

export interface RecordApprovalInput {
  readonly promotionId: string;
  /** The candidate that the person looked at: a yes to another one is no yes to this one. */
  readonly candidateId: string;
  readonly decision: 'approved' | 'refused';
  readonly comment: string;
}

export interface RecordApprovalOutput {
  readonly promotionId: string;
  readonly decision: 'approved' | 'refused';
  readonly approvals: number;
  readonly required: number;
}

/**
 * Writes down a person's signed yes or no, and lets the promotion go on when enough people said yes, or end when one said no.
 *
 * Called by: the function's URL, with the identity that signed the request.
 * Throws:    PromotionMissing (terminal), SigningUnavailable, RegistryUnavailable, RegistryConflict, WorkflowUnavailable (transient).
 * Repeating is safe: a person's first decision stands; repeating it answers the waiting run again.
 */
export const recordApproval =
  ({ registry, workflows, signer, clock }: Deps) =>
  async (
    { promotionId, candidateId, decision, comment }: RecordApprovalInput,
    by: string,
  ): Promise<StepResult<RecordApprovalOutput>> => {
    const promotion = await registry.promotion(promotionId);
    if (!promotion) throw new PromotionMissing(`there is no promotion ${promotionId} in this environment`);
    const { request, taskToken, approvalsRequired: required } = promotion;
    if (promotion.status !== 'awaiting-approval') {
      throw new PromotionMissing(`promotion ${promotionId} is ${promotion.status}: it does not wait for approval`);
    }
    if (request.candidate.candidateId !== candidateId) {
      throw new PromotionMissing(
        `promotion ${promotionId} is about candidate ${request.candidate.candidateId}, not ${candidateId}`,
      );
    }
    const before = await registry.approvals(promotionId);
    const own = before.find((approval) => approval.by === by);
    if (own && own.decision !== decision) {
      throw new PromotionMissing(
        `${by} has ${own.decision} promotion ${promotionId} already, at ${own.at}: a decision stands`,
      );
    }
    const approval =
      own ?? (await sign(signer, { promotionId, candidateId, decision, by, comment, at: isoTime(clock) }));
    const approvals = [...before.filter((one) => one.by !== by), approval].filter(
      (one) => one.decision === 'approved',
    ).length;
    const { model } = request;
    return {
      output: { promotionId, decision, approvals, required },
      verdict: decision,
      model,
      actor: by,
      runId: promotion.runId,
      subjects: { promotionId, candidateId },
      changes: own ? [] : [{ change: 'put-approval', approval }],
      facts:
        own || decision === 'refused'
          ? []
          : [fact('Promotion Approved', { promotionId, model, candidateId, by, comment, approvals, required })],
      afterCommit: async () => {
        if (taskToken === null) return;
        if (decision === 'refused') {
          if (await workflows.failTask(taskToken, 'ApprovalRefused', refusalOf({ by, comment }))) return;
          // A yes was first. While the promotion is not judged this no counts; afterwards nobody may be told that it does.
          const now = await registry.promotion(promotionId);
          if (now?.status === 'running' || now?.status === 'promoted') {
            throw new PromotionMissing(
              `promotion ${promotionId} is ${now.status}: the no of ${by} came too late to be sure of`,
            );
          }
          return;
        }
        // Asked again: two people who say yes in the same moment do not see each other before they have written.
        const yes = (await registry.approvals(promotionId)).filter((one) => one.decision === 'approved').length;
        if (yes >= required) await workflows.succeedTask(taskToken, { approvals: yes });
      },
    };
  };
