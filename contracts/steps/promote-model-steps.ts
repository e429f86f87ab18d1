import * as v from 'valibot';
import * as s from '../shapes.ts';

/** What starts `promote-model`. */
export const promoteModelRun = v.strictObject({
  request: s.promotionRequest,
  trigger: s.trigger,
  replay: v.optional(s.replay),
});
export type PromoteModelRun = v.InferOutput<typeof promoteModelRun>;

const ofPromotion = { promotionId: s.id };
/** The version that is tested here. */
const tested = { ...ofPromotion, model: s.modelName, modelDigest: s.digest };

export const verifyCandidateContract = {
  input: promoteModelRun,
  output: v.strictObject({
    ...ofPromotion,
    verdict: v.picklist(['verified', 'refused']),
    reasons: v.array(v.string()),
    crosses: v.boolean(),
  }),
};
export type VerifyCandidateInput = v.InferOutput<typeof verifyCandidateContract.input>;
export type VerifyCandidateOutput = v.InferOutput<typeof verifyCandidateContract.output>;

export const authorizePromotionContract = {
  input: v.strictObject(ofPromotion),
  output: v.strictObject({ approvals: s.count }),
};
export type AuthorizePromotionInput = v.InferOutput<typeof authorizePromotionContract.input>;
export type AuthorizePromotionOutput = v.InferOutput<typeof authorizePromotionContract.output>;

export const moveArtifactContract = {
  input: v.strictObject(ofPromotion),
  output: v.strictObject({ objects: s.count, bytes: s.count }),
};
export type MoveArtifactInput = v.InferOutput<typeof moveArtifactContract.input>;
export type MoveArtifactOutput = v.InferOutput<typeof moveArtifactContract.output>;

/** The three tests have one shape. */
export const testContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ verdict: v.picklist(['passed', 'failed']), findings: v.array(v.string()) }),
};
export type TestInput = v.InferOutput<typeof testContract.input>;
export type TestOutput = v.InferOutput<typeof testContract.output>;

export const judgeGatesContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ verdict: v.picklist(['passed', 'held']), reasons: v.array(v.string()) }),
};
export type JudgeGatesInput = v.InferOutput<typeof judgeGatesContract.input>;
export type JudgeGatesOutput = v.InferOutput<typeof judgeGatesContract.output>;

export const deployCanaryContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ revision: s.count, weight: v.number() }),
};
export type DeployCanaryInput = v.InferOutput<typeof deployCanaryContract.input>;
export type DeployCanaryOutput = v.InferOutput<typeof deployCanaryContract.output>;

export const observeCanaryContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ verdict: v.picklist(['healthy', 'unhealthy']), reasons: v.array(v.string()) }),
};
export type ObserveCanaryInput = v.InferOutput<typeof observeCanaryContract.input>;
export type ObserveCanaryOutput = v.InferOutput<typeof observeCanaryContract.output>;

export const completePromotionContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ version: s.count, previousVersion: v.nullable(s.count) }),
};
export type CompletePromotionInput = v.InferOutput<typeof completePromotionContract.input>;
export type CompletePromotionOutput = v.InferOutput<typeof completePromotionContract.output>;

export const requestPromotionContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ to: v.nullable(s.environment), candidateId: v.nullable(s.id) }),
};
export type RequestPromotionInput = v.InferOutput<typeof requestPromotionContract.input>;
export type RequestPromotionOutput = v.InferOutput<typeof requestPromotionContract.output>;

export const rejectPromotionContract = {
  input: v.strictObject({
    /** Null when the run failed before it had one. */
    promotionId: v.nullable(s.id),
    request: s.promotionRequest,
    reasons: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  output: v.strictObject({ reasons: v.array(v.string()) }),
};
export type RejectPromotionInput = v.InferOutput<typeof rejectPromotionContract.input>;
export type RejectPromotionOutput = v.InferOutput<typeof rejectPromotionContract.output>;

export const rollbackDeploymentContract = {
  input: v.strictObject(tested),
  output: v.strictObject({ rolledBack: v.boolean() }),
};
export type RollbackDeploymentInput = v.InferOutput<typeof rollbackDeploymentContract.input>;
export type RollbackDeploymentOutput = v.InferOutput<typeof rollbackDeploymentContract.output>;
