import { parseArn } from '../../arn.ts';
import type { Program, State } from '../asl.ts';

/** The part of a definition that has this state. */
function programOf(program: Program, stateName: string): Program | undefined {
  if (program.States[stateName]) return program;
  for (const state of Object.values(program.States)) {
    for (const inner of programsIn(state)) {
      const found = programOf(inner, stateName);
      if (found) return found;
    }
  }
  return undefined;
}

function programsIn(state: State): Program[] {
  const {
    Branches,
    ItemProcessor,
    Iterator: iterator,
  } = state as { Branches?: readonly Program[]; ItemProcessor?: Program; Iterator?: Program };
  return [...(Branches ?? []), ...(ItemProcessor ? [ItemProcessor] : []), ...(iterator ? [iterator] : [])];
}

function functionOf(state: State): string | undefined {
  const { Resource, Arguments, Parameters } = state as {
    Resource?: unknown;
    Arguments?: unknown;
    Parameters?: unknown;
  };
  if (typeof Resource !== 'string') return undefined;
  if (parseArn(Resource)?.service === 'lambda') return Resource;
  if (!Resource.includes(':states:::lambda:invoke')) return undefined;
  const name = ((Arguments ?? Parameters) as { FunctionName?: unknown } | undefined)?.FunctionName;
  return typeof name === 'string' && parseArn(name)?.service === 'lambda' ? name : undefined;
}

/**
 * The functions that are likely to be called after a state: those of the next Task states, by the first rule of a Choice, into the
 * branches of a Parallel and the items of a Map. Only what the definition says as it stands; an ARN that an expression gives is not known yet.
 */
export function functionsAhead(definition: Program, stateName: string): string[] {
  const program = programOf(definition, stateName);
  const next = program?.States[stateName]?.Next;
  const found = new Set<string>();
  const seen = new Set<State>();
  const look = (inside: Program | undefined, name: string | undefined): void => {
    const state = name === undefined ? undefined : inside?.States[name];
    if (!state || seen.has(state)) return;
    seen.add(state);
    if (state.Type === 'Task') {
      const arn = functionOf(state);
      if (arn !== undefined) found.add(arn);
      return;
    }
    const inner = programsIn(state);
    for (const one of inner) look(one, one.StartAt);
    if (inner.length === 0)
      look(inside, (state as { Choices?: readonly { Next?: string }[] }).Choices?.[0]?.Next ?? state.Next);
  };
  look(program, next);
  return [...found];
}
