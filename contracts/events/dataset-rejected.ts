import * as v from 'valibot';
import * as s from '../shapes.ts';

/** Data broke the model's contract, or could not be read. Nothing was trained on it. */
export const datasetRejected = {
  type: 'Dataset Rejected',
  version: 1,
  data: v.strictObject({
    model: s.modelName,
    datasetDigest: v.nullable(s.digest),
    objects: v.array(s.objectVersion),
    violations: v.array(s.violation),
  }),
} as const;
