import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A training run ended without a model version, and why. */
export const trainingRejected = {
  type: 'Training Rejected',
  version: 1,
  data: v.strictObject({ model: s.modelName, state: v.nullable(v.string()), error: v.string(), cause: v.string() }),
} as const;
