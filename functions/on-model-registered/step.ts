import type { EventData } from '../../contracts/events/catalogue.ts';
import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { PromoteModelRun } from '../../contracts/steps/promote-model-steps.ts';
import { promotionIdOf, requestFor } from '../../domain/candidate.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps extends RecipeSource {
  readonly workflows: Pick<Workflows, 'start'>;
  readonly environment: Environment;
}

/** A version was registered by this run. */
export interface ModelRegistered {
  readonly runId: string | null;
  readonly data: EventData<'Model Registered'>;
}

/**
 * Starts the promotion of a version that was trained for its own sake: nothing crosses, it is tested and deployed here.
 *
 * Called by: the rule on "Model Registered" of the own bus, but for those that a promotion trained.
 * Throws:    RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable, WorkflowUnavailable (transient).
 * Repeating is safe: one promotion a run, its name follows from the run.
 */
export const onModelRegistered =
  ({ workflows, environment, ...source }: Deps) =>
  async ({ runId: registeredByRun, data }: ModelRegistered): Promise<StepResult<{ runId: string | null }>> => {
    const { model, modelDigest, recipeDigest, datasetDigest, version, classification, metrics } = data;
    if (data.trigger.kind === 'promotion' || registeredByRun === null) {
      return { output: { runId: null }, verdict: 'ignored: trained by a promotion', model, subjects: { modelDigest } };
    }
    const definition = await loadRecipe(source, recipeDigest);
    const request = requestFor(source.sha256, {
      model,
      version,
      classification,
      strategy: definition.promotion.strategy,
      from: null,
      to: environment,
      metrics,
      approvals: definition.gates[environment].approvals,
      recipeDigest,
      datasetDigest,
      modelDigest,
      evidenceDigest: null,
    });
    const runId = promotionIdOf(source.sha256, request, registeredByRun);
    const run: PromoteModelRun = {
      request: { ...request, metrics: { ...metrics } },
      trigger: { kind: 'registration', runId: registeredByRun },
    };
    const started = await workflows.start('promote-model', runId, run);
    return {
      output: { runId },
      verdict: started,
      model,
      runId,
      subjects: { modelDigest, candidateId: request.candidate.candidateId },
    };
  };
