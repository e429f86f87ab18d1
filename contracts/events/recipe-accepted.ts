import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A recipe is there to train with, and is the environment's current one. */
export const recipeAccepted = {
  type: 'Recipe Accepted',
  version: 1,
  data: v.strictObject({ model: s.modelName, recipeDigest: s.digest, commit: v.nullable(v.string()) }),
} as const;
