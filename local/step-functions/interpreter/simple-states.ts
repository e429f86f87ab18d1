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
export function leaveWithResult(frame: Frame, evaluation: Evaluation, result: unknown): Draft | Promise<Draft> {
  const { definition, language, input } = frame.state!;
  evaluation.at('result', result);
  if (language === 'JSONata') return leaveByJsonata(frame, evaluation, result, { result });
  const selected = evaluation.at(
    'afterResultSelector',
    definition.ResultSelector === undefined ? result : evaluation.template(definition.ResultSelector, result),
  );
  const assigned = evaluation.assignTemplate(definition.Assign, selected);
  const combined = evaluation.at('afterResultPath', evaluation.combine(definition.ResultPath, input, selected));
  const output = evaluation.path(definition.OutputPath, combined);
  return exitDraft(frame, output, nextOf(frame), assigned);
}

/** Output and Assign of a JSONata state; without an Output `value` is passed on. */
function leaveByJsonata(
  frame: Frame,
  evaluation: Evaluation,
  value: unknown,
  more: { readonly result?: unknown },
): Draft | Promise<Draft> {
  const { Assign: assignments, Output: output } = frame.state!.definition;
  if (assignments === undefined && output === undefined) return exitDraft(frame, value, nextOf(frame), undefined);
  const evaluate = async (): Promise<Draft> => {
    const scope = evaluation.jsonataScope(frame.state!.input, more);
    const assigned = await evaluation.assign(assignments, scope);
    const evaluated = output === undefined ? value : await evaluation.jsonata(output, 'Output', scope);
    return exitDraft(frame, evaluated, nextOf(frame), assigned);
  };
  return evaluate();
}

/** Leaves a state that passes its input on (Wait, Succeed). */
export function leaveWithInput(frame: Frame, evaluation: Evaluation): Draft | Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') return leaveByJsonata(frame, evaluation, input, {});
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
  const assigned = evaluation.assignTemplate(definition.Assign, effective);
  return exitDraft(frame, evaluation.path(definition.OutputPath, effective), nextOf(frame), assigned);
}

export function runPass(frame: Frame, evaluation: Evaluation): Draft | Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') return leaveWithInput(frame, evaluation);
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
  const parameters = evaluation.at(
    'afterParameters',
    definition.Parameters === undefined ? effective : evaluation.template(definition.Parameters, effective),
  );
  const result = definition.Result === undefined ? parameters : evaluation.at('result', definition.Result);
  evaluation.at('afterResultSelector', result);
  const assigned = evaluation.assignTemplate(definition.Assign, result);
  const combined = evaluation.at('afterResultPath', evaluation.combine(definition.ResultPath, input, result));
  const output = evaluation.path(definition.OutputPath, combined);
  return exitDraft(frame, output, nextOf(frame), assigned);
}

export function runChoice(frame: Frame, evaluation: Evaluation): Draft | Promise<Draft> {
  const { definition, language, input } = frame.state!;
  if (language === 'JSONata') return runJsonataChoice(frame, evaluation);
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
  const scope = evaluation.scope(effective);
  const rule = definition.Choices!.find((one) => ruleHolds(one, scope)) ?? defaultRule(frame);
  const assigned = evaluation.assignTemplate(rule.Assign, effective);
  return exitDraft(frame, evaluation.path(definition.OutputPath, effective), rule.Next, assigned);
}

async function runJsonataChoice(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, input } = frame.state!;
  const scope = evaluation.jsonataScope(input);
  for (const [index, rule] of definition.Choices!.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await evaluation.jsonataField(rule.Condition, field, scope);
    if (typeof holds !== 'boolean') throw unexpectedType(rule.Condition, field, 'boolean', holds);
    if (holds) return chosen(frame, evaluation, rule, `Choices[${index}]`);
  }
  return chosen(frame, evaluation, defaultRule(frame), '');
}

async function chosen(frame: Frame, evaluation: Evaluation, rule: ChoiceRule, place: string): Promise<Draft> {
  const { input } = frame.state!;
  const scope = evaluation.jsonataScope(input);
  const assigned = await evaluation.assign(rule.Assign, scope);
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

/** AWS counts the seconds until a timestamp in 32 bits of milliseconds. */
const FURTHEST_TIMESTAMP_SECONDS = 2_147_483_647 / 1000;
/** https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
const LONGEST_WAIT_SECONDS = 99_999_999;

export async function runWait(frame: Frame, evaluation: Evaluation): Promise<Draft> {
  const { definition, enteredAtMs } = frame.state!;
  const untilMs = await waitUntil(frame, evaluation);
  const longestSeconds =
    (definition.Timestamp ?? definition.TimestampPath) ? FURTHEST_TIMESTAMP_SECONDS : LONGEST_WAIT_SECONDS;
  if ((untilMs - enteredAtMs) / 1000 > longestSeconds) throw runtimeProblem('Wait state delay is too long.');
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
  const effective = evaluation.at('afterInputPath', evaluation.path(definition.InputPath, input));
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
    evaluation.at('afterInputPath', input);
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
