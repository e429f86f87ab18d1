import { openPackage, type PackageSource } from '../../contracts/package.ts';
import { loadRecipe } from '../../contracts/recipe/load-recipe.ts';
import type { TestInput, TestOutput } from '../../contracts/steps/promote-model-steps.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Endpoint, FeatureRow } from '../../domain/ports/endpoint.ts';
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

const WARM_UP_REQUESTS = 5;
/** 99 % of them is one request less than all: the second slowest. */
const REQUESTS = 100;
const BATCHES = 5;

/** The nearest-rank percentile of sorted values, `share` from 0 to 1. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * Measures the deployed endpoint from outside: single requests one after the other for p50 and p99, full batches for rows a second.
 * The figures are judged by JudgeGates; here only an endpoint that does not answer fails.
 *
 * Runs in:  promote-model, state TestPerformance.
 * Throws:   PromotionMissing, DigestMismatch, RecipeInvalid, ObjectMissing (terminal), EndpointUnavailable, StorageUnavailable,
 *           SigningUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: the evidence of a promotion's test is one item, the last one counts.
 */
export const testPerformance =
  ({ registry, endpoint, signer, clock, ...source }: Deps) =>
  async ({ promotionId, model, modelDigest }: TestInput): Promise<StepResult<TestOutput>> => {
    const promotion = await runningPromotion(registry, promotionId);
    const { maxRows } = (await loadRecipe(source, promotion.request.candidate.recipeDigest)).serving;
    const { rows } = await (await openPackage(source, model, modelDigest)).golden();
    const findings = new Set<string>();

    const timed = async (batch: readonly FeatureRow[]): Promise<number> => {
      const startMs = clock.monotonicMs();
      const answer = await endpoint.predict({ model, modelDigest, rows: batch });
      if (!answer.ok) findings.add(`the endpoint refused ${batch.length} rows: ${answer.status} ${answer.message}`);
      return clock.monotonicMs() - startMs;
    };
    const one = (index: number) => [rows[index % rows.length] as FeatureRow];
    for (let i = 0; i < WARM_UP_REQUESTS; i++) await timed(one(i));
    const times: number[] = [];
    for (let i = 0; i < REQUESTS; i++) times.push(await timed(one(i)));
    times.sort((a, b) => a - b);

    const batch = Array.from({ length: maxRows }, (_, index) => rows[index % rows.length] as FeatureRow);
    let batchMs = 0;
    for (let i = 0; i < BATCHES; i++) batchMs += await timed(batch);

    return testResult({ signer, clock }, promotion, modelDigest, 'performance', {
      measurements: {
        p50Ms: rounded(percentile(times, 0.5)),
        p99Ms: rounded(percentile(times, 0.99)),
        rowsPerSecond: Math.round((BATCHES * batch.length * 1000) / batchMs),
        requests: REQUESTS,
      },
      findings: [...findings],
    });
  };
