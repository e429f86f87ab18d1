import { fact } from '../../contracts/events/fact.ts';
import { parseModelDefinition } from '../../contracts/model-definition/parse.ts';
import { LARGEST_RECIPE, readRecipeBundle, sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { codeRun } from '../../contracts/steps/code-run.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { Digest, Sha256 } from '../../domain/content-id.ts';
import { type Environment, predecessorOf } from '../../domain/environment.ts';
import { ArtifactInvalid } from '../../domain/errors.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import type { RecipeBundle } from '../../domain/recipe.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'recipe' | 'currentRecipe' | 'latestArrival'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly workflows: Pick<Workflows, 'start'>;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly artifactsBucket: string;
  readonly environment: Environment;
}

/** A recipe bundle that came in under `incoming/`. */
export interface CodeCommitted {
  readonly key: string;
  readonly versionId: string;
}

export type OnCodeCommittedOutput = { readonly recipeDigest: Digest | null };

interface Problem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const refusedIn = (environment: Environment, key: string): { readonly problems: readonly Problem[] } => {
  const message = `recipes come into ${environment} by promotion from ${predecessorOf(environment)} and no other way: publish it in dev`;
  return { problems: [{ path: key, line: 0, column: 0, message }] };
};

/** Reads the bundle as what it is: something that anybody with access to the bucket may have put there. */
function read(
  bytes: Uint8Array,
  key: string,
): { readonly bundle: RecipeBundle } | { readonly problems: readonly Problem[] } {
  const bundle = readRecipeBundle(bytes);
  if (!bundle) {
    const message = 'this is no recipe bundle: use "sluice publish"';
    return { problems: [{ path: key, line: 0, column: 0, message }] };
  }
  const parsed = parseModelDefinition(bundle.files['model.yaml'] as string, 'model.yaml');
  if (!parsed.ok) {
    return {
      problems: parsed.problems.map(({ path, line, column, message, hint }) => ({
        path: path === '' ? 'model.yaml' : `model.yaml ${path}`,
        line,
        column,
        message: hint === undefined ? message : `${message} (${hint})`,
      })),
    };
  }
  const inKey = key.split('/')[1];
  if (parsed.definition.model !== bundle.model || bundle.model !== inKey) {
    const message = `the model is "${parsed.definition.model}" in model.yaml, "${bundle.model}" in the bundle and "${inKey}" in the key: they must be one`;
    return { problems: [{ path: 'model.yaml model', line: 1, column: 1, message }] };
  }
  return { bundle };
}

/**
 * Accepts a recipe as the environment's current one, or says what is wrong with it; and trains with it where there is data. Recipes are
 * committed in the first environment only: one that was put straight into another would bring its own gates and have passed none.
 *
 * Called by: the rule on "Object Created" under `incoming/` of the artifacts bucket.
 * Throws:    ObjectMissing (terminal), RegistryUnavailable, StorageUnavailable, WorkflowUnavailable (transient).
 * Repeating is safe: recipes are content-addressed and the run's name follows from recipe and data.
 */
export const onCodeCommitted =
  ({ registry, objects, workflows, sha256, clock, artifactsBucket, environment }: Deps) =>
  async ({ key, versionId }: CodeCommitted): Promise<StepResult<OnCodeCommittedOutput>> => {
    const location = { bucket: artifactsBucket, key, ...(versionId !== '' && { versionId }) };
    const bytes = await objects.read(location, LARGEST_RECIPE).catch((error: unknown) => {
      if (error instanceof ArtifactInvalid) return new Uint8Array();
      throw error;
    });
    const result = predecessorOf(environment) === null ? read(bytes, key) : refusedIn(environment, key);
    if ('problems' in result) {
      return {
        output: { recipeDigest: null },
        verdict: 'rejected',
        model: null,
        subjects: { key },
        facts: [fact('Recipe Rejected', { model: null, key, problems: [...result.problems] })],
      };
    }
    const { bundle } = result;
    const { model, commit } = bundle;
    const { recipeDigest, text } = sealRecipe(bundle, sha256);
    const known = await registry.recipe(model, recipeDigest);
    await objects.write({ bucket: artifactsBucket, key: artifactKeys.recipe(recipeDigest) }, text, 'application/json');

    return {
      output: { recipeDigest },
      verdict: 'accepted',
      model,
      subjects: { recipeDigest },
      changes: [
        {
          change: 'accept-recipe',
          recipe: known ?? { model, recipeDigest, commit, acceptedAt: isoTime(clock), from: null },
          current: true,
        },
      ],
      facts: [fact('Recipe Accepted', { model, recipeDigest, commit })],
      afterCommit: async () => {
        // Only now: data that comes in later finds the recipe, data that was there before is found here.
        const arrival = await registry.latestArrival(model);
        const current = await registry.currentRecipe(model);
        if (!arrival || current?.recipeDigest !== recipeDigest) return;
        // Data that found this recipe has a run of its own with it, also where this event comes late or again.
        if (arrival.recipeDigest === recipeDigest) return;
        const { runId, run } = codeRun(sha256, recipeDigest, arrival);
        await workflows.start('train-model', runId, run);
      },
    };
  };
