import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A promotion ended without moving anything, and why. */
export const promotionRejected = {
  type: 'Promotion Rejected',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: v.nullable(s.modelName),
    candidateId: v.nullable(s.id),
    from: v.nullable(s.environment),
    to: s.environment,
    reasons: v.array(v.string()),
  }),
} as const;
