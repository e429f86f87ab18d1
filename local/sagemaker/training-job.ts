import type { JsonObject } from '../service.ts';

export type TrainingJobStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SecondaryStatusTransition.html */
export type SecondaryStatus =
  | 'Starting'
  | 'Downloading'
  | 'Training'
  | 'Uploading'
  | 'Restarting'
  | 'Stopping'
  | 'Completed'
  | 'Failed'
  | 'Stopped'
  | 'MaxRuntimeExceeded';

export interface Transition {
  readonly status: SecondaryStatus;
  readonly startMs: number;
  readonly endMs?: number;
  readonly message: string;
}

export interface Channel {
  readonly name: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** What a job is to do: CreateTrainingJob, read and checked. */
export interface TrainingSpecification {
  readonly name: string;
  readonly image: string;
  readonly containerArguments: readonly string[];
  readonly roleArn: string;
  readonly hyperParameters: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly channels: readonly Channel[];
  readonly output: { readonly bucket: string; readonly prefix: string; readonly kmsKeyId?: string };
  readonly maxRuntimeSeconds: number;
  /** How often a job is begun anew that ended with its runtime. */
  readonly retries: number;
  /** Members that DescribeTrainingJob gives back as they came. */
  readonly described: JsonObject;
}

/** A job as the store has it. */
export interface TrainingJob {
  readonly arn: string;
  readonly specification: TrainingSpecification;
  readonly status: TrainingJobStatus;
  readonly transitions: readonly Transition[];
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly trainingStartMs?: number;
  readonly trainingEndMs?: number;
  readonly failureReason?: string;
  readonly modelUri?: string;
  readonly restarts: number;
  /** The training process, with what tells it from a later one of the same id. */
  readonly process?: { readonly pid: number; readonly startedAt: string };
}

export const isOver = ({ status }: Pick<TrainingJob, 'status'>): boolean =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

export const secondaryStatusOf = ({ transitions }: TrainingJob): SecondaryStatus => transitions.at(-1)!.status;
