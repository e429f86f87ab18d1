import type { ChoiceRule } from '../asl.ts';
import { ruleHolds } from '../language/choice-rule.ts';
import { isExpression } from '../language/jsonata.ts';
import { evaluationProblem, Problem, runtimeProblem } from '../language/problem.ts';
import { parseTimestamp } from '../language/timestamp.ts';
import type { Draft } from './entry.ts';
import type { Evaluation } from './evaluation.ts';
import type { Frame } from './execution.ts';
import { exitDraft } from './outcome.ts';

const nextOf = (frame: Frame): string | undefined => frame.state!.definition.Next;

/** Leaves a state that has a result: ResultSelector, ResultPath and OutputPath, or Output, with Assign beside them. */
export async function leaveWithResult(frame: Frame, evaluation: Evaluation, result: unknown): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input, { result });
    const assigned = await evaluation.assign(definition.Assign, scope, undefined);
    const output =
      definition.Output === undefined ? result : await evaluation.jsonata(definition.Output, 'Output', scope);
    return exitDraft(frame, output, nextOf(frame), assigned);
  }
  const selected =
    definition.ResultSelector === undefined ? result : evaluation.template(definition.ResultSelector, result);
  const assigned = await evaluation.assign(definition.Assign, undefined, selected);
  const output = evaluation.path(definition.OutputPath, evaluation.combine(definition.ResultPath, input, selected));
  return exitDraft(frame, output, nextOf(frame), assigned);
}

/** Leaves a state that passes its input on (Wait, Succeed). */
export async function leaveWithInput(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input);
    const assigned = await evaluation.assign(definition.Assign, scope, undefined);
    const output =
      definition.Output === undefined ? input : await evaluation.jsonata(definition.Output, 'Output', scope);
    return exitDraft(frame, output, nextOf(frame), assigned);
  }
  const effective = evaluation.path(definition.InputPath, input);
  const assigned = await evaluation.assign(definition.Assign, undefined, effective);
  return exitDraft(frame, evaluation.path(definition.OutputPath, effective), nextOf(frame), assigned);
}

export async function runPass(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') return leaveWithInput(frame, evaluation);
  const effective = evaluation.path(definition.InputPath, input);
  const parameters =
    definition.Parameters === undefined ? effective : evaluation.template(definition.Parameters, effective);
  const result = definition.Result === undefined ? parameters : definition.Result;
  const assigned = await evaluation.assign(definition.Assign, undefined, result);
  const output = evaluation.path(definition.OutputPath, evaluation.combine(definition.ResultPath, input, result));
  return exitDraft(frame, output, nextOf(frame), assigned);
}

export async function runChoice(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input);
    for (const [index, rule] of definition.Choices!.entries()) {
      const field = `Choices[${index}]/Condition`;
      const holds = await evaluation.jsonataField(rule.Condition, field, scope);
      if (typeof holds !== 'boolean') throw unexpectedType(rule.Condition, field, 'boolean', holds);
      if (holds) return chosen(frame, evaluation, rule, `Choices[${index}]`);
    }
    return chosen(frame, evaluation, defaultRule(frame), '');
  }
  const effective = evaluation.path(definition.InputPath, input);
  const scope = evaluation.scope(effective);
  const rule = definition.Choices!.find((one) => ruleHolds(one, scope)) ?? defaultRule(frame);
  const assigned = await evaluation.assign(rule.Assign, undefined, effective);
  return exitDraft(frame, evaluation.path(definition.OutputPath, effective), rule.Next, assigned);
}

async function chosen(frame: Frame, evaluation: Evaluation, rule: ChoiceRule, place: string): Promise<Draft> {
  const { input } = frame.state!;
  const scope = evaluation.jsonataScope(input);
  const assigned = await evaluation.assign(rule.Assign, scope, undefined);
  const field = place === '' ? 'Output' : `${place}/Output`;
  const output = rule.Output === undefined ? input : await evaluation.jsonata(rule.Output, field, scope);
  return exitDraft(frame, output, rule.Next, assigned);
}

/** What holds when no rule does: Default, with the state's own Assign and Output. */
function defaultRule(frame: Frame): ChoiceRule {
  const { definition } = frame.state!;
  if (definition.Default === undefined) {
    throw new Problem(
      'States.NoChoiceMatched',
      `Failed to transition out of the state. The state does not have any matching choice and no Default is set.`,
    );
  }
  return {
    Next: definition.Default,
    ...(definition.Assign && { Assign: definition.Assign }),
    ...(definition.Output !== undefined && { Output: definition.Output }),
  };
}

export function unexpectedType(expression: unknown, field: string, expected: string, value: unknown): Problem {
  const text = isExpression(expression) ? expression.slice(2, -2).trim() : JSON.stringify(expression);
  const was = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return evaluationProblem(
    `The JSONata expression '${text}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${was}' for value: ${JSON.stringify(value)}`,
    field,
  );
}

/** AWS counts a Wait's seconds in 32 bits of milliseconds. */
const LONGEST_WAIT_SECONDS = 2_147_483_647 / 1000;

export async function runWait(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, enteredAtMs } = frame.state!;
  const untilMs = await waitUntil(frame, evaluation);
  if ((untilMs - enteredAtMs) / 1000 > LONGEST_WAIT_SECONDS && (definition.Timestamp ?? definition.TimestampPath)) {
    throw runtimeProblem('Wait state delay is too long.');
  }
  return { frame: frame.id, type: 'WaitBegun', memo: { untilMs } };
}

async function waitUntil(frame: Frame, evaluation: Evaluation): Promise<number> {
  const { definition, language, input, enteredAtMs } = frame.state!;
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input);
    if (definition.Seconds !== undefined) {
      const seconds = await evaluation.jsonataField(definition.Seconds, 'Seconds', scope);
      if (typeof seconds !== 'number' || !Number.isInteger(seconds))
        throw unexpectedType(definition.Seconds, 'Seconds', 'integer', seconds);
      if (seconds < 0) throw evaluationProblem(`The Seconds field references a negative value: ${seconds}`, 'Seconds');
      return enteredAtMs + seconds * 1000;
    }
    const timestamp = await evaluation.jsonataField(definition.Timestamp, 'Timestamp', scope);
    if (typeof timestamp !== 'string') throw unexpectedType(definition.Timestamp, 'Timestamp', 'string', timestamp);
    const at = parseTimestamp(timestamp);
    if (at === undefined) {
      const message = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`;
      throw new Problem('States.QueryEvaluationError', message, 'Timestamp', true);
    }
    return at;
  }
  const effective = evaluation.path(definition.InputPath, input);
  if (typeof definition.Seconds === 'number') return enteredAtMs + definition.Seconds * 1000;
  if (definition.SecondsPath !== undefined) {
    const seconds = parameter(evaluation, 'SecondsPath', definition.SecondsPath, effective);
    if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
      throw runtimeProblem(
        `The SecondsPath parameter cannot be parsed as a long value: ${definition.SecondsPath} == ${shown(seconds)}`,
      );
    }
    if (seconds < 0)
      throw runtimeProblem(
        `The SecondsPath parameter references a negative value: ${definition.SecondsPath} == ${seconds}`,
      );
    return enteredAtMs + seconds * 1000;
  }
  if (definition.Timestamp !== undefined) return parseTimestamp(definition.Timestamp)!;
  const timestamp = parameter(evaluation, 'TimestampPath', definition.TimestampPath!, effective);
  const at = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
  if (at === undefined) {
    throw runtimeProblem(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${definition.TimestampPath} == ${shown(timestamp)}`,
    );
  }
  return at;
}

function parameter(evaluation: Evaluation, field: string, path: string, input: unknown): unknown {
  try {
    return evaluation.path(path, input);
  } catch (error) {
    if (error instanceof Problem)
      throw runtimeProblem(`The ${field} parameter does not reference an input value: ${path}`);
    throw error;
  }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A Fail fails its frame: it has no Retry and no Catch to ask. */
export async function runFail(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, language, input } = frame.state!;
  const failure: { error?: string; cause?: string } = {};
  if (language === 'JSONata') {
    const scope = evaluation.jsonataScope(input);
    for (const [field, member] of [
      ['Error', 'error'],
      ['Cause', 'cause'],
    ] as const) {
      if (definition[field] === undefined) continue;
      const value = await evaluation.jsonataField(definition[field], field, scope);
      if (typeof value !== 'string') throw unexpectedType(definition[field], field, 'string', value);
      failure[member] = value;
    }
  } else {
    const error = definition.Error ?? textAt(evaluation, 'ErrorPath', definition.ErrorPath, input);
    const cause = definition.Cause ?? textAt(evaluation, 'CausePath', definition.CausePath, input);
    if (error !== undefined) failure.error = error;
    if (cause !== undefined) failure.cause = cause;
  }
  return { frame: frame.id, type: 'StateFailed', details: failure };
}

function textAt(
  evaluation: Evaluation,
  field: 'ErrorPath' | 'CausePath',
  path: string | undefined,
  input: unknown,
): string | undefined {
  if (path === undefined) return undefined;
  const value = evaluation.reference(path, field, input);
  if (typeof value !== 'string') {
    throw runtimeProblem(`The ${field} field refers to a value that is not a string: ${path} == ${shown(value)}`);
  }
  return value;
}
