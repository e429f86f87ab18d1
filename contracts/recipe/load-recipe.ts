import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { Digest, Sha256 } from '../../domain/content-id.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import { LARGEST_RECIPE, openRecipe } from './recipe-bundle.ts';

export interface RecipeSource {
  readonly objects: Pick<ObjectStore, 'read'>;
  readonly artifactsBucket: string;
  readonly sha256: Sha256;
}

/** The definition of a recipe of this environment, its digest checked. Throws as openRecipe and ObjectStore.read. */
export async function loadRecipe(
  { objects, artifactsBucket, sha256 }: RecipeSource,
  recipeDigest: Digest,
): Promise<ModelDefinition> {
  const bytes = await objects.read({ bucket: artifactsBucket, key: artifactKeys.recipe(recipeDigest) }, LARGEST_RECIPE);
  return openRecipe(bytes, recipeDigest, sha256);
}
