import type { Clock } from '../../clock.ts';
import type { JsonObject, Operations } from '../../service.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import { typeNotSupported } from './execution-operations.ts';
import type { Executions, StartOptions } from './executions.ts';
import type { ExpressExecutions } from './express-executions.ts';
import { readInput, required } from './input.ts';
import { arn, includedData, name, payload, traceHeader } from './shapes.ts';
import type { StartTarget } from './start-target.ts';

const START = { stateMachineArn: required(arn), name, input: payload, traceHeader };
const START_SYNC = { ...START, includedData };

export interface Starts {
  readonly targetOf: (stateMachineArn: string) => StartTarget;
  readonly executions: Executions;
  readonly express: ExpressExecutions;
  readonly clock: Clock;
}

/** Starts what the ARN leads to, Standard or Express. It is on disk when this returns. */
export function startExecution(
  { targetOf, executions, express }: Starts,
  stateMachineArn: string,
  options: StartOptions,
): { readonly arn: string; readonly startedAtMs: number } {
  const target = targetOf(stateMachineArn);
  return target.type === 'EXPRESS' ? express.start(target, options) : executions.start(target, options);
}

export function startOperations(starts: Starts): Operations {
  return {
    async StartExecution(input) {
      const { stateMachineArn, input: text = '{}', ...given } = readInput('StartExecution', START, input);
      const started = await starts.executions.together(() =>
        startExecution(starts, stateMachineArn, { ...given, input: text }),
      );
      return { executionArn: started.arn, startDate: new Date(started.startedAtMs) };
    },
    async StartSyncExecution(input) {
      const { stateMachineArn, input: text = '{}', ...given } = readInput('StartSyncExecution', START_SYNC, input);
      const target = starts.targetOf(stateMachineArn);
      if (target.type !== 'EXPRESS') throw typeNotSupported();
      const row = await starts.express.startSync(target, { ...given, input: text });
      return ended(row, starts.clock, given.includedData !== 'METADATA_ONLY');
    },
  };
}

/** Express runs are billed by 100 ms and by 64 MB. https://aws.amazon.com/step-functions/pricing/ */
const BILLED_MS = 100;
const BILLED_MB = 64;

function ended(row: ExecutionRow, clock: Clock, withData: boolean): JsonObject {
  const stoppedAtMs = row.stoppedAtMs ?? clock.now();
  const included = { included: true };
  return {
    executionArn: row.arn,
    stateMachineArn: row.stateMachineArn,
    name: row.name,
    startDate: new Date(row.startedAtMs),
    stopDate: new Date(stoppedAtMs),
    status: row.status,
    ...(row.error !== null && { error: row.error }),
    ...(row.cause !== null && { cause: row.cause }),
    ...(withData && { input: row.input, inputDetails: included, outputDetails: included }),
    ...(withData && row.output !== null && { output: row.output }),
    ...(row.traceHeader !== null && { traceHeader: row.traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: BILLED_MB,
      billedDurationInMilliseconds: Math.max(1, Math.ceil((stoppedAtMs - row.startedAtMs) / BILLED_MS)) * BILLED_MS,
    },
  };
}
