import { AwsError } from '../../aws-error.ts';
import type { JsonObject, Operations } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import { type ExecutionRow, isMapRunChild } from '../engine/execution-log.ts';
import type { Executions } from './executions.ts';
import { historyEvent, withoutExecutionData } from './history.ts';
import { choice, flag, readInput, required, text } from './input.ts';
import { listChildren, mapRunArnOf } from './map-runs.ts';
import { pageToken, readMachineArn, readPageToken } from './names.ts';
import { redriveMembers } from './redrive-status.ts';
import { arn, cause, errorName, includedData, longArn, pageMembers, pageSize } from './shapes.ts';
import { shownRevision } from './state-machine-operations.ts';
import { doesNotExist, type StateMachines } from './state-machines.ts';
import type { Versions } from './versions.ts';

const STOP = { executionArn: required(arn), error: errorName, cause };
const REDRIVE = {
  executionArn: required(arn),
  clientToken: text({ least: 1, most: 64, pattern: { written: '[!-~]+', matches: /^[!-~]+$/ } }),
};
const DESCRIBE = { executionArn: required(arn), includedData };
const HISTORY = {
  executionArn: required(arn),
  maxResults: pageMembers.maxResults,
  reverseOrder: flag,
  nextToken: pageMembers.nextToken,
  includeExecutionData: flag,
};
const LIST = {
  stateMachineArn: arn,
  // In the order in which AWS's message has them.
  statusFilter: choice(['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING']),
  maxResults: pageMembers.maxResults,
  nextToken: text({ least: 1, most: 3096 }),
  mapRunArn: longArn,
  redriveFilter: choice(['NOT_REDRIVEN', 'REDRIVEN']),
};

export interface ExecutionOperationsDependencies {
  readonly executions: Executions;
  readonly engine: Engine;
  readonly machines: StateMachines;
  readonly versions: Versions;
}

/** What can be asked of the executions of Standard machines, and done to them. */
export function executionOperations(dependencies: ExecutionOperationsDependencies): Operations {
  const { executions, engine } = dependencies;
  return {
    async StopExecution(input) {
      const { executionArn, ...details } = readInput('StopExecution', STOP, input);
      return { stopDate: new Date(await executions.stop(executionArn, details)) };
    },
    async RedriveExecution(input) {
      const given = readInput('RedriveExecution', REDRIVE, input);
      return { redriveDate: new Date(await executions.redrive(given.executionArn, given.clientToken)) };
    },
    DescribeExecution(input) {
      const given = readInput('DescribeExecution', DESCRIBE, input);
      return describe(executions.get(given.executionArn), dependencies, given.includedData !== 'METADATA_ONLY');
    },
    DescribeStateMachineForExecution(input) {
      const given = readInput('DescribeStateMachineForExecution', DESCRIBE, input);
      return machineOf(executions.get(given.executionArn), dependencies, given.includedData !== 'METADATA_ONLY');
    },
    ListExecutions: (input) => listExecutions(input, dependencies),
    GetExecutionHistory(input) {
      const given = readInput('GetExecutionHistory', HISTORY, input);
      const row = executions.get(given.executionArn);
      const limit = pageSize(given.maxResults);
      const reverse = given.reverseOrder === true;
      const start = readPageToken(given.nextToken) ?? (reverse ? Number.MAX_SAFE_INTEGER : 0);
      const entries = engine.log.events(row.key, start, limit + 1, reverse);
      const page = entries.slice(0, limit);
      const events = page.map((entry) => {
        const event = { ...historyEvent(entry), timestamp: new Date(entry.at) };
        return given.includeExecutionData === false ? withoutExecutionData(event) : event;
      });
      return { events, ...(entries.length > limit && { nextToken: pageToken(page.at(-1)!.id) }) };
    },
  };
}

/** What DescribeExecution and ListExecutions show alike. */
const summary = (row: ExecutionRow) => ({
  executionArn: row.arn,
  stateMachineArn: row.stateMachineArn,
  ...(row.stateMachineVersionArn !== null && { stateMachineVersionArn: row.stateMachineVersionArn }),
  ...(row.stateMachineAliasArn !== null && { stateMachineAliasArn: row.stateMachineAliasArn }),
  name: row.name,
  status: row.status,
  startDate: new Date(row.startedAtMs),
  ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
  redriveCount: row.redriveCount,
  ...(row.redrivenAtMs !== null && { redriveDate: new Date(row.redrivenAtMs) }),
});

function describe(
  row: ExecutionRow,
  { executions, engine }: ExecutionOperationsDependencies,
  withData: boolean,
): JsonObject {
  const mapRunArn = mapRunArnOf(engine, row);
  const reason = executions.whyNotRedrivable(row);
  return {
    ...summary(row),
    ...(mapRunArn !== undefined && { mapRunArn }),
    ...(withData && { input: row.input, inputDetails: { included: true } }),
    ...(withData && row.output !== null && { output: row.output, outputDetails: { included: true } }),
    ...(row.error !== null && { error: row.error }),
    ...(row.cause !== null && { cause: row.cause }),
    ...(row.traceHeader !== null && { traceHeader: row.traceHeader }),
    ...(reason === undefined && isMapRunChild(row)
      ? { redriveStatus: 'REDRIVABLE_BY_MAP_RUN' }
      : redriveMembers(reason)),
  };
}

/** The machine as the execution began with it. */
function machineOf(
  row: ExecutionRow,
  { engine, machines, versions }: ExecutionOperationsDependencies,
  withData: boolean,
): JsonObject {
  const machine = machines.find(row.stateMachineArn);
  const mapRunArn = mapRunArnOf(engine, row);
  const version = row.stateMachineVersionArn === null ? undefined : versions.find(row.stateMachineVersionArn);
  const shown = version ?? machine;
  return {
    stateMachineArn: row.stateMachineVersionArn ?? row.stateMachineArn,
    name: row.stateMachineName,
    definition: withData ? engine.log.definition(row.revision) : '{}',
    roleArn: row.roleArn,
    updateDate: new Date(version?.createdAtMs ?? machine?.updatedAtMs ?? row.startedAtMs),
    ...(shown && {
      loggingConfiguration: JSON.parse(shown.logging),
      tracingConfiguration: JSON.parse(shown.tracing),
    }),
    ...shownRevision(row.revisionId),
    ...(mapRunArn !== undefined && { mapRunArn, label: row.stateMachineName.split('/')[1] }),
  };
}

function listExecutions(input: JsonObject, { engine, machines }: ExecutionOperationsDependencies): JsonObject {
  const given = readInput('ListExecutions', LIST, input);
  const { stateMachineArn } = given;
  if ((stateMachineArn === undefined) === (given.mapRunArn === undefined)) {
    throw new AwsError('ValidationException', 'Must specify exactly one of stateMachineArn or mapRunArn');
  }
  if (stateMachineArn === undefined) return listChildren(engine, input);
  if (given.redriveFilter !== undefined) {
    throw new AwsError('ValidationException', 'redriveFilter can only be given with mapRunArn');
  }
  const reference = readMachineArn(stateMachineArn);
  const machine = machines.find(reference.arn);
  if (!machine) throw doesNotExist(stateMachineArn);
  if (machine.type === 'EXPRESS') throw typeNotSupported();
  const column =
    reference.version !== undefined
      ? 'stateMachineVersionArn'
      : reference.alias !== undefined
        ? 'stateMachineAliasArn'
        : 'stateMachineArn';
  const limit = pageSize(given.maxResults);
  const before = readPageToken(given.nextToken) ?? Number.MAX_SAFE_INTEGER;
  const rows = engine.log.list(stateMachineArn, given.statusFilter, limit + 1, before, column);
  const page = rows.slice(0, limit);
  return {
    executions: page.map(summary),
    ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
  };
}

export const typeNotSupported = (): AwsError =>
  new AwsError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
