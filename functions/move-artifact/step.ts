import { fact } from '../../contracts/events/fact.ts';
import { LARGEST_RECIPE, openRecipe, readRecipeBundle } from '../../contracts/recipe/recipe-bundle.ts';
import type { MoveArtifactInput, MoveArtifactOutput } from '../../contracts/steps/promote-model-steps.ts';
import { artifactKeys, packageFiles } from '../../domain/artifact-keys.ts';
import type { PromotionRequest } from '../../domain/candidate.ts';
import type { Change } from '../../domain/change.ts';
import { mayCross } from '../../domain/classification.ts';
import type { Sha256 } from '../../domain/content-id.ts';
import { ArtifactInvalid, DigestMismatch, PromotionMissing } from '../../domain/errors.ts';
import type { Evaluation } from '../../domain/model-version.ts';
import type { PackageManifest, PackageSignature } from '../../domain/package-manifest.ts';
import { type Clock, isoTime } from '../../domain/ports/clock.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { runningPromotion } from '../../domain/running-promotion.ts';
import type { Attempt, StepResult } from '../../domain/step.ts';

export interface Deps {
  readonly registry: Pick<Registry, 'promotion' | 'currentRecipe' | 'modelVersion' | 'modelVersions'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly artifactsBucket: string;
  /** Null in dev: nothing moves into it from an environment before. */
  readonly predecessorBucket: string | null;
}

interface Moved {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Bytes of the largest file of a package that crosses. */
const LARGEST_FILE = 200_000_000;

/**
 * A package crosses whole: every byte is checked against the manifest, the manifest against the digest that was signed for, and
 * only then is anything written.
 */
async function movePackage(
  deps: Deps & { predecessorBucket: string },
  { candidate, model }: PromotionRequest,
): Promise<{ moved: Moved[]; manifest: PackageManifest; evaluation: Evaluation; signature: PackageSignature }> {
  const { objects, sha256, artifactsBucket, predecessorBucket } = deps;
  const pull = (file: string) =>
    objects.read({ bucket: predecessorBucket, key: artifactKeys.outbound(candidate.candidateId, file) }, LARGEST_FILE);
  const manifestBytes = await pull('manifest.json');
  if (sha256(manifestBytes) !== candidate.modelDigest)
    throw new DigestMismatch('the manifest that came is not the one that was promoted');
  const manifest = JSON.parse(new TextDecoder().decode(manifestBytes)) as PackageManifest;
  const { recipeDigest, datasetDigest } = candidate;
  if (manifest.model !== model || manifest.recipeDigest !== recipeDigest || manifest.datasetDigest !== datasetDigest)
    throw new DigestMismatch('the manifest that came is of another model, recipe or dataset than the candidate');
  if (!mayCross(manifest.classification)) throw new ArtifactInvalid(`a ${manifest.classification} model is not copied`);
  const files = new Map<string, Uint8Array>();
  for (const file of packageFiles) {
    const bytes = await pull(file);
    if (sha256(bytes) !== manifest.files[file].sha256)
      throw new DigestMismatch(`${file} that came is not the one of the manifest`);
    files.set(file, bytes);
  }
  const signatureBytes = await pull('signature.json');
  files.set('signature.json', signatureBytes).set('manifest.json', manifestBytes);

  const moved: Moved[] = [];
  for (const [file, bytes] of files) {
    const key = artifactKeys.package(model, candidate.modelDigest, file);
    await objects.write({ bucket: artifactsBucket, key }, bytes, 'application/octet-stream');
    moved.push({ key, sha256: sha256(bytes), bytes: bytes.byteLength });
  }
  const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  return {
    moved,
    manifest,
    evaluation: parse(files.get('metrics.json') as Uint8Array),
    signature: parse(signatureBytes),
  };
}

/**
 * Fetches what the strategy lets cross: the recipe, and with `copy` the package. The digest that was signed for is the digest that
 * is written here, or nothing is. With the recipe here it is the environment's current one for its own data as well.
 *
 * Runs in:  promote-model, state MoveArtifact.
 * Throws:   PromotionMissing, DigestMismatch, RecipeInvalid, ObjectMissing, ArtifactInvalid (terminal), StorageUnavailable, RegistryUnavailable,
 *           RegistryConflict (transient).
 * Repeating is safe: what crosses is content-addressed.
 */
export const moveArtifact =
  (deps: Deps) =>
  async ({ promotionId }: MoveArtifactInput, { runId }: Attempt): Promise<StepResult<MoveArtifactOutput>> => {
    const { registry, objects, sha256, clock, artifactsBucket, predecessorBucket } = deps;
    const { request } = await runningPromotion(registry, promotionId);
    const { candidate, model, from, to, strategy, classification } = request;
    if (from === null || predecessorBucket === null)
      throw new PromotionMissing(`promotion ${promotionId} crosses no border`);

    const recipeLocation = {
      bucket: predecessorBucket,
      key: artifactKeys.outbound(candidate.candidateId, 'recipe.json'),
    };
    const recipeBytes = await objects.read(recipeLocation, LARGEST_RECIPE);
    const definition = openRecipe(recipeBytes, candidate.recipeDigest, sha256);
    if (definition.model !== model)
      throw new ArtifactInvalid(`the recipe that came is of "${definition.model}", not of "${model}"`);
    const recipeKey = artifactKeys.recipe(candidate.recipeDigest);
    await objects.write({ bucket: artifactsBucket, key: recipeKey }, recipeBytes, 'application/json');
    const moved: Moved[] = [{ key: recipeKey, sha256: candidate.recipeDigest, bytes: recipeBytes.byteLength }];
    const at = isoTime(clock);
    const changes: Change[] = [
      {
        change: 'accept-recipe',
        recipe: {
          model,
          recipeDigest: candidate.recipeDigest,
          commit: readRecipeBundle(recipeBytes)?.commit ?? null,
          acceptedAt: at,
          from,
        },
        current: true,
      },
    ];

    if (strategy === 'copy') {
      // VerifyCandidate refused it; a border is worth a second look at the recipe's own word.
      if (!mayCross(definition.data.classification) || !mayCross(classification)) {
        throw new ArtifactInvalid(`a ${definition.data.classification} model is not copied`);
      }
      const copied = await movePackage({ ...deps, predecessorBucket }, request);
      moved.push(...copied.moved);
      if (!(await registry.modelVersion(model, candidate.modelDigest))) {
        changes.push({
          change: 'register-version',
          version: {
            model,
            version: ((await registry.modelVersions(model))[0]?.version ?? 0) + 1,
            modelDigest: candidate.modelDigest,
            recipeDigest: candidate.recipeDigest,
            datasetDigest: candidate.datasetDigest,
            classification: copied.manifest.classification,
            algorithm: copied.manifest.algorithm,
            evaluation: { metrics: copied.evaluation.metrics, testRows: copied.evaluation.testRows },
            signature: copied.signature.signature,
            runId,
            trigger: { kind: 'promotion', promotionId },
            registeredAt: at,
          },
        });
      }
    }
    return {
      output: { objects: moved.length, bytes: moved.reduce((sum, { bytes }) => sum + bytes, 0) },
      verdict: strategy === 'copy' ? 'package moved' : 'recipe moved',
      model,
      subjects: { promotionId, candidateId: candidate.candidateId, recipeDigest: candidate.recipeDigest },
      changes,
      facts: [
        fact('Artifact Moved', {
          promotionId,
          model,
          candidateId: candidate.candidateId,
          from,
          to,
          strategy,
          classification,
          objects: moved,
        }),
      ],
    };
  };
