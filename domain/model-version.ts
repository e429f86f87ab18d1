import type { Classification } from './classification.ts';
import type { Digest } from './content-id.ts';
import type { Signature } from './signature.ts';
import type { Trigger } from './trigger.ts';

/** Figures by name: `auc`, `logLoss`, `brier`, `ece`, `f1`, `threshold` … or `rmse`, `mae`, `r2`. */
export type Metrics = { readonly [name: string]: number };

/** What EvaluateModel measured on rows that training did not see. */
export interface Evaluation {
  readonly metrics: Metrics;
  readonly testRows: number;
}

/** A version and the champion of the moment, on the same rows. Not part of the version: the champion changes, the version does not. */
export interface Comparison {
  readonly modelDigest: Digest;
  /** Null when nothing served yet. */
  readonly champion: { readonly modelDigest: Digest; readonly version: number; readonly metrics: Metrics } | null;
}

/** The immutable result of training, as the registry of one environment knows it. */
export interface ModelVersion {
  readonly model: string;
  /** Counts from 1 in each environment. */
  readonly version: number;
  /** The digest of its package manifest: names every file of the package by digest. */
  readonly modelDigest: Digest;
  readonly recipeDigest: Digest;
  readonly datasetDigest: Digest;
  readonly classification: Classification;
  readonly algorithm: string;
  readonly evaluation: Evaluation;
  readonly signature: Signature;
  readonly runId: string;
  readonly trigger: Trigger;
  readonly registeredAt: string;
}

/** What serves a model in one environment. The only thing that a promotion changes for users. */
export interface Deployment {
  readonly model: string;
  /** Goes up by one with every change: whoever moves the pointer names the revision it saw. */
  readonly revision: number;
  readonly champion: DeployedVersion | null;
  readonly canary: (DeployedVersion & { readonly weight: number }) | null;
}

export interface DeployedVersion {
  readonly modelDigest: Digest;
  readonly version: number;
  readonly promotionId: string;
  readonly since: string;
}
