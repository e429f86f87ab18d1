import { fact } from '../../contracts/events/fact.ts';
import { openPackage, type PackageSource } from '../../contracts/package.ts';
import { LARGEST_RECIPE, openRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import type { RequestPromotionInput, RequestPromotionOutput } from '../../contracts/steps/promote-model-steps.ts';
import { artifactKeys, packageFiles } from '../../domain/artifact-keys.ts';
import { requestFor, signedTextOf } from '../../domain/candidate.ts';
import { mayCross } from '../../domain/classification.ts';
import { digestOf } from '../../domain/content-id.ts';
import { type Environment, nextEnvironment } from '../../domain/environment.ts';
import { ModelVersionMissing, PromotionMissing } from '../../domain/errors.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import type { Signer } from '../../domain/ports/signer.ts';
import type { StepResult } from '../../domain/step.ts';

export interface Deps extends PackageSource {
  readonly registry: Pick<Registry, 'promotion' | 'modelVersion' | 'evidence'>;
  readonly objects: Pick<ObjectStore, 'read' | 'write'>;
  readonly signer: Pick<Signer, 'sign'>;
  readonly environment: Environment;
}

const LARGEST_FILE = 200_000_000;

/**
 * Offers what was promoted here to the next environment: lays out what its strategy lets cross under `outbound/`, and nothing else, and
 * asks for it with a signed request.
 *
 * Runs in:  promote-model, state RequestPromotion.
 * Throws:   PromotionMissing, ModelVersionMissing, RecipeInvalid, DigestMismatch, ObjectMissing (terminal), StorageUnavailable, SigningUnavailable, RegistryUnavailable
 *           (transient).
 * Repeating is safe: the candidate's id follows from what it is, and the fact has one id a run.
 */
export const requestPromotion =
  ({ registry, objects, signer, environment, ...source }: Deps) =>
  async ({ promotionId, model, modelDigest }: RequestPromotionInput): Promise<StepResult<RequestPromotionOutput>> => {
    const to = nextEnvironment(environment);
    if (to === null) {
      return {
        output: { to: null, candidateId: null },
        verdict: 'the last environment',
        model,
        subjects: { promotionId, modelDigest },
      };
    }
    const { artifactsBucket, sha256 } = source;
    const promotion = await registry.promotion(promotionId);
    if (promotion?.status !== 'promoted')
      throw new PromotionMissing(`promotion ${promotionId} is not done: nothing is offered further`);
    const version = await registry.modelVersion(model, modelDigest);
    if (!version)
      throw new ModelVersionMissing(`the registry has no version of "${model}" with the digest ${modelDigest}`);

    const { recipeDigest, datasetDigest, classification, evaluation } = version;
    const recipeBytes = await objects.read(
      { bucket: artifactsBucket, key: artifactKeys.recipe(recipeDigest) },
      LARGEST_RECIPE,
    );
    const definition = openRecipe(recipeBytes, recipeDigest, sha256);
    const { strategy } = definition.promotion;
    const request = requestFor(sha256, {
      model,
      version: version.version,
      classification,
      strategy,
      from: environment,
      to,
      metrics: evaluation.metrics,
      approvals: definition.gates[to].approvals,
      recipeDigest,
      datasetDigest,
      modelDigest,
      evidenceDigest: digestOf(sha256, await registry.evidence(promotionId)),
    });
    const { candidateId } = request.candidate;

    const offer = (file: string, content: Uint8Array | string) =>
      objects.write(
        { bucket: artifactsBucket, key: artifactKeys.outbound(candidateId, file) },
        content,
        'application/octet-stream',
      );
    await offer('recipe.json', recipeBytes);
    // A confidential package is not even laid out: the request is refused there, and nothing could be fetched if it were not.
    if (strategy === 'copy' && mayCross(classification)) {
      const opened = await openPackage({ objects, ...source }, model, modelDigest);
      for (const file of packageFiles) await offer(file, await opened.file(file, LARGEST_FILE));
      await offer('signature.json', JSON.stringify(await opened.signature()));
      await offer('manifest.json', opened.manifestText);
    }
    const signed = { ...request, metrics: { ...request.metrics }, signature: await signer.sign(signedTextOf(request)) };
    return {
      output: { to, candidateId },
      verdict: `requested into ${to}`,
      model,
      subjects: { promotionId, candidateId, modelDigest, recipeDigest },
      facts: [fact('Promotion Requested', { request: signed })],
    };
  };
