import type { EvaluationReport } from '../../contracts/evaluation-report.ts';
import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { EvaluateModelInput, EvaluateModelOutput } from '../../contracts/steps/train-model-steps.ts';
import { LARGEST_WORK, readWork, writeWork } from '../../contracts/work.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { trainingFeatures } from '../../domain/data-contract/training-features.ts';
import { locationsOf } from '../../domain/dataset-locations.ts';
import { DatasetMissing } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { Comparison, Metrics } from '../../domain/model-version.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import type { StepResult } from '../../domain/step.ts';
import { evaluatePredictions, evaluateModel as measure } from '../../ml/evaluate-model.ts';
import { holdout } from '../../ml/holdout.ts';
import { numericMetrics } from '../../ml/numeric-metrics.ts';
import { DEFAULT_ONNX_LIMITS } from '../../ml/onnx/limits.ts';
import { loadOnnx } from '../../ml/onnx/load-onnx.ts';
import type { Table } from '../../ml/table.ts';
import type { TrainResult } from '../../ml/train.ts';

export interface Deps extends RecipeSource {
  readonly registry: Pick<Registry, 'dataset' | 'deployment' | 'modelVersion'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly tables: Pick<Tables, 'load'>;
  readonly dataBucket: string;
}

/** The champion of the moment on the rows that the challenger is measured on. Some of them may be rows that it was trained on. */
async function championOn(
  { registry, objects, artifactsBucket }: Deps,
  { model, task, data }: ModelDefinition,
  table: Table,
  rows: Int32Array,
  labels: readonly [string, string] | null,
): Promise<Comparison['champion']> {
  const serving = (await registry.deployment(model))?.champion;
  if (!serving) return null;
  const { modelDigest, version } = serving;
  const key = artifactKeys.package(model, modelDigest, 'model.onnx');
  const onnx = loadOnnx(await objects.read({ bucket: artifactsBucket, key }, DEFAULT_ONNX_LIMITS.maximumBytes));
  const threshold = (await registry.modelVersion(model, modelDigest))?.evaluation.metrics.threshold ?? null;
  const measured = evaluatePredictions({
    task,
    target: data.target.column,
    labels,
    threshold,
    table,
    rows,
    predict: onnx.predictTable,
  });
  return { modelDigest, version, metrics: numericMetrics(measured.metrics) };
}

/**
 * Measures a trained model on the rows that training did not see, and the champion on the same rows.
 *
 * Runs in:  train-model, state EvaluateModel.
 * Throws:   DatasetMissing, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: it writes what it measured under its digest.
 */
export const evaluateModel =
  (deps: Deps) =>
  async ({
    model,
    recipeDigest,
    datasetDigest,
    trainedDigest,
  }: EvaluateModelInput): Promise<StepResult<EvaluateModelOutput>> => {
    const { registry, objects, tables, dataBucket, artifactsBucket, sha256 } = deps;
    const dataset = await registry.dataset(model, datasetDigest);
    if (!dataset) throw new DatasetMissing(`dataset ${datasetDigest} of "${model}" is not in the registry`);
    const definition = await loadRecipe(deps, recipeDigest);
    const { data, training } = definition;
    const work = await objects.read({ bucket: artifactsBucket, key: artifactKeys.work(trainedDigest) }, LARGEST_WORK);
    const trained = readWork<TrainResult>(work, trainedDigest, sha256).model;

    const table = await tables.load(locationsOf(dataset, dataBucket), data);
    const features = trainingFeatures(data);
    const split = holdout({
      table,
      target: data.target.column,
      features,
      testShare: training.test,
      seed: training.seed,
    });
    const measured = measure(trained, table, split.test);
    const metrics: Metrics = numericMetrics(measured.metrics);
    const champion = await championOn(deps, definition, table, split.test, trained.labels);

    const report: EvaluationReport = {
      evaluation: { metrics, testRows: measured.metrics.rows },
      reliability: measured.task === 'regression' ? null : measured.metrics.reliability,
      champion,
    };
    const { digest: evaluationDigest, key, text } = writeWork(report, sha256);
    await objects.write({ bucket: artifactsBucket, key }, text, 'application/json');
    return {
      output: { evaluationDigest, metrics },
      verdict: champion === null ? 'measured' : `measured against version ${champion.version}`,
      model,
      subjects: { datasetDigest, recipeDigest, trainedDigest, evaluationDigest },
    };
  };
