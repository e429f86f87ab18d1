import { fact } from '../../contracts/events/fact.ts';
import type { RejectPromotionInput, RejectPromotionOutput } from '../../contracts/steps/promote-model-steps.ts';
import { contentId, type Sha256 } from '../../domain/content-id.ts';
import type { Environment } from '../../domain/environment.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion'>;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly environment: Environment;
}

const LONGEST_REASON = 2_000;

/** A Lambda's cause is JSON with its message in it; people are told the message. */
function readable(reason: string): string {
  const brace = reason.indexOf('{');
  if (brace < 0) return reason;
  try {
    const { errorMessage } = JSON.parse(reason.slice(brace)) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? `${reason.slice(0, brace)}${errorMessage}` : reason;
  } catch {
    // The brace was part of a sentence.
    return reason;
  }
}

/**
 * Ends a promotion that moves nothing, with the reasons, and says so on the bus.
 *
 * Runs in:  promote-model, state RejectPromotion.
 * Throws:   RegistryConflict, RegistryUnavailable (transient).
 * Repeating is safe: a promotion that has ended stays as it ended.
 */
export const rejectPromotion =
  ({ registry, clock, sha256, environment }: Deps) =>
  async (
    { promotionId, request, reasons: given }: RejectPromotionInput,
    { runId }: Attempt,
  ): Promise<StepResult<RejectPromotionOutput>> => {
    const reasons = given.map((reason) => readable(reason).slice(0, LONGEST_REASON));
    const promotion = promotionId === null ? undefined : await registry.promotion(promotionId);
    const { model, candidate, from } = request;
    const open = promotion && (promotion.status === 'running' || promotion.status === 'awaiting-approval');
    const subjects = { candidateId: candidate.candidateId, ...(promotionId !== null && { promotionId }) };
    if (promotion?.status === 'promoted') {
      // The answer of CompletePromotion was lost, not its commit: saying "rejected" would not be true.
      return { output: { reasons }, verdict: 'promoted before: not rejected', model, subjects };
    }
    return {
      output: { reasons },
      verdict: 'rejected',
      model,
      subjects,
      changes: open
        ? [
            {
              change: 'update-promotion',
              promotion: { ...promotion, status: 'rejected', taskToken: null, reasons, endedAt: isoTime(clock) },
              from: ['running', 'awaiting-approval'],
            },
          ]
        : [],
      facts: [
        fact('Promotion Rejected', {
          promotionId: promotionId ?? contentId(sha256, 'promotion', { runId }),
          model,
          candidateId: candidate.candidateId,
          from,
          to: environment,
          reasons,
        }),
      ],
    };
  };
