import * as v from 'valibot';
import { openPackage, type PackageSource } from '../../contracts/package.ts';
import { loadRecipe } from '../../contracts/recipe/load-recipe.ts';
import { byName, digest, modelName } from '../../contracts/shapes.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Deployment, ModelVersion } from '../../domain/model-version.ts';
import type { PackageManifest } from '../../domain/package-manifest.ts';
import type { PredictResponse } from '../../domain/ports/endpoint.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { DEFAULT_ONNX_LIMITS } from '../../ml/onnx/limits.ts';
import { loadOnnx, type OnnxModel } from '../../ml/onnx/load-onnx.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'deployment' | 'modelVersion'>;
  readonly environment: Environment;
  /** Uniform in [0, 1): who answers while a canary is out. */
  readonly random: () => number;
}

export type PredictAnswer =
  | { readonly status: 200; readonly body: PredictResponse }
  | { readonly status: 400 | 404; readonly body: { readonly error: string; readonly message: string } };

/** A model that is ready to answer. */
interface Loaded {
  readonly onnx: OnnxModel;
  readonly manifest: PackageManifest;
  readonly version: number;
  readonly maxRows: number;
}

const requestShape = v.strictObject({
  model: modelName,
  rows: v.pipe(v.array(byName(v.nullable(v.union([v.number(), v.string()])))), v.minLength(1)),
  modelDigest: v.optional(digest),
});

/** Models kept in memory: a champion, its challenger, and the ones before. */
const MOST_LOADED = 4;
const NAMED_ISSUES = 3;

const refuse = (status: 400 | 404, error: string, message: string): PredictAnswer => ({
  status,
  body: { error, message },
});

/** The champion, or with the canary's share its challenger. */
const choose = ({ champion, canary }: Deployment, random: number): string | undefined =>
  (canary && (champion === null || random < canary.weight) ? canary : champion)?.modelDigest;

/** A row that has a feature the model does not know is a misspelling more often than a surplus: it is refused, and named. */
function unknownFeature(rows: readonly object[], { features }: PackageManifest): string | undefined {
  const known = new Set(features.map(({ name }) => name));
  for (const [index, row] of rows.entries()) {
    const name = Object.keys(row).find((key) => !known.has(key));
    if (name !== undefined) return `rows.${index}: the model has no feature "${name}"; it has ${[...known].join(', ')}`;
  }
  return undefined;
}

/**
 * Answers for a model with the version that serves, or with the version that is asked for by digest.
 *
 * Called by: the function's URL. It leaves no audit event (decision 0006).
 * Throws:    DigestMismatch, ObjectMissing (terminal), StorageUnavailable, RegistryUnavailable (transient): the caller sees a 5xx.
 */
export function predict({
  registry,
  environment,
  random,
  ...source
}: Deps): (request: unknown) => Promise<PredictAnswer> {
  const cache = new Map<string, Promise<Loaded>>();

  async function load({ model, modelDigest, recipeDigest, version }: ModelVersion): Promise<Loaded> {
    const opened = await openPackage(source, model, modelDigest);
    const onnx = loadOnnx(await opened.file('model.onnx', DEFAULT_ONNX_LIMITS.maximumBytes));
    const { serving } = await loadRecipe(source, recipeDigest);
    return { onnx, manifest: opened.manifest, version, maxRows: serving.maxRows };
  }

  async function loaded(model: string, modelDigest: string): Promise<Loaded | undefined> {
    const key = `${model}/${modelDigest}`;
    let ready = cache.get(key);
    if (!ready) {
      // Only what was registered here is served, whatever lies in the bucket.
      const version = await registry.modelVersion(model, modelDigest);
      if (!version) return undefined;
      ready = load(version);
      cache.set(key, ready);
      ready.catch(() => cache.delete(key));
      const [oldest] = cache.keys();
      if (cache.size > MOST_LOADED && oldest !== undefined) cache.delete(oldest);
    }
    return ready;
  }

  return async (request) => {
    const parsed = v.safeParse(requestShape, request);
    if (!parsed.success) {
      const issues = parsed.issues
        .slice(0, NAMED_ISSUES)
        .map((issue) => `${v.getDotPath(issue) ?? 'the request'}: ${issue.message}`);
      return refuse(
        400,
        'RequestInvalid',
        `${issues.join('; ')}; a request is {"model": "…", "rows": [{"feature": value or null, …}]}`,
      );
    }
    const { model, rows, modelDigest: asked } = parsed.output;
    let modelDigest = asked;
    if (modelDigest === undefined) {
      const deployment = await registry.deployment(model);
      modelDigest = deployment && choose(deployment, random());
      if (modelDigest === undefined)
        return refuse(404, 'ModelNotServing', `${environment} serves no version of "${model}" yet`);
    }
    const ready = await loaded(model, modelDigest);
    if (!ready)
      return refuse(
        404,
        'ModelVersionMissing',
        `${environment} has no version of "${model}" with the digest ${modelDigest}`,
      );
    const { onnx, manifest, version, maxRows } = ready;
    if (rows.length > maxRows)
      return refuse(400, 'TooManyRows', `${rows.length} rows: this model answers at most ${maxRows} at once`);
    const unknown = unknownFeature(rows, manifest);
    if (unknown !== undefined) return refuse(400, 'RequestInvalid', unknown);
    try {
      const predictions = onnx
        .predict(rows)
        .map((answer) =>
          'prediction' in answer
            ? { score: answer.prediction, label: null }
            : { score: answer.probability, label: answer.label },
        );
      return { status: 200, body: { model, environment, version, modelDigest, predictions } };
    } catch (error) {
      if ((error as Error).name !== 'OnnxInputInvalid') throw error;
      return refuse(400, 'RequestInvalid', (error as Error).message);
    }
  };
}
