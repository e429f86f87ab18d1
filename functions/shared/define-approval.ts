import * as v from 'valibot';
import { id } from '../../contracts/shapes.ts';
import { PromotionMissing } from '../../domain/errors.ts';
import type { StepResult } from '../../domain/step.ts';
import { describeIssues } from './attempt.ts';
import { defineEndpoint } from './define-endpoint.ts';
import { createRecorder, type RecorderDeps } from './recorder.ts';

/** What a person sends to the approval URL. */
const approvalRequest = v.strictObject({
  promotionId: id,
  candidateId: id,
  decision: v.picklist(['approved', 'refused']),
  comment: v.optional(v.pipe(v.string(), v.maxLength(1_000)), ''),
});
type ApprovalRequest = v.InferOutput<typeof approvalRequest>;

export interface ApprovalDefinition {
  readonly run: (request: ApprovalRequest, by: string) => Promise<StepResult<unknown>>;
  readonly recorder: Omit<RecorderDeps, 'functionName'>;
}

/** The handler of the approval URL: one audit event a request, with the ARN that signed it as the actor, whatever came of it. */
export const defineApproval = ({ run, recorder }: ApprovalDefinition) =>
  defineEndpoint(async (body, caller, context) => {
    const startedMs = recorder.clock.monotonicMs();
    const record = createRecorder({ ...recorder, functionName: context.functionName, actor: caller.arn ?? 'nobody' });
    const key = `${context.functionName}#${caller.requestId}`;
    const identity = { key, runId: null, machine: null, state: null, attempt: 0, redrive: 0 };
    const { arn: by } = caller;
    if (by === null) {
      const error = new TypeError("a decision is a named person's: this request was signed by nobody");
      await record.failed(identity, startedMs, error, null);
      return { status: 403, body: { error: 'Forbidden', message: error.message } };
    }
    const parsed = v.safeParse(approvalRequest, body);
    if (!parsed.success) {
      const error = new TypeError(
        `an approval is {"promotionId", "candidateId", "decision": "approved"|"refused", "comment"}; ${describeIssues(parsed.issues)}`,
      );
      await record.failed(identity, startedMs, error, null);
      return { status: 400, body: { error: 'RequestInvalid', message: error.message } };
    }
    try {
      return { status: 200, body: await record.succeeded(identity, startedMs, await run(parsed.output, by)) };
    } catch (error) {
      await record.failed(identity, startedMs, error, null);
      if (!(error instanceof PromotionMissing)) throw error;
      return { status: 409, body: { error: error.name, message: error.message } };
    }
  });
