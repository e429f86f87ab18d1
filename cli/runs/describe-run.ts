import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { Machine } from '../../domain/ports/workflows.ts';
import type { Connection } from '../target/connection.ts';
import { executionArn, machines } from '../target/resource-names.ts';
import { describeInput, type Run, runStatus } from './run.ts';

export interface DescribedRun extends Run {
  readonly executionArn: string;
  readonly input: string;
  readonly output: string | null;
  readonly redrivable: boolean;
  readonly whyNotRedrivable: string | null;
}

/** The run of that id in this environment, of either machine; undefined when there is none. */
export async function describeRun(
  connection: Connection,
  runId: string,
  nowMs: number,
): Promise<DescribedRun | undefined> {
  const found = await Promise.all(machines.map((machine) => describe(connection, machine, runId, nowMs)));
  return found.find((run) => run !== undefined);
}

async function describe(
  connection: Connection,
  machine: Machine,
  runId: string,
  nowMs: number,
): Promise<DescribedRun | undefined> {
  const arn = executionArn(connection.names, machine, runId);
  try {
    const answer = await connection.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
    return runOf(connection, machine, answer, nowMs);
  } catch (error) {
    // An id that cannot be a name at all is no run either.
    if (['ExecutionDoesNotExist', 'InvalidArn', 'ValidationException'].includes((error as Error).name))
      return undefined;
    throw error;
  }
}

function runOf(
  connection: Connection,
  machine: Machine,
  answer: DescribeExecutionCommandOutput,
  nowMs: number,
): DescribedRun {
  const started = answer.startDate ?? new Date(0);
  const ended = answer.stopDate ?? null;
  return {
    environment: connection.environment,
    runId: answer.name ?? '',
    machine,
    status: runStatus(answer.status),
    ...describeInput(answer.input),
    startedAt: started.toISOString(),
    endedAt: ended?.toISOString() ?? null,
    durationMs: (ended?.getTime() ?? nowMs) - started.getTime(),
    error: answer.error ?? null,
    cause: answer.cause ?? null,
    redrives: answer.redriveCount ?? 0,
    executionArn: answer.executionArn ?? '',
    input: answer.input ?? '{}',
    output: answer.output ?? null,
    redrivable: answer.redriveStatus === 'REDRIVABLE',
    whyNotRedrivable: answer.redriveStatusReason ?? null,
  };
}
