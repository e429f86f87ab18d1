import * as v from 'valibot';
import { fact } from '../../contracts/events/fact.ts';
import { promotionRequest } from '../../contracts/shapes.ts';
import type { PromoteModelRun } from '../../contracts/steps/promote-model-steps.ts';
import { type PromotionRequest, promotionIdOf } from '../../domain/candidate.ts';
import { contentId, type Sha256 } from '../../domain/content-id.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly workflows: Pick<Workflows, 'start'>;
  readonly sha256: Sha256;
  readonly environment: Environment;
  readonly predecessor: { readonly environment: Environment; readonly accountId: string } | null;
}

/** A request as it came over the bus: nothing in it is believed yet. */
export interface PromotionRequested {
  readonly accountId: string;
  readonly eventId: string;
  readonly request: unknown;
}

/**
 * Starts the promotion that the predecessor asks for. What the request says is verified by the run's first state; here it is only
 * refused when it is no request or comes from the wrong account.
 *
 * Called by: the rule on "Promotion Requested" from the predecessor's account.
 * Throws:    WorkflowUnavailable (transient).
 * Repeating is safe: one promotion a signed request, its name follows from the request.
 */
export const onPromotionRequested =
  ({ workflows, sha256, environment, predecessor }: Deps) =>
  async ({
    accountId,
    eventId,
    request: received,
  }: PromotionRequested): Promise<StepResult<{ runId: string | null }>> => {
    const refuse = (reason: string, request?: PromotionRequest): StepResult<{ runId: null }> => ({
      output: { runId: null },
      verdict: 'refused',
      model: request?.model ?? null,
      subjects: { eventId },
      facts: [
        fact('Promotion Rejected', {
          promotionId: contentId(sha256, 'promotion', { refused: received }),
          model: request?.model ?? null,
          candidateId: request?.candidate.candidateId ?? null,
          from: request?.from ?? null,
          to: environment,
          reasons: [reason],
        }),
      ],
    });
    const parsed = v.safeParse(promotionRequest, received);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      return refuse(`the request is not one: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
    }
    const request = parsed.output;
    if (predecessor === null || accountId !== predecessor.accountId) {
      return refuse(`account ${accountId} may not request promotions into ${environment}`, request);
    }
    const runId = promotionIdOf(sha256, request, null);
    const run: PromoteModelRun = { request, trigger: { kind: 'request', from: predecessor.environment, eventId } };
    const started = await workflows.start('promote-model', runId, run);
    return {
      output: { runId },
      verdict: started,
      model: request.model,
      runId,
      subjects: { candidateId: request.candidate.candidateId, eventId },
    };
  };
