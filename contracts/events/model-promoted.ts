import * as v from 'valibot';
import * as s from '../shapes.ts';

/** The environment serves another version. */
export const modelPromoted = {
  type: 'Model Promoted',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: s.modelName,
    candidateId: s.id,
    from: v.nullable(s.environment),
    to: s.environment,
    version: s.count,
    modelDigest: s.digest,
    previousVersion: v.nullable(s.count),
    gates: v.array(s.gateResult),
  }),
} as const;
