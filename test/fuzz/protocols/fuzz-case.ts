import type { SeededRandom } from '../../../ml/seeded-random.ts';
import type { FuzzWorld } from './fuzz-world.ts';

/** The form that an answer must have. `http`: of a request that cannot be read as far as its service. */
export type Shape = 'json' | 'query' | 's3' | 'lambda' | 'http';

export interface FuzzCase {
  /** What it was made of, for who reads a report. */
  readonly operation: string;
  readonly shape: Shape;
  readonly method: string;
  readonly pieces: readonly Buffer[];
  readonly halfClose?: boolean;
  /** The signature is wrong for certain: nothing may be done. */
  readonly mustBeRefused?: boolean;
  /** It may ask the service to wait for something. */
  readonly mayWait?: boolean;
  /** It never comes in whole, or says so itself: that the connection is closed is an answer. */
  readonly mayBeCut?: boolean;
  /** Whatever is answered is the function's own. */
  readonly isFunctionUrl?: boolean;
}

export type MakeCase = (random: SeededRandom, world: FuzzWorld) => FuzzCase;
