import type { VerifyCandidateInput, VerifyCandidateOutput } from '../../contracts/steps/promote-model-steps.ts';
import { candidateIdOf, type PromotionRequest, promotionIdOf, signedTextOf } from '../../domain/candidate.ts';
import { mayCross } from '../../domain/classification.ts';
import type { Sha256 } from '../../domain/content-id.ts';
import { type Environment, predecessorOf } from '../../domain/environment.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import type { Promotion } from '../../domain/promotion.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'modelVersion' | 'promotion'>;
  readonly signer: Pick<Signer, 'verify'>;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly environment: Environment;
  /** The key that the predecessor signs its requests with, as this deployment knows it; null in dev. */
  readonly predecessorKeyArn: string | null;
}

/** What crosses: the request comes from the environment before, and was signed there. */
async function problemsOfRequest(
  { signer, environment, predecessorKeyArn }: Deps,
  request: PromotionRequest,
): Promise<string[]> {
  const predecessor = predecessorOf(environment);
  if (predecessor === null || predecessorKeyArn === null)
    return [`nothing is promoted into ${environment} from another environment`];
  const problems: string[] = [];
  if (request.from !== predecessor)
    problems.push(`the request is from ${request.from}: only ${predecessor} comes before ${environment}`);
  if (request.signature === null) problems.push('the request is not signed');
  else if (!(await signer.verify(signedTextOf(request), request.signature, predecessorKeyArn))) {
    problems.push(`the signature is not one of ${predecessor} over this request`);
  }
  if (request.strategy === 'copy' && !mayCross(request.classification)) {
    problems.push(
      `strategy "copy" is refused for a ${request.classification} model: it is a summary of its data; use "retrain"`,
    );
  }
  return problems;
}

/** What was registered here: the request says of it what the registry says. */
async function problemsOfOwn({ registry }: Deps, { model, candidate }: PromotionRequest): Promise<string[]> {
  const version = await registry.modelVersion(model, candidate.modelDigest);
  if (!version) return [`the registry has no version of "${model}" with the digest ${candidate.modelDigest}`];
  const problems: string[] = [];
  if (version.recipeDigest !== candidate.recipeDigest)
    problems.push('the recipe digest is not the one of the registered version');
  if (version.datasetDigest !== candidate.datasetDigest)
    problems.push('the dataset digest is not the one of the registered version');
  return problems;
}

/**
 * Decides whether a request is what it says: digests, order of environments, signature, strategy. Nothing was fetched yet.
 *
 * Runs in:  promote-model, state VerifyCandidate.
 * Throws:   SigningUnavailable, RegistryUnavailable, RegistryConflict (transient).
 * Repeating is safe: the promotion is opened once.
 */
export const verifyCandidate =
  (deps: Deps) =>
  async (
    { request, trigger, replay }: VerifyCandidateInput,
    { runId }: Attempt,
  ): Promise<StepResult<VerifyCandidateOutput>> => {
    const { registry, sha256, clock, environment } = deps;
    const { candidate, model } = request;
    const registeredByRun = trigger.kind === 'registration' ? trigger.runId : null;
    const promotionId = promotionIdOf(sha256, request, registeredByRun, replay?.number ?? 0);

    const reasons: string[] = [];
    if (request.to !== environment) reasons.push(`the request is for ${request.to}, this is ${environment}`);
    if (candidate.candidateId !== candidateIdOf(sha256, candidate)) {
      reasons.push('the candidate id is not the digest of what the candidate names');
    }
    // By what started the run, not by what the request says: one that came over the bus is never an own one, however it calls itself.
    const own = trigger.kind === 'registration' && request.from === null;
    reasons.push(...(own ? await problemsOfOwn(deps, request) : await problemsOfRequest(deps, request)));

    const promotion: Promotion = {
      promotionId,
      request,
      runId,
      status: 'running',
      approvalsRequired: request.approvals,
      taskToken: null,
      gates: [],
      reasons: [],
      modelDigest: own ? candidate.modelDigest : null,
      startedAt: isoTime(clock),
      endedAt: null,
    };
    const known = await registry.promotion(promotionId);
    return {
      output: {
        promotionId,
        verdict: reasons.length === 0 ? 'verified' : 'refused',
        reasons,
        crosses: !own,
      },
      verdict: reasons.length === 0 ? 'verified' : 'refused',
      model,
      subjects: { promotionId, candidateId: candidate.candidateId, modelDigest: candidate.modelDigest },
      changes: known ? [] : [{ change: 'open-promotion', promotion }],
    };
  };
