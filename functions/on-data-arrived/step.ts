import { codeRun } from '../../contracts/steps/code-run.ts';
import type { TrainModelRun } from '../../contracts/steps/train-model-steps.ts';
import { modelOfDataKey } from '../../domain/artifact-keys.ts';
import { contentId, type Sha256 } from '../../domain/content-id.ts';
import { type Arrival, arrivalIdOf, type ObjectVersion } from '../../domain/dataset.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import type { StepResult } from '../../domain/step.ts';
import { isManifestKey, type ManifestProblem, readManifest } from './manifest.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'arrival' | 'latestArrival' | 'currentRecipe'>;
  readonly objects: Pick<ObjectStore, 'read' | 'head'>;
  readonly workflows: Pick<Workflows, 'start'>;
  readonly sha256: Sha256;
  readonly dataBucket: string;
}

/** An object that came in, with the key as it is: EventBridge does not encode it. */
export interface DataArrived extends ObjectVersion {
  readonly at: string;
}

export type OnDataArrivedOutput = { readonly runId: string | null; readonly problem: string | null };

/** Reads what arrived: the object itself, or the objects that a manifest names. */
async function arrivedObjects(
  { objects, dataBucket }: Deps,
  { key, versionId }: DataArrived,
  model: string,
): Promise<readonly ObjectVersion[] | ManifestProblem> {
  if (!isManifestKey(key)) return [{ key, versionId }];
  return readManifest(objects, { bucket: dataBucket, key, versionId }, model);
}

/**
 * Takes note of data and starts a run for it: one run for one arrival, however often and late its event comes.
 *
 * Called by: the rule on "Object Created" of the data bucket.
 * Throws:    RegistryUnavailable, StorageUnavailable, WorkflowUnavailable (transient).
 * Repeating is safe: the run's name follows from the object versions.
 */
export const onDataArrived =
  (deps: Deps) =>
  async (event: DataArrived): Promise<StepResult<OnDataArrivedOutput>> => {
    const { registry, workflows, sha256 } = deps;
    const model = modelOfDataKey(event.key);
    if (model === undefined) {
      const problem = `the key does not begin with a model's name and "/": put data of a model under <model>/`;
      return {
        output: { runId: null, problem },
        verdict: 'ignored: no model',
        model: null,
        subjects: { key: event.key },
      };
    }
    const objects = await arrivedObjects(deps, event, model);
    if ('problem' in objects) {
      return {
        output: { runId: null, problem: objects.problem },
        verdict: 'rejected',
        model,
        subjects: { key: event.key },
        facts: [objects.fact(model, event)],
      };
    }

    const arrivalId = arrivalIdOf(sha256, model, objects);
    const subjects = { arrivalId };
    const known = await registry.arrival(model, arrivalId);
    if (known?.runId) {
      const { runId } = known;
      return { output: { runId, problem: null }, verdict: 'known before', model, runId, subjects };
    }
    const arrival: Arrival = known ?? {
      arrivalId,
      model,
      objects,
      runId: null,
      recipeDigest: null,
      arrivedAt: event.at,
    };
    const current = await registry.currentRecipe(model);
    if (known || !current) {
      return {
        output: { runId: null, problem: null },
        verdict: 'kept until a recipe arrives',
        model,
        subjects,
        changes: known ? [] : [{ change: 'record-arrival', arrival }],
        afterCommit: async () => {
          // The recipe may have come in between: its consumer looked for data before this arrival was written.
          // Newer data trains in its place.
          const recipe = await registry.currentRecipe(model);
          if (!recipe || (await registry.latestArrival(model))?.arrivalId !== arrivalId) return;
          // Told again, after a promotion brought the recipe: the promotion has trained on this data.
          if (known && recipe.from !== null) return;
          const late = codeRun(sha256, recipe.recipeDigest, arrival);
          await workflows.start('train-model', late.runId, late.run);
        },
      };
    }
    const runId = contentId(sha256, 'train', { arrivalId });
    // Nothing in the input but what makes the arrival: a later delivery must start the same run.
    const run: TrainModelRun = {
      model,
      trigger: { kind: 'data', arrivalId },
      arrival: { objects: [...objects] },
      recipeDigest: null,
    };
    const started = await workflows.start('train-model', runId, run);
    return {
      output: { runId, problem: null },
      verdict: started,
      model,
      runId,
      subjects,
      changes: [{ change: 'record-arrival', arrival: { ...arrival, runId, recipeDigest: current.recipeDigest } }],
    };
  };
