import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A model version is in the registry, and why it was trained. */
export const modelRegistered = {
  type: 'Model Registered',
  version: 1,
  data: v.strictObject({
    model: s.modelName,
    version: s.count,
    modelDigest: s.digest,
    recipeDigest: s.digest,
    datasetDigest: s.digest,
    classification: s.classification,
    algorithm: v.string(),
    metrics: s.metrics,
    trigger: s.trigger,
  }),
} as const;
