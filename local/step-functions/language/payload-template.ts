import type { Ids } from '../../ids.ts';
import { evaluateIntrinsic } from './intrinsics.ts';
import { isObject, PathNotFound, type PathScope, readPath } from './jsonpath.ts';
import { runtimeProblem } from './problem.ts';

/** What the problem text of AWS shows of the data that a path was not found in. */
const shown = (value: unknown): string => JSON.stringify(value);

/**
 * A payload template (Parameters, ResultSelector, ItemSelector, Assign): a name that ends in `.$` has a path or an intrinsic
 * function for its value, everything else is itself. Throws Problem.
 */
export function evaluateTemplate(template: unknown, scope: PathScope, ids: Ids): unknown {
  if (Array.isArray(template)) return template.map((item) => evaluateTemplate(item, scope, ids));
  if (!isObject(template)) return template;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(template)) {
    if (name.endsWith('.$') && typeof value === 'string') {
      result[name.slice(0, -2)] = evaluateReference(value, name, scope, ids);
    } else result[name] = evaluateTemplate(value, scope, ids);
  }
  return result;
}

/** A path or an intrinsic function, as the field `field` holds it. Throws Problem. */
export function evaluateReference(text: string, field: string, scope: PathScope, ids: Ids): unknown {
  try {
    return text.startsWith('$') ? readPath(text, scope) : evaluateIntrinsic(text, scope, ids);
  } catch (error) {
    if (error instanceof PathNotFound) throw pathNotFound(text, field, scope);
    throw error;
  }
}

const pathNotFound = (text: string, field: string, scope: PathScope) =>
  runtimeProblem(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${shown(
      text.startsWith('$$') ? scope.context : scope.input,
    )}'`,
  );
