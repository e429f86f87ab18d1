import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A canary was taken out; the champion serves as before. */
export const deploymentRolledBack = {
  type: 'Deployment Rolled Back',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: s.modelName,
    modelDigest: v.nullable(s.digest),
    championVersion: v.nullable(s.count),
  }),
} as const;
