import { AwsError } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';
import { jsonFault } from '../definition/json-fault.ts';
import { whilePending } from '../engine/actor.ts';
import type { Engine } from '../engine/engine.ts';
import { taskEnd } from '../engine/task-events.ts';
import type { Draft } from '../interpreter/entry.ts';
import type { Frame } from '../interpreter/execution.ts';
import { readInput, required, text } from './input.ts';
import { cause, errorName, payload } from './shapes.ts';

const taskToken = required(text({ least: 1, most: 2048, sensitive: true }));
const SUCCESS = { taskToken, output: required(payload) };
const FAILURE = { taskToken, error: errorName, cause };
const HEARTBEAT = { taskToken };

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
      const { taskToken: token, output } = readInput('SendTaskSuccess', SUCCESS, input);
      const fault = jsonFault(output);
      if (fault) throw new AwsError('InvalidOutput', `Invalid Output: '${fault.message}'`);
      const value: unknown = JSON.parse(output);
      return tell(token, (frame) => taskEnd.succeeded(frame, value));
    },
    SendTaskFailure(input) {
      const { taskToken: token, ...failure } = readInput('SendTaskFailure', FAILURE, input);
      return tell(token, (frame) => taskEnd.failed(frame, failure));
    },
    SendTaskHeartbeat(input) {
      const { taskToken: token } = readInput('SendTaskHeartbeat', HEARTBEAT, input);
      return tell(token, (frame) => ({ frame: frame.id, type: 'HeartbeatReceived' }));
    },
  };
}
