import type { AuditEvent } from '../audit-event.ts';
import type { Change } from '../change.ts';
import type { Digest } from '../content-id.ts';
import type { Arrival, DatasetVersion } from '../dataset.ts';
import type { Fact } from '../fact.ts';
import type { Comparison, Deployment, ModelVersion } from '../model-version.ts';
import type { Approval, Evidence, Promotion } from '../promotion.ts';
import type { Recipe } from '../recipe.ts';

export interface Commit {
  readonly changes: readonly Change[];
  readonly facts: readonly Fact[];
  readonly audit: AuditEvent;
  /** Audit events with outcome `lost`, of attempts that left none. */
  readonly lost: readonly AuditEvent[];
  /** What the step answers; kept with the audit event, so that a repeated attempt answers the same. */
  readonly output: unknown;
}

export type CommitResult =
  | { readonly committed: true }
  /** This attempt has committed before; nothing was written now. */
  | { readonly committed: false; readonly output: unknown };

/** One page of audit events, oldest first. */
export type AuditQuery = { readonly runId: string } | { readonly model: string } | { readonly environment: true };

/**
 * What one environment knows. Reads are consistent unless they say otherwise. Every method may throw RegistryUnavailable (transient).
 */
export interface Registry {
  arrival(model: string, arrivalId: string): Promise<Arrival | undefined>;
  /** The newest arrival of a model by arrival time. */
  latestArrival(model: string): Promise<Arrival | undefined>;
  currentRecipe(model: string): Promise<Recipe | undefined>;
  recipe(model: string, recipeDigest: Digest): Promise<Recipe | undefined>;
  dataset(model: string, datasetDigest: Digest): Promise<DatasetVersion | undefined>;
  modelVersion(model: string, modelDigest: Digest): Promise<ModelVersion | undefined>;
  /** Newest first. */
  modelVersions(model: string): Promise<readonly ModelVersion[]>;
  /** The latest one of this version. */
  comparison(model: string, modelDigest: Digest): Promise<Comparison | undefined>;
  deployment(model: string): Promise<Deployment | undefined>;
  /** Every model that has a deployment, a version, a recipe or an arrival here. Eventually consistent. */
  models(): Promise<readonly string[]>;
  promotion(promotionId: string): Promise<Promotion | undefined>;
  /** Newest first, of one model. Eventually consistent. */
  promotions(model: string): Promise<readonly Promotion[]>;
  evidence(promotionId: string): Promise<readonly Evidence[]>;
  approvals(promotionId: string): Promise<readonly Approval[]>;
  /** Oldest first. By model and by environment eventually consistent. */
  auditEvents(query: AuditQuery): Promise<readonly AuditEvent[]>;
  /**
   * One transaction: all of it or nothing. Throws RegistryConflict (transient) when a change's condition does not hold,
   * RegistryUnavailable when it is not known to have happened; repeating it is safe.
   */
  commit(commit: Commit): Promise<CommitResult>;
}
