import * as v from 'valibot';
import * as s from '../shapes.ts';

/** An environment offers a candidate to the next one. */
export const promotionRequested = {
  type: 'Promotion Requested',
  version: 1,
  data: v.strictObject({ request: s.promotionRequest }),
} as const;
