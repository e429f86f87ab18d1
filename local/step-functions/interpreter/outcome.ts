import type { JsonObject } from '../../service.ts';
import { Problem } from '../language/problem.ts';
import type { Draft } from './entry.ts';
import type { ActiveState, Frame } from './execution.ts';

/** The most a state's input or output may weigh. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const PAYLOAD_LIMIT_BYTES = 262_144;

export const byteLength = (text: string): number => Buffer.byteLength(text);

/** JSON text of a payload. Throws Problem `States.DataLimitExceeded` in the name of `what`. */
export function payloadText(value: unknown, what: string): string {
  const text = JSON.stringify(value);
  if (byteLength(text) > PAYLOAD_LIMIT_BYTES) {
    throw new Problem(
      'States.DataLimitExceeded',
      `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return text;
}

/** The entry that leaves a state, for its next one or for the end of the frame. */
export function exitDraft(
  frame: Frame,
  output: unknown,
  next: string | undefined,
  assigned: Record<string, unknown> | undefined,
): Draft {
  const state = frame.state!;
  const details: JsonObject = {
    name: state.name,
    output: output === state.input && state.inputText !== undefined ? state.inputText : payloadText(output, state.name),
  };
  if (assigned && Object.keys(assigned).length > 0) {
    details.assignedVariables = Object.fromEntries(
      Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]),
    );
  }
  return {
    frame: frame.id,
    type: `${state.definition.Type}StateExited`,
    details,
    ...(next !== undefined && { memo: { next } }),
  };
}

/** How AWS begins the cause of a state that could not be evaluated. TestState leaves it out. */
export const evaluationCausePrefix = ({ name, enteredEventId }: ActiveState): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}). `;

/** Characters. https://docs.aws.amazon.com/step-functions/latest/apireference/API_EvaluationFailedEventDetails.html */
const LONGEST_CAUSE = 32_768;

/** What a Problem of evaluation becomes in the log: an event for JSONata, a note for JSONPath, which AWS keeps no event of. */
export function problemDraft(frame: Frame, problem: Problem): Draft {
  const state = frame.state!;
  const bare = problem.error === 'States.DataLimitExceeded';
  const text = bare ? problem.message : `${evaluationCausePrefix(state)}${problem.message}`;
  const cause = text.slice(0, LONGEST_CAUSE);
  if (problem.error === 'States.QueryEvaluationError') {
    return {
      frame: frame.id,
      type: 'EvaluationFailed',
      details: {
        cause,
        error: problem.error,
        ...(problem.location !== undefined && { location: problem.location }),
        state: state.name,
      },
      // AWS evaluates before it counts the state as entered, but for what it makes of a value afterwards.
      ...(frame.phase === 'entered' && !problem.afterEntering && { previousEventId: state.enteredAfterEventId }),
    };
  }
  return { frame: frame.id, type: 'StateFailed', details: { error: problem.error, cause } };
}
