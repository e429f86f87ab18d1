import { fact } from '../../contracts/events/fact.ts';
import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { TrainModelInput, TrainModelOutput } from '../../contracts/steps/train-model-steps.ts';
import { writeWork } from '../../contracts/work.ts';
import { trainingFeatures } from '../../domain/data-contract/training-features.ts';
import { locationsOf } from '../../domain/dataset-locations.ts';
import { DatasetMissing, TrainingFailed } from '../../domain/errors.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import type { Workflows } from '../../domain/ports/workflows.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';
import { holdout } from '../../ml/holdout.ts';
import { numericMetrics } from '../../ml/numeric-metrics.ts';
import { type TrainRequest, type TrainResult, trainInSteps } from '../../ml/train.ts';

export interface Deps extends RecipeSource {
  readonly registry: Pick<Registry, 'dataset'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly tables: Pick<Tables, 'load'>;
  readonly workflows: Pick<Workflows, 'succeedTask'>;
  readonly dataBucket: string;
  /** Lets timers run between two steps of the training, so that a timeout is noticed. */
  readonly breathe: () => Promise<void>;
}

/** The errors of ml/ say what is wrong with the data or the recipe: terminal, with their own words. */
async function trainOn(request: TrainRequest, breathe: Deps['breathe']): Promise<TrainResult> {
  try {
    const steps = trainInSteps(request);
    let step = steps.next();
    while (!step.done) {
      await breathe();
      step = steps.next();
    }
    return step.value;
  } catch (error) {
    throw new TrainingFailed(`training failed: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Trains with the embedded trainer and answers through the task token, as a trainer that runs elsewhere for hours would.
 *
 * Runs in:  train-model, state TrainModel.
 * Throws:   DatasetMissing, TrainingFailed, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable,
 *           RegistryUnavailable, WorkflowUnavailable (transient).
 * Repeating is safe: training is deterministic and its result is stored under its digest.
 */
export const trainModel =
  ({ registry, tables, workflows, dataBucket, breathe, ...source }: Deps) =>
  async (
    { model, recipeDigest, datasetDigest }: TrainModelInput,
    { taskToken }: Attempt,
  ): Promise<StepResult<TrainModelOutput>> => {
    const dataset = await registry.dataset(model, datasetDigest);
    if (!dataset) throw new DatasetMissing(`dataset ${datasetDigest} of "${model}" is not in the registry`);
    const definition = await loadRecipe(source, recipeDigest);
    const { data, training, task } = definition;
    const table = await tables.load(locationsOf(dataset, dataBucket), data);

    const target = data.target.column;
    const features = trainingFeatures(data);
    const split = holdout({ table, target, features, testShare: training.test, seed: training.seed });
    const { algorithms, seed } = training;
    const positive = data.target.positive;
    const result = await trainOn(
      { table, target, task, features, seed, algorithms, split, ...(positive !== undefined && { positive }) },
      breathe,
    );

    const { digest: trainedDigest, key, text } = writeWork(result, source.sha256);
    await source.objects.write({ bucket: source.artifactsBucket, key }, text, 'application/json');
    const { algorithm } = result.model;
    const output = { trainedDigest, algorithm };
    const chosen = result.tried.find((trial) => trial.chosen);
    return {
      output,
      verdict: algorithm,
      model,
      subjects: { datasetDigest, recipeDigest, trainedDigest },
      facts: [
        fact('Model Trained', {
          model,
          datasetDigest,
          recipeDigest,
          algorithm,
          validation: chosen ? numericMetrics(chosen.metrics) : {},
          trainingRows: result.rows.train + result.rows.validation,
        }),
      ],
      afterCommit: async () => {
        if (taskToken !== null) await workflows.succeedTask(taskToken, output);
      },
    };
  };
