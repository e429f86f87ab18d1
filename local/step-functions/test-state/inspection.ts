import type { JsonObject } from '../../service.ts';
import type { State } from '../asl.ts';
import type { Stage } from '../interpreter/evaluation.ts';

type MapStage = 'afterItemSelector' | 'afterItemBatcher' | 'afterItemsPointer';
type MapNumber = 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage';

/**
 * What TestState shows of a state's way from input to output. AWS was recorded leaving out what a state's type has no use for: the
 * result of a Parallel and a Map, what is before them of a Parallel, and what a Pass with a Result does with its input.
 */
export class Inspection {
  readonly #data: JsonObject = {};
  readonly #hidden: ReadonlySet<string>;

  constructor(state: State, inputText: string) {
    this.#hidden = hiddenStages(state);
    this.#data.input = inputText;
  }

  see(stage: Stage | MapStage, value: unknown): void {
    if (!this.#hidden.has(stage)) this.#data[stage] = JSON.stringify(value);
  }

  set(name: MapNumber, value: number): void {
    this.#data[name] = value;
  }

  /** InspectionData, with what is known only at the end. */
  data(more: JsonObject): JsonObject {
    return { ...this.#data, ...more };
  }
}

function hiddenStages(state: State): ReadonlySet<string> {
  if (state.Type === 'Parallel') return new Set(['afterInputPath', 'afterParameters', 'result']);
  if (state.Type === 'Map') return new Set(['result']);
  if (state.Type === 'Pass' && state.Result !== undefined) return new Set(['afterInputPath', 'afterParameters']);
  return new Set();
}
