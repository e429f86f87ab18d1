import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { ExecutionHeader } from '../interpreter/execution.ts';
import { parseResource } from '../interpreter/resource.ts';
import type { TestStateRequest } from './test-state-request.ts';

/** The context object of a state under test that was given none: an execution made up for it. The state's name is never told. */
export function testContext(
  { state, inputText, roleArn }: TestStateRequest,
  header: Omit<ExecutionHeader, 'definition'>,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Record<string, unknown> {
  const now = new Date(clock.now()).toISOString();
  const resource = state.Type === 'Task' ? parseResource(state.Resource!) : undefined;
  const hasToken = resource?.kind === 'Task' && resource.pattern === 'waitForTaskToken';
  return {
    Execution: {
      Id: header.arn,
      Input: JSON.parse(inputText),
      Name: header.name,
      RoleArn: roleArn ?? null,
      StartTime: now,
    },
    StateMachine: { Id: header.stateMachineArn, Name: header.stateMachineName },
    State: {
      Name: 'StateName',
      EnteredTime: now,
      ...(RETRIES.has(state.Type) && { RetryCount: 0 }),
    },
    ...(hasToken && { Task: { Token: Buffer.from(ids.hex(96), 'hex').toString('base64url') } }),
  };
}

const RETRIES = new Set(['Task', 'Parallel', 'Map']);
