import type { EvaluationReport } from '../../contracts/evaluation-report.ts';
import { fact } from '../../contracts/events/fact.ts';
import { openPackage, type PackageSource } from '../../contracts/package.ts';
import type { RegisterModelInput, RegisterModelOutput } from '../../contracts/steps/train-model-steps.ts';
import { LARGEST_WORK, readWork } from '../../contracts/work.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { ModelVersion } from '../../domain/model-version.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'modelVersion' | 'modelVersions'>;
  readonly clock: Clock;
}

/**
 * Gives a package a version number and writes down where it comes from: dataset version, recipe, run, classification.
 *
 * Runs in:  train-model, state RegisterModel.
 * Throws:   DigestMismatch, ObjectMissing (terminal), RegistryConflict (another run took the number: transient), RegistryUnavailable,
 *           StorageUnavailable (transient).
 * Repeating is safe: a package that is registered keeps its version.
 */
export const registerModel =
  ({ registry, clock, ...source }: Deps) =>
  async (input: RegisterModelInput, { runId }: Attempt): Promise<StepResult<RegisterModelOutput>> => {
    const { model, recipeDigest, datasetDigest, evaluationDigest, modelDigest, trigger } = input;
    const { objects, artifactsBucket, sha256 } = source;
    const work = await objects.read(
      { bucket: artifactsBucket, key: artifactKeys.work(evaluationDigest) },
      LARGEST_WORK,
    );
    const { evaluation, champion } = readWork<EvaluationReport>(work, evaluationDigest, sha256);
    const modelPackage = await openPackage(source, model, modelDigest);
    const { classification, algorithm } = modelPackage.manifest;
    const { signature } = await modelPackage.signature();

    const known = await registry.modelVersion(model, modelDigest);
    const version: ModelVersion = known ?? {
      model,
      version: ((await registry.modelVersions(model))[0]?.version ?? 0) + 1,
      modelDigest,
      recipeDigest,
      datasetDigest,
      classification,
      algorithm,
      evaluation,
      signature,
      runId,
      trigger,
      registeredAt: isoTime(clock),
    };
    return {
      output: { model, recipeDigest, datasetDigest, modelDigest, version: version.version },
      verdict: known ? `version ${version.version} before` : `version ${version.version}`,
      model,
      subjects: { datasetDigest, recipeDigest, modelDigest },
      changes: [
        ...(known ? [] : [{ change: 'register-version', version } as const]),
        { change: 'put-comparison', model, comparison: { modelDigest, champion } },
      ],
      facts: [
        fact('Model Registered', {
          model,
          version: version.version,
          modelDigest,
          recipeDigest,
          datasetDigest,
          classification,
          algorithm,
          metrics: { ...evaluation.metrics },
          trigger,
        }),
      ],
    };
  };
