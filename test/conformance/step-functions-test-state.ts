import { AwsError } from '../../local/aws-error.ts';
import { VirtualClock } from '../../local/clock.ts';
import { seededIds } from '../../local/ids.ts';
import type { TaskCaller } from '../../local/step-functions/engine/task-caller.ts';
import { testState } from '../../local/step-functions/test-state/test-state.ts';
import { type Case, definitionText, messageOf, type Verdict } from './step-functions-case.ts';
import { difference, masksOf } from './step-functions-masks.ts';

/** Calls TestState as the recorder did. A task without a mock is answered as its service was recorded answering. */
export async function judgeTestState(one: Case): Promise<Verdict> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const host = {
    clock,
    ids: seededIds(one.id),
    region: 'us-east-1',
    accountId: '111111111111',
    caller: recordedCaller(one),
  };
  const request = { definition: definitionText(one), input: one.inputRaw ?? '{}', ...one.testStateArgs };
  let refusal: AwsError | undefined;
  let answer: Record<string, unknown> | undefined;
  const asked = testState(request, host).then(
    (given) => {
      answer = given;
    },
    (error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      refusal = error;
    },
  );
  // A Wait really waits; here time passes at once.
  for (let turns = 0; turns < 1_000 && !answer && !refusal; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!answer && !refusal) clock.next();
  }
  await asked;
  if (refusal) {
    const actual = { code: refusal.code, message: refusal.message };
    const expected = messageOf(one.expected);
    const outcome = expected === undefined ? `refused: ${refusal.code}: ${refusal.message}` : undefined;
    return { outcome: outcome ?? difference(expected, refusal.message, masksOf(one)), history: undefined, actual };
  }
  const actual = { ...answer, ...(typeof answer?.output === 'string' && { output: JSON.parse(answer.output) }) };
  return { outcome: difference(one.expected, actual, masksOf(one)), history: undefined, actual };
}

/** What the service answered is in the inspection data; at level INFO only the state's output is. */
function recordedCaller({ expected }: Case): TaskCaller {
  const { result } = (expected.inspectionData ?? {}) as { result?: unknown };
  return {
    supports: () => true,
    call(_request, report) {
      if (result !== undefined) report.succeeded(typeof result === 'string' ? JSON.parse(result) : result);
      else if (expected.status === 'SUCCEEDED') report.succeeded(expected.output);
      else
        report.failed({
          ...(typeof expected.error === 'string' && { error: expected.error }),
          ...(typeof expected.cause === 'string' && { cause: expected.cause }),
        });
      return () => {};
    },
    resume: () => () => {},
  };
}
