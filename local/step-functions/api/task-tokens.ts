import { AwsError } from '../../aws-error.ts';
import { optionalText, requiredText, takeOnly } from '../../operation-input.ts';
import type { Operations } from '../../service.ts';
import { whilePending } from '../engine/actor.ts';
import type { Engine } from '../engine/engine.ts';
import { taskEnd } from '../engine/task-events.ts';
import type { Draft } from '../interpreter/entry.ts';
import type { Frame } from '../interpreter/execution.ts';
import { byteLength, PAYLOAD_LIMIT_BYTES } from '../interpreter/outcome.ts';

/** SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat: what a callback or an activity's worker says of its task. */
export function taskTokenOperations(engine: Engine): Operations {
  /** A token that was never given out is InvalidToken; one whose task has ended, by an earlier answer or a timeout, is TaskTimedOut. */
  async function tell(token: string, what: (frame: Frame) => Draft): Promise<Record<string, never>> {
    const row = engine.log.token(token);
    if (!row) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    const accepted = await engine.post(engine.log.byKey(row.executionKey), whilePending(row.frame, row.seq, what));
    if (!accepted) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    return {};
  }

  return {
    SendTaskSuccess(input) {
      takeOnly('SendTaskSuccess', input, ['taskToken', 'output']);
      const output = requiredText(input, 'output');
      const value = readOutput(output);
      return tell(requiredText(input, 'taskToken'), (frame) => taskEnd.succeeded(frame, value));
    },
    SendTaskFailure(input) {
      takeOnly('SendTaskFailure', input, ['taskToken', 'error', 'cause']);
      const error = optionalText(input, 'error');
      const cause = optionalText(input, 'cause');
      const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
      return tell(requiredText(input, 'taskToken'), (frame) => taskEnd.failed(frame, failure));
    },
    SendTaskHeartbeat(input) {
      takeOnly('SendTaskHeartbeat', input, ['taskToken']);
      return tell(requiredText(input, 'taskToken'), (frame) => ({ frame: frame.id, type: 'HeartbeatReceived' }));
    },
  };
}

function readOutput(output: string): unknown {
  if (byteLength(output) > PAYLOAD_LIMIT_BYTES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT_BYTES}`,
    );
  }
  try {
    return JSON.parse(output);
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
