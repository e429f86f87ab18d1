import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A committed recipe cannot be used. The current one stays. */
export const recipeRejected = {
  type: 'Recipe Rejected',
  version: 1,
  data: v.strictObject({
    model: v.nullable(s.modelName),
    key: v.string(),
    problems: v.array(v.strictObject({ path: v.string(), line: s.count, column: s.count, message: v.string() })),
  }),
} as const;
