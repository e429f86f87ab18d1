import type { Digest } from './content-id.ts';

/**
 * What training needs beside data, as one content-addressed bundle: the model definition and the training code.
 * Its digest is the SHA-256 of its canonical JSON, so it is the same in every environment.
 */
export interface RecipeBundle {
  readonly kind: 'sluice.recipe/1';
  readonly model: string;
  /** Path → text. `model.yaml` is always there. */
  readonly files: { readonly [path: string]: string };
  /** The commit that the files were taken from, where there is one. */
  readonly commit: string | null;
}

/** A recipe as an environment knows it. */
export interface Recipe {
  readonly model: string;
  readonly recipeDigest: Digest;
  readonly commit: string | null;
  readonly acceptedAt: string;
  /** The environment it came from; null where it was committed here. */
  readonly from: string | null;
}
