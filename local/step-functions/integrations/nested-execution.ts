import { createHash } from 'node:crypto';
import { AwsError, notImplemented } from '../../aws-error.ts';
import type { JsonObject } from '../../service.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { isObject } from '../language/jsonpath.ts';
import { sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { pollJob } from './poll-job.ts';
import { optimisedFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

export interface Parent {
  readonly arn: string;
  /** The frame that waits for it; undefined when its task only starts it. */
  readonly frame: string | undefined;
  readonly seq: number;
}

/** What a nested execution needs of the engine that runs both. */
export interface NestedExecutions {
  find(executionArn: string): ExecutionRow | undefined;
  /** The execution that will be started under this ARN belongs to a task of this parent, until this is taken back. */
  expect(executionArn: string, parent: Parent): () => void;
  whenEnded(executionArn: string, listener: (row: ExecutionRow) => void): () => void;
  stop(executionArn: string): void;
}

const MEMBERS = ['StateMachineArn', 'Input', 'Name', 'TraceHeader'];

/** `arn:aws:states:::states:startExecution`, `.sync` and `.sync:2`. Returns how to give it up: what it waits for is stopped. */
export function startNested(request: TaskRequest, report: TaskReport, integration: Integration): () => void {
  let cancel = () => {};
  let givenUp = false;
  const run = async () => {
    const { services, ids, clock, nested } = integration;
    try {
      const parameters = isObject(request.input) ? request.input : {};
      const unknown = Object.keys(parameters).find((name) => !MEMBERS.includes(name));
      if (unknown !== undefined) throw notImplemented(`states:startExecution with ${unknown}`);
      const machine = String(parameters.StateMachineArn ?? '');
      const waits = request.resource.kind === 'Task' && request.resource.pattern.startsWith('sync');
      const name = typeof parameters.Name === 'string' ? parameters.Name : attemptName(request);
      const frame = waits ? request.frame : undefined;
      const parent = { arn: request.execution.arn, frame, seq: request.scheduledSeq };
      // A version's or alias's ARN has one part more than the machine's, which the execution's is made of.
      const own = machine.split(':').slice(0, 7).join(':');
      let executionArn = `${own.replace(':stateMachine:', ':execution:')}:${name}`;
      const elsewhere = machine.split(':')[4] !== integration.accountId;
      // After a crash the task is asked for again: what it had started by then is still its own.
      const earlier = nested.find(executionArn);
      const started = earlier && earlier.parentArn === parent.arn && earlier.parentSeq === parent.seq;
      let startedAtMs = earlier?.startedAtMs;
      if (!started) {
        const takeBack = elsewhere ? () => {} : nested.expect(executionArn, parent);
        const input = {
          stateMachineArn: machine,
          name,
          input: inputText(parameters.Input),
          ...(typeof parameters.TraceHeader === 'string' && { traceHeader: parameters.TraceHeader }),
        };
        try {
          const answered = await services.callOperation('states', 'StartExecution', input, taskPrincipal(request));
          executionArn = String(answered.executionArn);
          startedAtMs = (answered.startDate as Date).getTime();
        } finally {
          takeBack();
        }
      }
      if (waits && executionArn.split(':')[5] === 'express')
        throw notImplemented('states:startExecution.sync of an EXPRESS state machine');
      const body = { ExecutionArn: executionArn, StartDate: startedAtMs };
      const answer = {
        ...body,
        ...sdkMetadata('json-1.0', { body: JSON.stringify(body), requestId: ids.uuid(), clock }),
      };
      if (!waits && request.token === undefined) return report.succeeded(answer);
      report.submitted(answer);
      if (!waits) return;
      cancel = awaitNested(request, executionArn, report, integration);
      if (givenUp) cancel();
    } catch (error) {
      report.failed(optimisedFailure('states', error, integration.ids.uuid()));
    }
  };
  void run();
  return () => {
    givenUp = true;
    cancel();
  };
}

/** Waits for an execution that was started before. */
export function resumeNested(
  request: TaskRequest,
  submitted: unknown,
  report: TaskReport,
  integration: Integration,
): () => void {
  const { ExecutionArn: executionArn } = submitted as { ExecutionArn: string };
  return awaitNested(request, executionArn, report, integration);
}

function awaitNested(
  request: TaskRequest,
  executionArn: string,
  report: TaskReport,
  integration: Integration,
): () => void {
  const { nested, accountId } = integration;
  if (executionArn.split(':')[4] !== accountId) return awaitElsewhere(request, executionArn, report, integration);
  let ended = false;
  const json = request.resource.kind === 'Task' && request.resource.pattern === 'sync:2';
  const cancel = nested.whenEnded(executionArn, (row) => {
    ended = true;
    reportEnd(describe(row, json), report);
  });
  return () => {
    cancel();
    if (!ended) nested.stop(executionArn);
  };
}

function reportEnd(description: Record<string, unknown>, report: TaskReport): void {
  if (description.Status === 'SUCCEEDED') report.succeeded(description);
  else report.failed({ error: 'States.TaskFailed', cause: JSON.stringify(description) });
}

/**
 * Another account's execution is asked after, and stopped, by the role of the task's Credentials.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cross-acct-sync-pattern.html
 */
function awaitElsewhere(
  request: TaskRequest,
  executionArn: string,
  report: TaskReport,
  { services, clock, ids }: Integration,
): () => void {
  const principal = taskPrincipal(request);
  const json = request.resource.kind === 'Task' && request.resource.pattern === 'sync:2';
  let ended = false;
  const cancel = pollJob(
    clock,
    async () => {
      const execution = await services.callOperation('states', 'DescribeExecution', { executionArn }, principal);
      return execution.status === 'RUNNING' ? undefined : execution;
    },
    (execution) => {
      ended = true;
      reportEnd(describeAnswer(execution, json), report);
    },
    (error) => {
      ended = true;
      report.failed(optimisedFailure('states', error, ids.uuid()));
    },
  );
  return () => {
    cancel();
    // It may have ended meanwhile, or may not be stopped by this role: nobody is left to tell.
    if (!ended) void services.callOperation('states', 'StopExecution', { executionArn }, principal).catch(() => {});
  };
}

/** DescribeExecution's answer as `describe` has it. */
function describeAnswer(execution: JsonObject, json: boolean): Record<string, unknown> {
  const read = Object.entries(execution).map(([name, value]): [string, unknown] => {
    const member = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    if (value instanceof Date) return [member, value.getTime()];
    if (name === 'inputDetails' || name === 'outputDetails') return [member, { Included: true }];
    return [member, json && (name === 'input' || name === 'output') ? JSON.parse(String(value)) : value];
  });
  return Object.fromEntries(read);
}

/** DescribeExecution in the integration's spelling; `.sync:2` gives input and output as JSON instead of text. */
function describe(row: ExecutionRow, json: boolean): Record<string, unknown> {
  const payload = (text: string) => (json ? JSON.parse(text) : text);
  return {
    ...(row.cause !== null && { Cause: row.cause }),
    ...(row.error !== null && { Error: row.error }),
    ExecutionArn: row.arn,
    Input: payload(row.input),
    InputDetails: { Included: true },
    Name: row.name,
    ...(row.output !== null && { Output: payload(row.output), OutputDetails: { Included: true } }),
    RedriveCount: row.redriveCount,
    RedriveStatus: row.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    ...(row.status === 'SUCCEEDED' && {
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    }),
    StartDate: row.startedAtMs,
    StateMachineArn: row.stateMachineArn,
    Status: row.status,
    StopDate: row.stoppedAtMs,
  };
}

/** A string is the input's text as it is; anything else is its JSON. */
function inputText(input: unknown): string {
  if (input === undefined) return '{}';
  if (typeof input !== 'string') return JSON.stringify(input);
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${input}' is not valid JSON`);
  }
}

/** AWS takes a random name. Here the same task has the same one, so that a repeated call finds what the first began. */
function attemptName(request: TaskRequest): string {
  const hex = createHash('sha256')
    .update(`${request.execution.arn}#${request.attemptId}#${request.frame}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
