import * as v from 'valibot';

/**
 * What every Task state sends: its own input, and `$states.context`. Only the members that are used are named; AWS may add others.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export const stepEvent = v.strictObject({
  input: v.unknown(),
  context: v.object({
    Execution: v.object({ Id: v.string(), Name: v.string(), RedriveCount: v.optional(v.number(), 0) }),
    State: v.object({ Name: v.string(), RetryCount: v.optional(v.number(), 0) }),
    StateMachine: v.object({ Name: v.string() }),
    Task: v.optional(v.object({ Token: v.optional(v.string()) })),
  }),
});
