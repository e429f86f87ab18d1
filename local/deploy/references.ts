import type { JsonObject } from '../service.ts';
import { functionName, getAttParts, isKnownFunction, substitutionParts } from './intrinsics.ts';

export interface References {
  /** Names given to Ref and `${…}`: resources, parameters, pseudo parameters. */
  readonly refs: ReadonlySet<string>;
  /** Logical ids whose attributes are asked for. */
  readonly attributesOf: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
  /** Functions that are not done here. */
  readonly unknownFunctions: ReadonlySet<string>;
}

/**
 * What a value refers to. A branch of Fn::If that `holds` does not choose refers to nothing: what it names need not exist.
 * Throws IntrinsicFailed where a function's arguments have the wrong form.
 */
export function referencesIn(value: unknown, holds: (condition: string) => boolean): References {
  const found = {
    refs: new Set<string>(),
    attributesOf: new Set<string>(),
    conditions: new Set<string>(),
    unknownFunctions: new Set<string>(),
  };
  walk(value);
  return found;

  function walk(part: unknown): void {
    if (typeof part !== 'object' || part === null) return;
    const name = functionName(part);
    if (name === undefined) {
      for (const member of Array.isArray(part) ? part : Object.values(part)) walk(member);
      return;
    }
    const argument = (part as JsonObject)[name];
    if (!isKnownFunction(name)) found.unknownFunctions.add(name);
    else if (name === 'Ref') found.refs.add(String(argument));
    else if (name === 'Condition') found.conditions.add(String(argument));
    else if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = getAttParts(argument);
      found.attributesOf.add(logicalId);
      walk(attribute);
    } else if (name === 'Fn::Sub') walkSubstitution(argument);
    else if (name === 'Fn::If' && Array.isArray(argument)) {
      const [condition, whenTrue, whenFalse] = argument;
      found.conditions.add(String(condition));
      walk(holds(String(condition)) ? whenTrue : whenFalse);
    } else walk(argument);
  }

  function walkSubstitution(argument: unknown): void {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    walk(variables);
    for (const part of substitutionParts(String(template))) {
      if ('text' in part || Object.hasOwn(variables as JsonObject, part.variable)) continue;
      if (part.variable.includes('.')) found.attributesOf.add(getAttParts(part.variable)[0]);
      else found.refs.add(part.variable);
    }
  }
}
