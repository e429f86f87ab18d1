import * as v from 'valibot';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Digest, Sha256 } from '../../domain/content-id.ts';
import { DigestMismatch, RecipeInvalid } from '../../domain/errors.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { RecipeBundle } from '../../domain/recipe.ts';
import { parseModelDefinition } from '../model-definition/parse.ts';
import { modelName } from '../shapes.ts';

/** Bytes of the largest recipe that is read. */
export const LARGEST_RECIPE = 5_000_000;

export const recipeBundle = v.strictObject({
  kind: v.literal('sluice.recipe/1'),
  model: modelName,
  files: v.pipe(
    v.record(v.string(), v.string()),
    v.check((files) => 'model.yaml' in files, 'must have a "model.yaml"'),
  ),
  commit: v.nullable(v.pipe(v.string(), v.maxLength(100))),
});

/** A bundle as it is stored: its canonical JSON, and the SHA-256 of that. */
export function sealRecipe(
  bundle: RecipeBundle,
  sha256: Sha256,
): { readonly recipeDigest: Digest; readonly text: string } {
  const text = canonicalJson(bundle);
  return { recipeDigest: sha256(text), text };
}

/** The bundle's shape, or undefined for bytes that are no recipe. */
export function readRecipeBundle(bytes: Uint8Array): RecipeBundle | undefined {
  try {
    const parsed = v.safeParse(recipeBundle, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // Not UTF-8 or not JSON: the answer is the same, it is no recipe.
    return undefined;
  }
}

/**
 * The model definition of a stored recipe. Throws DigestMismatch when the bytes are not the ones that the digest names,
 * RecipeInvalid when they are no recipe or its model.yaml is wrong.
 */
export function openRecipe(bytes: Uint8Array, recipeDigest: Digest, sha256: Sha256): ModelDefinition {
  const actual = sha256(bytes);
  if (actual !== recipeDigest) throw new DigestMismatch(`the recipe ${recipeDigest} has the digest ${actual}`);
  const bundle = readRecipeBundle(bytes);
  if (!bundle) throw new RecipeInvalid(`${recipeDigest} is no recipe bundle`);
  const parsed = parseModelDefinition(bundle.files['model.yaml'] as string, 'model.yaml');
  if (!parsed.ok) {
    const [first] = parsed.problems;
    throw new RecipeInvalid(`model.yaml of recipe ${recipeDigest}, line ${first?.line}: ${first?.message}`);
  }
  if (parsed.definition.model !== bundle.model) {
    throw new RecipeInvalid(
      `recipe ${recipeDigest} is for "${bundle.model}", its model.yaml for "${parsed.definition.model}"`,
    );
  }
  return parsed.definition;
}
