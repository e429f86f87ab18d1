import type { Arrival, DatasetVersion } from './dataset.ts';
import type { Comparison, Deployment, ModelVersion } from './model-version.ts';
import type { Approval, Evidence, Promotion } from './promotion.ts';
import type { Recipe } from './recipe.ts';

/**
 * What a step wants written, as a value. All of one step are one transaction. `once` changes are dropped by the registry's
 * conditions when the item is there already: content-addressed items never change.
 */
export type Change =
  | { readonly change: 'record-arrival'; readonly arrival: Arrival }
  | { readonly change: 'accept-recipe'; readonly recipe: Recipe; readonly current: boolean }
  | { readonly change: 'put-dataset'; readonly dataset: DatasetVersion }
  /** Fails with RegistryConflict where the number is taken. */
  | { readonly change: 'register-version'; readonly version: ModelVersion }
  | { readonly change: 'put-comparison'; readonly model: string; readonly comparison: Comparison }
  /** Fails with RegistryConflict where the promotion exists. */
  | { readonly change: 'open-promotion'; readonly promotion: Promotion }
  /** Fails with RegistryConflict where the promotion is not in one of the states of `from`. */
  | {
      readonly change: 'update-promotion';
      readonly promotion: Promotion;
      readonly from: readonly Promotion['status'][];
    }
  | { readonly change: 'put-evidence'; readonly evidence: Evidence }
  /** Fails with RegistryConflict where this person has decided already. */
  | { readonly change: 'put-approval'; readonly approval: Approval }
  /** The pointer: fails with RegistryConflict where the revision is not `expectedRevision` (0: there is none yet). */
  | { readonly change: 'move-pointer'; readonly deployment: Deployment; readonly expectedRevision: number };
