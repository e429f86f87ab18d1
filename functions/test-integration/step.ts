import { openPackage, type PackageSource } from '../../contracts/package.ts';
import type { TestInput, TestOutput } from '../../contracts/steps/promote-model-steps.ts';
import { disagreements } from '../../domain/golden-agreement.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Endpoint } from '../../domain/ports/endpoint.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { StepResult } from '../../domain/step.ts';
import { testResult } from '../../domain/test-evidence.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'promotion'>;
  readonly endpoint: Endpoint;
  readonly signer: Pick<Signer, 'sign'>;
  readonly clock: Clock;
}

/**
 * Asks the deployed endpoint the golden requests of the package: it must answer what the model answered before it was packaged,
 * and refuse a request that no model could answer.
 *
 * Runs in:  promote-model, state TestIntegration.
 * Throws:   PromotionMissing, DigestMismatch, ObjectMissing (terminal), EndpointUnavailable, StorageUnavailable, SigningUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: the evidence of a promotion's test is one item, the last one counts.
 */
export const testIntegration =
  ({ registry, endpoint, signer, clock, ...source }: Deps) =>
  async ({ promotionId, model, modelDigest }: TestInput): Promise<StepResult<TestOutput>> => {
    const promotion = await runningPromotion(registry, promotionId);
    const golden = await (await openPackage(source, model, modelDigest)).golden();
    const findings: string[] = [];

    const answer = await endpoint.predict({ model, modelDigest, rows: golden.rows });
    if (!answer.ok) findings.push(`the endpoint refused the golden requests: ${answer.status} ${answer.message}`);
    else {
      if (answer.response.modelDigest !== modelDigest)
        findings.push(`another version answered: ${answer.response.modelDigest}`);
      findings.push(...disagreements(golden, answer.response));
    }
    const wrong = await endpoint.predict({ model, modelDigest, rows: [{ 'no such feature': 1 }] });
    if (wrong.ok) findings.push('the endpoint answered a row that has none of the features');
    else if (wrong.status !== 400) findings.push(`the endpoint answered ${wrong.status} to a wrong row, not 400`);

    return testResult({ signer, clock }, promotion, modelDigest, 'integration', {
      measurements: { goldenRequests: golden.rows.length },
      findings,
    });
  };
