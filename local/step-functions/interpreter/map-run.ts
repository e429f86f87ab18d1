import { evaluationProblem, runtimeProblem } from '../language/problem.ts';
import type { Evaluation } from './evaluation.ts';
import type { Frame, MapRun } from './execution.ts';
import { unexpectedType } from './simple-states.ts';

/** ToleratedFailureCount and ToleratedFailurePercentage of a distributed Map, literal, by path or as expressions. Throws Problem. */
export async function toleratedFailures(frame: Frame, evaluation: Evaluation): Promise<MapRun> {
  const count = await field(frame, evaluation, 'ToleratedFailureCount', 'integer');
  if (count !== undefined && count < 0)
    throw negative(frame, 'ToleratedFailureCount cannot be negative.', 'ToleratedFailureCount');
  const percentage = await field(frame, evaluation, 'ToleratedFailurePercentage', 'float');
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    throw negative(frame, 'ToleratedFailurePercentage must be between 0 and 100.', 'ToleratedFailurePercentage');
  }
  return {
    ...(count !== undefined && { toleratedCount: count }),
    ...(percentage !== undefined && { toleratedPercentage: percentage }),
  };
}

const negative = (frame: Frame, message: string, location: string): Error =>
  frame.state!.language === 'JSONata' ? evaluationProblem(message, location) : runtimeProblem(message);

async function field(
  frame: Frame,
  evaluation: Evaluation,
  name: 'ToleratedFailureCount' | 'ToleratedFailurePercentage',
  kind: 'integer' | 'float',
): Promise<number | undefined> {
  const { definition, language, input } = frame.state!;
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && (kind === 'float' || Number.isInteger(value));
  if (language === 'JSONata') {
    if (definition[name] === undefined) return undefined;
    const value = await evaluation.jsonataField(definition[name], name, evaluation.jsonataScope(input));
    if (!fits(value)) throw unexpectedType(definition[name], name, kind, value);
    return value;
  }
  const path = definition[`${name}Path`];
  if (path === undefined) return definition[name] as number | undefined;
  const value = evaluation.path(path, evaluation.path(definition.InputPath, input));
  const number = numberIn(value);
  if (fits(number)) return number;
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  throw runtimeProblem(`The ${name}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`);
}

/** What a `…Path` field leads to: a number, or the text of one, which AWS takes as well. */
export const numberIn = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
