import type { JsonObject } from '../../service.ts';
import type { Draft } from '../interpreter/entry.ts';
import type { Frame } from '../interpreter/execution.ts';
import { type Failure, failureDetails } from '../interpreter/failure.ts';
import { byteLength, PAYLOAD_LIMIT_BYTES } from '../interpreter/outcome.ts';
import { parseResource } from '../interpreter/resource.ts';

/** `resource` and `resourceType`, which the events of a service integration carry and the others do not. */
function names(frame: Frame): JsonObject {
  const resource = parseResource(frame.state!.task!.resource);
  return resource?.kind === 'Task' ? { resource: resource.resource, resourceType: resource.resourceType } : {};
}

/** What a result that is too large is told of: the service for an integration, the ARN for a function or activity. */
const subject = (frame: Frame): string => {
  const { resource } = frame.state!.task!;
  const parsed = parseResource(resource);
  return parsed?.kind === 'Task' ? parsed.resourceType : resource;
};

/** The events that a task's progress is told by. */
export const taskEnd = {
  started(frame: Frame, workerName?: string): Draft {
    const { kind } = frame.state!.task!;
    const details = kind === 'Activity' ? (workerName === undefined ? {} : { workerName }) : names(frame);
    return { frame: frame.id, type: `${kind}Started`, ...(kind !== 'LambdaFunction' && { details }) };
  },

  submitted(frame: Frame, output: unknown): Draft {
    return {
      frame: frame.id,
      type: 'TaskSubmitted',
      details: { ...names(frame), output: JSON.stringify(output) },
    };
  },

  succeeded(frame: Frame, output: unknown): Draft {
    const { kind } = frame.state!.task!;
    const text = JSON.stringify(output) ?? 'null';
    if (byteLength(text) > PAYLOAD_LIMIT_BYTES) {
      return taskEnd.failed(frame, {
        error: 'States.DataLimitExceeded',
        cause: `The state/task '${subject(frame)}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      });
    }
    return {
      frame: frame.id,
      type: `${kind}Succeeded`,
      details: { ...names(frame), output: text },
    };
  },

  failed(frame: Frame, failure: Failure): Draft {
    const { kind } = frame.state!.task!;
    return { frame: frame.id, type: `${kind}Failed`, details: { ...failureDetails(failure), ...names(frame) } };
  },
};
