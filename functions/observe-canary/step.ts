import { openPackage, type PackageSource } from '../../contracts/package.ts';
import type { ObserveCanaryInput, ObserveCanaryOutput } from '../../contracts/steps/promote-model-steps.ts';
import { disagreements } from '../../domain/golden-agreement.ts';
import type { Endpoint, FeatureRow } from '../../domain/ports/endpoint.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'promotion' | 'deployment'>;
  readonly endpoint: Endpoint;
}

const REQUESTS = 40;

/**
 * Watches the endpoint while the challenger answers a share of its requests: requests are sent as users send them, without naming a
 * version, and the challenger's own answers are compared with its package. What users' requests themselves show (error rates over hours)
 * is the monitoring's, not this step's.
 *
 * Runs in:  promote-model, state ObserveCanary.
 * Throws:   PromotionMissing, DigestMismatch, ObjectMissing (terminal), EndpointUnavailable, StorageUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: it reads only.
 */
export const observeCanary =
  ({ registry, endpoint, ...source }: Deps) =>
  async ({ promotionId, model, modelDigest }: ObserveCanaryInput): Promise<StepResult<ObserveCanaryOutput>> => {
    await runningPromotion(registry, promotionId);
    const reasons: string[] = [];
    const deployment = await registry.deployment(model);
    if (deployment?.canary?.promotionId !== promotionId) reasons.push('the canary of this promotion is not deployed');
    const serving = new Set([deployment?.champion?.modelDigest, deployment?.canary?.modelDigest]);

    const golden = await (await openPackage(source, model, modelDigest)).golden();
    let byChallenger = 0;
    for (let i = 0; i < REQUESTS; i++) {
      const answer = await endpoint.predict({ model, rows: [golden.rows[i % golden.rows.length] as FeatureRow] });
      if (!answer.ok) reasons.push(`request ${i + 1} was refused: ${answer.status} ${answer.message}`);
      else if (!serving.has(answer.response.modelDigest))
        reasons.push(`request ${i + 1} was answered by ${answer.response.modelDigest}, which is not deployed`);
      else if (answer.response.modelDigest === modelDigest) byChallenger += 1;
    }
    const all = await endpoint.predict({ model, modelDigest, rows: golden.rows });
    if (!all.ok) reasons.push(`the challenger refused its golden requests: ${all.status} ${all.message}`);
    else reasons.push(...disagreements(golden, all.response));

    const verdict = reasons.length === 0 ? 'healthy' : 'unhealthy';
    return {
      output: { verdict, reasons: reasons.slice(0, 10) },
      verdict: `${verdict}: ${byChallenger} of ${REQUESTS} requests by the challenger`,
      model,
      subjects: { promotionId, modelDigest },
    };
  };
