import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A named person said yes to one candidate. */
export const promotionApproved = {
  type: 'Promotion Approved',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: s.modelName,
    candidateId: s.id,
    by: v.string(),
    comment: v.string(),
    approvals: s.count,
    required: s.count,
  }),
} as const;
