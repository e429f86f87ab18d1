import type { Execution, Frame } from './execution.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The context object of a frame's state. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export function contextObject(execution: Execution, frame: Frame, taskToken?: string): Record<string, unknown> {
  const { header } = execution;
  const { state } = frame;
  const item = mapItemOf(frame);
  return {
    Execution: {
      Id: header.arn,
      Input: execution.input,
      StartTime: iso(execution.startedAtMs),
      Name: header.name,
      RoleArn: header.roleArn,
      RedriveCount: execution.redriveCount,
      ...(execution.redrivenAtMs !== undefined && { RedriveTime: iso(execution.redrivenAtMs) }),
    },
    StateMachine: { Id: header.stateMachineArn, Name: header.stateMachineName },
    ...(state && {
      State: {
        Name: state.name,
        EnteredTime: iso(state.enteredAtMs),
        ...(RETRIES.has(state.definition.Type) && { RetryCount: state.retryCount }),
      },
    }),
    ...(taskToken !== undefined && { Task: { Token: taskToken } }),
    ...(item && { Map: { Item: item } }),
  };
}

const RETRIES = new Set(['Task', 'Parallel', 'Map']);

function mapItemOf(frame: Frame): Frame['mapItem'] {
  for (let at: Frame | undefined = frame; at; at = at.parent) if (at.mapItem) return at.mapItem;
  return undefined;
}
