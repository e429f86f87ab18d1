import type { SnapshotDatasetInput, SnapshotDatasetOutput } from '../../contracts/steps/train-model-steps.ts';
import type { DigestStream, Sha256 } from '../../domain/content-id.ts';
import {
  arrivalIdOf,
  type DatasetVersion,
  datasetDigestOf,
  type ObjectVersion,
  type PinnedObject,
} from '../../domain/dataset.ts';
import { DatasetMissing, ObjectMissing, RecipeMissing } from '../../domain/errors.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'latestArrival' | 'currentRecipe' | 'recipe' | 'dataset'>;
  readonly objects: Pick<ObjectStore, 'stream'>;
  readonly dataBucket: string;
  readonly sha256: Sha256;
  readonly digestStream: DigestStream;
  readonly clock: Clock;
}

/**
 * Pins what arrived: the versions of the objects and the SHA-256 of their bytes. From here on the run is about these bytes.
 *
 * Runs in:  train-model, state SnapshotDataset.
 * Throws:   RecipeMissing, DatasetMissing, ObjectMissing (terminal), StorageUnavailable, RegistryUnavailable (transient).
 * Repeating is safe: the same objects give the same dataset version.
 */
export const snapshotDataset =
  ({ registry, objects, dataBucket, sha256, digestStream, clock }: Deps) =>
  async ({ model, arrival, recipeDigest }: SnapshotDatasetInput): Promise<StepResult<SnapshotDatasetOutput>> => {
    const recipe =
      recipeDigest === null ? await registry.currentRecipe(model) : await registry.recipe(model, recipeDigest);
    if (!recipe) {
      throw new RecipeMissing(
        recipeDigest === null
          ? `this environment has no recipe for "${model}" yet: publish one, or promote one into it`
          : `recipe ${recipeDigest} of "${model}" is not in this environment`,
      );
    }
    const arrived: readonly ObjectVersion[] | undefined =
      arrival?.objects ?? (await registry.latestArrival(model))?.objects;
    if (!arrived)
      throw new DatasetMissing(`no data of "${model}" has arrived in this environment: upload some to train on`);

    const pinned: PinnedObject[] = [];
    for (const { key, versionId } of arrived) {
      const location = { bucket: dataBucket, key, ...(versionId !== '' && { versionId }) };
      const { sha256: digest, bytes } = await digestStream(await objects.stream(location));
      pinned.push({ key, versionId, sha256: digest, bytes });
    }
    if (pinned.length === 0) throw new ObjectMissing(`the arrival of "${model}" names no object`);

    const datasetDigest = datasetDigestOf(sha256, model, pinned);
    const arrivalId = arrivalIdOf(sha256, model, arrived);
    const bytes = pinned.reduce((sum, object) => sum + object.bytes, 0);
    const known = await registry.dataset(model, datasetDigest);
    const dataset: DatasetVersion = {
      model,
      datasetDigest,
      objects: pinned,
      bytes,
      arrivalId,
      snapshotAt: isoTime(clock),
      verdict: 'snapshotted',
      rows: null,
      columns: null,
      classification: null,
      violations: [],
    };
    return {
      output: { model, recipeDigest: recipe.recipeDigest, datasetDigest, arrivalId, bytes },
      verdict: known ? 'known before' : 'pinned',
      model,
      subjects: { datasetDigest, recipeDigest: recipe.recipeDigest, arrivalId },
      changes: known ? [] : [{ change: 'put-dataset', dataset }],
    };
  };
