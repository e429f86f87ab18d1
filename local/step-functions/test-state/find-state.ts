import { type Program, processorOf, type QueryLanguage, type State } from '../asl.ts';

/** One state, and what it inherits from where it stands. */
export interface FoundState {
  readonly state: State;
  readonly language: QueryLanguage;
}

/** The state of that name in a checked definition, in branches and item processors too; undefined when there is none. */
export function findState(
  program: Program & { readonly QueryLanguage?: QueryLanguage },
  name: string,
  inherited: QueryLanguage = 'JSONPath',
): FoundState | undefined {
  const language = program.QueryLanguage ?? inherited;
  for (const [candidate, state] of Object.entries(program.States)) {
    if (candidate === name) return { state, language };
    for (const inner of programsOf(state)) {
      const found = findState(inner, name, language);
      if (found) return found;
    }
  }
  return undefined;
}

/** The branches of a Parallel, the processor of a Map. */
export function programsOf(state: State): readonly Program[] {
  if (state.Type === 'Parallel') return state.Branches ?? [];
  return state.Type === 'Map' ? [processorOf(state)] : [];
}
