import type { EvaluationReport } from '../../contracts/evaluation-report.ts';
import { loadRecipe, type RecipeSource } from '../../contracts/recipe/load-recipe.ts';
import type { PackageModelInput, PackageModelOutput } from '../../contracts/steps/train-model-steps.ts';
import { LARGEST_WORK, readWork } from '../../contracts/work.ts';
import { artifactKeys, type PackageFile, packageFiles } from '../../domain/artifact-keys.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Digest } from '../../domain/content-id.ts';
import { locationsOf } from '../../domain/dataset-locations.ts';
import { DatasetMissing } from '../../domain/errors.ts';
import { modelCard } from '../../domain/model-card.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { GoldenRequests, PackageManifest, PackageSignature } from '../../domain/package-manifest.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import type { Tables } from '../../domain/ports/tables.ts';
import type { StepResult } from '../../domain/step.ts';
import { describeModel } from '../../ml/describe-model.ts';
import { goldenRequests } from '../../ml/golden.ts';
import type { Model } from '../../ml/model.ts';
import { numericMetrics } from '../../ml/numeric-metrics.ts';
import { buildOnnx } from '../../ml/onnx/build-onnx.ts';
import type { Table } from '../../ml/table.ts';
import type { TrainResult } from '../../ml/train.ts';

export interface Deps extends RecipeSource {
  readonly registry: Pick<Registry, 'dataset'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly tables: Pick<Tables, 'load'>;
  readonly signer: Pick<Signer, 'sign'>;
  readonly dataBucket: string;
}

/** At most; fewer where a request may not hold as many rows, for they are asked of the endpoint in one. */
const GOLDEN_REQUESTS = 32;

const contentTypes: Record<PackageFile, string> = {
  'model.onnx': 'application/octet-stream',
  'model-card.md': 'text/markdown; charset=utf-8',
  'golden.json': 'application/json',
  'metrics.json': 'application/json',
};

/** Requests that no person made, with the answers of the model before it was written as ONNX: they test the writing too. */
function golden(model: Model, { training, serving }: ModelDefinition, avoid: Table): GoldenRequests {
  const count = Math.min(GOLDEN_REQUESTS, serving.maxRows);
  const requests = goldenRequests({ model, seed: training.seed, count, avoid });
  return {
    rows: requests.map(({ row }) => row),
    scores: requests.map(({ expected }) => ('prediction' in expected ? expected.prediction : expected.probability)),
  };
}

/**
 * Writes a trained model as a package: ONNX, golden requests, metrics, model card, a manifest that names each by digest, and the
 * environment's signature of the manifest. The digest of the manifest is the model's digest from here on.
 *
 * Runs in:  train-model, state PackageModel.
 * Throws:   DatasetMissing, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable, SigningUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: the same inputs give the same bytes under the same keys; only the signature differs, and each is good.
 */
export const packageModel =
  ({ registry, objects, tables, signer, dataBucket, ...source }: Deps) =>
  async (input: PackageModelInput): Promise<StepResult<PackageModelOutput>> => {
    const { model, recipeDigest, datasetDigest, trainedDigest, evaluationDigest } = input;
    const { artifactsBucket, sha256 } = source;
    const dataset = await registry.dataset(model, datasetDigest);
    if (!dataset) throw new DatasetMissing(`dataset ${datasetDigest} of "${model}" is not in the registry`);
    const definition = await loadRecipe({ objects, ...source }, recipeDigest);
    const read = async <T>(digest: Digest) =>
      readWork<T>(
        await objects.read({ bucket: artifactsBucket, key: artifactKeys.work(digest) }, LARGEST_WORK),
        digest,
        sha256,
      );
    const trained = await read<TrainResult>(trainedDigest);
    const { evaluation, reliability } = await read<EvaluationReport>(evaluationDigest);
    const table = await tables.load(locationsOf(dataset, dataBucket), definition.data);

    const { task, description } = definition;
    const { classification, target } = definition.data;
    const facts = describeModel(trained.model);
    const files: Record<PackageFile, Uint8Array> = {
      'model.onnx': buildOnnx(trained.model),
      'golden.json': Buffer.from(canonicalJson(golden(trained.model, definition, table))),
      'metrics.json': Buffer.from(canonicalJson({ ...evaluation, reliability })),
      'model-card.md': Buffer.from(
        modelCard({
          ...facts,
          model,
          description,
          classification,
          recipeDigest,
          datasetDigest,
          target: target.column,
          rows: table.rows,
          tried: trained.tried.map((trial) => ({ ...trial, metrics: numericMetrics(trial.metrics) })),
          rule: trained.rule,
          evaluation,
        }),
      ),
    };
    const manifest: PackageManifest = {
      kind: 'sluice.package/1',
      model,
      task,
      algorithm: facts.algorithm,
      recipeDigest,
      datasetDigest,
      classification,
      features: trained.model.features.map(({ name, kind }) => ({ name, kind })),
      positive: trained.model.labels?.[1] ?? null,
      negative: trained.model.labels?.[0] ?? null,
      threshold: trained.model.threshold,
      files: Object.fromEntries(
        packageFiles.map((file) => [file, { sha256: sha256(files[file]), bytes: files[file].byteLength }]),
      ) as PackageManifest['files'],
    };
    const manifestText = canonicalJson(manifest);
    const modelDigest = sha256(manifestText);
    const signature: PackageSignature = {
      kind: 'sluice.signature/1',
      modelDigest,
      inputs: manifest.features,
      outputs:
        task === 'regression'
          ? [{ name: 'prediction', kind: 'number' }]
          : [
              { name: 'label', kind: 'category' },
              { name: 'probabilities', kind: 'number' },
            ],
      signature: await signer.sign(manifestText),
    };

    const put = (file: string, content: Uint8Array | string, contentType: string) =>
      objects.write(
        { bucket: artifactsBucket, key: artifactKeys.package(model, modelDigest, file) },
        content,
        contentType,
      );
    await Promise.all(packageFiles.map((file) => put(file, files[file], contentTypes[file])));
    await put('signature.json', canonicalJson(signature), 'application/json');
    // Last: a package whose manifest is there is whole.
    await put('manifest.json', manifestText, 'application/json');
    return {
      output: { modelDigest },
      verdict: 'packaged',
      model,
      subjects: { datasetDigest, recipeDigest, trainedDigest, modelDigest },
    };
  };
