import type { Environment } from './environment.ts';

/** Why a run was started. */
export type Trigger =
  | { readonly kind: 'data'; readonly arrivalId: string }
  | { readonly kind: 'code'; readonly recipeDigest: string }
  | { readonly kind: 'promotion'; readonly promotionId: string }
  | { readonly kind: 'registration'; readonly runId: string }
  | { readonly kind: 'request'; readonly from: Environment; readonly eventId: string };

/** Starting again on purpose, by a person. */
export interface Replay {
  readonly of: string;
  readonly by: string;
  readonly number: number;
}
