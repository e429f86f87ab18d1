import type { ExecutionRow } from '../engine/execution-log.ts';
import type { WriterSettings } from '../interpreter/map-run.ts';
import type { ChildRow } from './map-run-log.ts';

const included = { Included: true };
const iso = (atMs: number): string => new Date(atMs).toISOString();

/** A child as the results tell it when nothing is taken away: its execution, or the input that waits for one. */
export function describeChild(
  child: ChildRow & { readonly execution?: ExecutionRow },
  stateMachineArn: string,
): Record<string, unknown> {
  const { execution } = child;
  if (!execution)
    return { Input: child.input, InputDetails: included, StateMachineArn: stateMachineArn, Status: 'PENDING' };
  const succeeded = execution.status === 'SUCCEEDED';
  return {
    ...(execution.cause !== null && { Cause: execution.cause }),
    ...(execution.error !== null && { Error: execution.error }),
    ExecutionArn: execution.arn,
    Input: execution.input,
    InputDetails: included,
    Name: execution.name,
    ...(execution.output !== null && { Output: execution.output }),
    OutputDetails: included,
    RedriveCount: execution.redriveCount,
    RedriveStatus: succeeded ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    ...(succeeded && { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }),
    StartDate: iso(execution.startedAtMs),
    StateMachineArn: execution.stateMachineArn,
    Status: execution.status,
    ...(execution.stoppedAtMs !== null && { StopDate: iso(execution.stoppedAtMs) }),
  };
}

/** The JSON texts that one child adds to the results: one, but for an array that is flattened. What failed is always told whole. */
export function resultTexts(
  child: ChildRow & { readonly execution?: ExecutionRow },
  transformation: WriterSettings['transformation'],
  stateMachineArn: string,
): string[] {
  const output = child.status === 'SUCCEEDED' ? child.execution?.output : undefined;
  if (transformation === 'NONE' || output === null || output === undefined)
    return [JSON.stringify(describeChild(child, stateMachineArn))];
  if (transformation === 'COMPACT') return [output];
  const value: unknown = JSON.parse(output);
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [output];
}
