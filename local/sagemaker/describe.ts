import type { JsonObject } from '../service.ts';
import { secondaryStatusOf, type TrainingJob } from './training-job.ts';

/** DescribeTrainingJob's answer, with times as Date. */
export function describeJob(job: TrainingJob): JsonObject {
  const { specification, trainingStartMs, trainingEndMs, failureReason, modelUri } = job;
  const seconds =
    trainingStartMs === undefined || trainingEndMs === undefined
      ? undefined
      : Math.ceil((trainingEndMs - trainingStartMs) / 1000);
  return {
    TrainingJobName: specification.name,
    TrainingJobArn: job.arn,
    TrainingJobStatus: job.status,
    SecondaryStatus: secondaryStatusOf(job),
    ...(failureReason !== undefined && { FailureReason: failureReason }),
    ...(modelUri !== undefined && { ModelArtifacts: { S3ModelArtifacts: modelUri } }),
    ...specification.described,
    CreationTime: new Date(job.createdAtMs),
    LastModifiedTime: new Date(job.modifiedAtMs),
    ...(trainingStartMs !== undefined && { TrainingStartTime: new Date(trainingStartMs) }),
    ...(trainingEndMs !== undefined && { TrainingEndTime: new Date(trainingEndMs) }),
    ...(seconds !== undefined && { TrainingTimeInSeconds: seconds, BillableTimeInSeconds: seconds }),
    SecondaryStatusTransitions: job.transitions.map(({ status, startMs, endMs, message }) => ({
      Status: status,
      StartTime: new Date(startMs),
      ...(endMs !== undefined && { EndTime: new Date(endMs) }),
      StatusMessage: message,
    })),
  };
}

export const summarizeJob = (job: TrainingJob): JsonObject => ({
  TrainingJobName: job.specification.name,
  TrainingJobArn: job.arn,
  TrainingJobStatus: job.status,
  SecondaryStatus: secondaryStatusOf(job),
  CreationTime: new Date(job.createdAtMs),
  LastModifiedTime: new Date(job.modifiedAtMs),
  ...(job.trainingEndMs !== undefined && { TrainingEndTime: new Date(job.trainingEndMs) }),
});

/** The same with times in milliseconds, as events and Step Functions show them. */
export function inMilliseconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inMilliseconds(item)]));
}
