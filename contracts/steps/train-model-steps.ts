import * as v from 'valibot';
import * as s from '../shapes.ts';

/** What starts `train-model`. */
export const trainModelRun = v.strictObject({
  model: s.modelName,
  trigger: s.trigger,
  /** Null: the latest arrival of the model. */
  arrival: v.nullable(v.strictObject({ objects: v.pipe(v.array(s.objectVersion), v.minLength(1), v.maxLength(1000)) })),
  /** Null: the environment's current recipe. */
  recipeDigest: v.nullable(s.digest),
  replay: v.optional(s.replay),
});
export type TrainModelRun = v.InferOutput<typeof trainModelRun>;

const pinned = { model: s.modelName, recipeDigest: s.digest, datasetDigest: s.digest };

export const snapshotDatasetContract = {
  input: trainModelRun,
  output: v.strictObject({ ...pinned, arrivalId: s.id, bytes: s.count }),
};
export type SnapshotDatasetInput = v.InferOutput<typeof snapshotDatasetContract.input>;
export type SnapshotDatasetOutput = v.InferOutput<typeof snapshotDatasetContract.output>;

export const validateDatasetContract = {
  input: v.strictObject({ ...pinned, arrivalId: s.id, trigger: s.trigger, replayed: v.boolean() }),
  output: v.strictObject({
    verdict: v.picklist(['accepted', 'rejected']),
    rows: s.count,
    /** The first few, in words. */
    reasons: v.array(v.string()),
  }),
};
export type ValidateDatasetInput = v.InferOutput<typeof validateDatasetContract.input>;
export type ValidateDatasetOutput = v.InferOutput<typeof validateDatasetContract.output>;

export const trainModelContract = {
  input: v.strictObject(pinned),
  output: v.strictObject({ trainedDigest: s.digest, algorithm: v.string() }),
};
export type TrainModelInput = v.InferOutput<typeof trainModelContract.input>;
export type TrainModelOutput = v.InferOutput<typeof trainModelContract.output>;

export const evaluateModelContract = {
  input: v.strictObject({ ...pinned, trainedDigest: s.digest }),
  output: v.strictObject({ evaluationDigest: s.digest, metrics: s.metrics }),
};
export type EvaluateModelInput = v.InferOutput<typeof evaluateModelContract.input>;
export type EvaluateModelOutput = v.InferOutput<typeof evaluateModelContract.output>;

export const packageModelContract = {
  input: v.strictObject({ ...pinned, trainedDigest: s.digest, evaluationDigest: s.digest }),
  output: v.strictObject({ modelDigest: s.digest }),
};
export type PackageModelInput = v.InferOutput<typeof packageModelContract.input>;
export type PackageModelOutput = v.InferOutput<typeof packageModelContract.output>;

export const registerModelContract = {
  input: v.strictObject({ ...pinned, evaluationDigest: s.digest, modelDigest: s.digest, trigger: s.trigger }),
  output: v.strictObject({ ...pinned, modelDigest: s.digest, version: s.count }),
};
export type RegisterModelInput = v.InferOutput<typeof registerModelContract.input>;
export type RegisterModelOutput = v.InferOutput<typeof registerModelContract.output>;

export const rejectTrainingContract = {
  input: v.strictObject({
    model: v.string(),
    state: v.nullable(v.string()),
    error: v.string(),
    cause: v.string(),
  }),
  output: v.strictObject({ error: v.string(), cause: v.string() }),
};
export type RejectTrainingInput = v.InferOutput<typeof rejectTrainingContract.input>;
export type RejectTrainingOutput = v.InferOutput<typeof rejectTrainingContract.output>;

export const reconcileAuditContract = {
  input: v.strictObject({ model: v.nullable(v.string()) }),
  output: v.strictObject({ attempts: s.count, lost: s.count }),
};
export type ReconcileAuditInput = v.InferOutput<typeof reconcileAuditContract.input>;
export type ReconcileAuditOutput = v.InferOutput<typeof reconcileAuditContract.output>;
