import { AwsError } from '../../aws-error.ts';
import type { Clock } from '../../clock.ts';
import { optionalInteger, requiredText, takeOnly, violation } from '../../operation-input.ts';
import type { JsonObject, Operations } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import { type ExecutionRow, isMapRunChild } from '../engine/execution-log.ts';
import { labelOf } from '../map-run/child-header.ts';
import type { ChildStatus, MapRunRow } from '../map-run/map-run-log.ts';
import { checkArn, pageToken, readPageToken } from './names.ts';

const REDRIVABLE_MS = 14 * 24 * 3_600_000;
const CHILD_STATUSES: readonly ChildStatus[] = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
  'PENDING_REDRIVE',
];

/** Throws InvalidArn and ResourceNotFound. */
function mapRunOf(engine: Engine, arn: string): MapRunRow {
  checkArn(arn, 'mapRun');
  const row = engine.mapRunLog.byArn(arn);
  if (!row) throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`);
  return row;
}

/** The run that an execution is a child of. */
export function mapRunArnOf(engine: Engine, row: ExecutionRow): string | undefined {
  const place = isMapRunChild(row) ? engine.mapRunLog.placeOf(row.key) : undefined;
  return place && engine.mapRunLog.byKey(place.runKey).arn;
}

/** `MACHINE/LABEL` as the children's ARNs have it. */
const childMachineArn = (engine: Engine, row: MapRunRow): string =>
  `${engine.log.byKey(row.executionKey).stateMachineArn}/${labelOf(row.arn)}`;

const NAMES: Readonly<Partial<Record<ChildStatus, string>>> = {
  PENDING: 'pending',
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
  PENDING_REDRIVE: 'pendingRedrive',
};

function countsOf(engine: Engine, row: MapRunRow, nowMs: number): { items: JsonObject; executions: JsonObject } {
  const nothing = {
    pending: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    aborted: 0,
    total: 0,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
  const [items, executions]: Record<string, number>[] = [{ ...nothing }, { ...nothing }];
  const tooOld = engine.log.byKey(row.executionKey).startedAtMs + REDRIVABLE_MS < nowMs;
  for (const count of engine.mapRunLog.counts(row.key)) {
    const failed = count.status === 'FAILED' || count.status === 'TIMED_OUT' || count.status === 'ABORTED';
    for (const [counts, number] of [
      [items!, count.items],
      [executions!, count.executions],
    ] as const) {
      counts[NAMES[count.status]!]! += number;
      counts.total! += number;
      if (row.resultsWritten && count.status !== 'PENDING') counts.resultsWritten! += number;
      if (failed && tooOld) counts.failuresNotRedrivable! += number;
    }
  }
  return { items: items!, executions: executions! };
}

function describe(engine: Engine, row: MapRunRow, nowMs: number): JsonObject {
  const { items, executions } = countsOf(engine, row, nowMs);
  return {
    mapRunArn: row.arn,
    executionArn: engine.log.byKey(row.executionKey).arn,
    status: row.status,
    startDate: new Date(row.startedAtMs),
    ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
    maxConcurrency: row.maxConcurrency,
    toleratedFailurePercentage: row.toleratedPercentage ?? 0,
    toleratedFailureCount: row.toleratedCount ?? 0,
    itemCounts: items,
    executionCounts: executions,
    redriveCount: row.redriveCount,
    ...(row.redrivenAtMs !== null && { redriveDate: new Date(row.redrivenAtMs) }),
  };
}

/** ListExecutions of a map run: its children, the newest first, each with its number of items. */
export function listChildren(engine: Engine, input: JsonObject): JsonObject {
  takeOnly('ListExecutions', input, ['mapRunArn', 'statusFilter', 'maxResults', 'nextToken', 'redriveFilter']);
  const mapRunArn = requiredText(input, 'mapRunArn');
  const row = mapRunOf(engine, mapRunArn);
  const status =
    input.statusFilter === undefined ? undefined : CHILD_STATUSES.find((one) => one === input.statusFilter);
  if (input.statusFilter !== undefined && status === undefined)
    throw violation(
      `Value '${String(input.statusFilter)}' at 'statusFilter'`,
      `Member must satisfy enum value set: [${CHILD_STATUSES.join(', ')}]`,
    );
  const redriven = redriveFilter(input.redriveFilter);
  const limit = optionalInteger(input, 'maxResults', { least: 0, most: 1000 }) || 100;
  const run = { key: row.key, stateMachineArn: childMachineArn(engine, row) };
  const before = readPageToken(input.nextToken) ?? Number.MAX_SAFE_INTEGER;
  const rows = engine.mapRunLog.executions(run, { status, redriven }, limit + 1, before);
  const page = rows.slice(0, limit);
  return {
    executions: page.map((child) => ({
      executionArn: child.arn,
      stateMachineArn: child.stateMachineArn,
      name: child.name,
      status: child.childStatus,
      startDate: new Date(child.startedAtMs),
      ...(child.stoppedAtMs !== null && { stopDate: new Date(child.stoppedAtMs) }),
      mapRunArn,
      itemCount: child.items,
      redriveCount: child.redriveCount,
      ...(child.redrivenAtMs !== null && { redriveDate: new Date(child.redrivenAtMs) }),
    })),
    ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
  };
}

function redriveFilter(value: unknown): boolean | undefined {
  if (value === undefined) return undefined;
  if (value !== 'REDRIVEN' && value !== 'NOT_REDRIVEN')
    throw violation(
      `Value '${String(value)}' at 'redriveFilter'`,
      'Member must satisfy enum value set: [REDRIVEN, NOT_REDRIVEN]',
    );
  return value === 'REDRIVEN';
}

function optionalNumber(input: JsonObject, name: string, most: number): number | undefined {
  const { [name]: value } = input;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value < 0 || value > most)
    throw violation(`Value '${String(value)}' at '${name}'`, `Member must have value between 0 and ${most}`);
  return value;
}

export function mapRunOperations(engine: Engine, clock: Clock): Operations {
  return {
    DescribeMapRun(input) {
      takeOnly('DescribeMapRun', input, ['mapRunArn']);
      return describe(engine, mapRunOf(engine, requiredText(input, 'mapRunArn')), clock.now());
    },
    ListMapRuns(input) {
      takeOnly('ListMapRuns', input, ['executionArn', 'maxResults', 'nextToken']);
      const executionArn = requiredText(input, 'executionArn');
      checkArn(executionArn, 'execution');
      const execution = engine.log.byArn(executionArn);
      if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
      const limit = optionalInteger(input, 'maxResults', { least: 0, most: 1000 }) || 100;
      const before = readPageToken(input.nextToken) ?? Number.MAX_SAFE_INTEGER;
      const rows = engine.mapRunLog.list(execution.key, limit + 1, before);
      const page = rows.slice(0, limit);
      return {
        mapRuns: page.map((row) => ({
          executionArn,
          mapRunArn: row.arn,
          stateMachineArn: `${execution.stateMachineArn}/${labelOf(row.arn)}`,
          startDate: new Date(row.startedAtMs),
          ...(row.stoppedAtMs !== null && { stopDate: new Date(row.stoppedAtMs) }),
        })),
        ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.key) }),
      };
    },
    async UpdateMapRun(input) {
      takeOnly('UpdateMapRun', input, [
        'mapRunArn',
        'maxConcurrency',
        'toleratedFailurePercentage',
        'toleratedFailureCount',
      ]);
      const row = mapRunOf(engine, requiredText(input, 'mapRunArn'));
      const maxConcurrency = optionalInteger(input, 'maxConcurrency', { least: 0, most: Number.MAX_SAFE_INTEGER });
      const toleratedPercentage = optionalNumber(input, 'toleratedFailurePercentage', 100);
      const toleratedCount = optionalInteger(input, 'toleratedFailureCount', {
        least: 0,
        most: Number.MAX_SAFE_INTEGER,
      });
      if (row.status !== 'RUNNING')
        throw new AwsError('ValidationException', `The Map Run is ${row.status} and cannot be updated: '${row.arn}'`);
      await engine.mapRuns.update(row, {
        ...(maxConcurrency !== undefined && { maxConcurrency }),
        ...(toleratedPercentage !== undefined && { toleratedPercentage }),
        ...(toleratedCount !== undefined && { toleratedCount }),
      });
      return {};
    },
  };
}
