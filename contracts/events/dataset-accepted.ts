import * as v from 'valibot';
import * as s from '../shapes.ts';

/** Data met the model's contract; a dataset version is there to train on. */
export const datasetAccepted = {
  type: 'Dataset Accepted',
  version: 1,
  data: v.strictObject({
    model: s.modelName,
    datasetDigest: s.digest,
    rows: s.count,
    bytes: s.count,
    classification: s.classification,
    objects: v.array(s.pinnedObject),
  }),
} as const;
