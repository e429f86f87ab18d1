import type { Environment } from './environment.ts';

/**
 * Something that happened, as subscribers on the bus hear it. `type` is the EventBridge detail-type. The shape of `data` for
 * each type stands in `contracts/events/`. The id follows from what made it, so a fact that is sent twice has one id.
 */
export interface Fact {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly environment: Environment;
  readonly at: string;
  readonly runId: string | null;
  readonly data: { readonly [name: string]: unknown };
}
