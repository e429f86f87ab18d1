import * as v from 'valibot';
import * as s from '../shapes.ts';

/** Training made a model; it is not packaged yet. */
export const modelTrained = {
  type: 'Model Trained',
  version: 1,
  data: v.strictObject({
    model: s.modelName,
    datasetDigest: s.digest,
    recipeDigest: s.digest,
    algorithm: v.string(),
    validation: s.metrics,
    trainingRows: s.count,
  }),
} as const;
