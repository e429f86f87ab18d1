import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A promotion waits for people. */
export const approvalRequested = {
  type: 'Approval Requested',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: s.modelName,
    candidateId: s.id,
    from: v.nullable(s.environment),
    to: s.environment,
    required: s.count,
  }),
} as const;
