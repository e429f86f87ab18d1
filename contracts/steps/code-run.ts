import { contentId, type Digest, type Sha256 } from '../../domain/content-id.ts';
import type { Arrival } from '../../domain/dataset.ts';
import type { TrainModelRun } from './train-model-steps.ts';

/**
 * The run that trains with a recipe on data that was there before it. Data and recipe can come in at the same moment, so both
 * consumers look for the other after they have written, and both may find it: they start this one run, by one name.
 */
export function codeRun(
  sha256: Sha256,
  recipeDigest: Digest,
  { model, arrivalId, objects }: Arrival,
): { runId: string; run: TrainModelRun } {
  const run: TrainModelRun = {
    model,
    trigger: { kind: 'code', recipeDigest },
    arrival: { objects: objects.map(({ key, versionId }) => ({ key, versionId })) },
    recipeDigest,
  };
  return { runId: contentId(sha256, 'train', { recipeDigest, arrivalId }), run };
}
