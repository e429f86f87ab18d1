import { createHash } from 'node:crypto';
import { AwsError, notImplemented } from '../../aws-error.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { isObject } from '../language/jsonpath.ts';
import { sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { optimisedFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

export interface Parent {
  readonly arn: string;
  readonly frame: string;
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
      if (waits && machine.split(':')[4] !== integration.accountId) {
        throw notImplemented('states:startExecution.sync of a state machine in another account');
      }
      const name = typeof parameters.Name === 'string' ? parameters.Name : attemptName(request);
      const parent = { arn: request.execution.arn, frame: request.frame, seq: request.scheduledSeq };
      const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
      // After a crash the task is asked for again: what it had started by then is still its own.
      const own = nested.find(executionArn);
      const started = own && own.parentArn === parent.arn && own.parentSeq === parent.seq;
      if (!started) {
        const takeBack = nested.expect(executionArn, parent);
        const input = {
          stateMachineArn: machine,
          name,
          input: inputText(parameters.Input),
          ...(typeof parameters.TraceHeader === 'string' && { traceHeader: parameters.TraceHeader }),
        };
        try {
          await services.callOperation('states', 'StartExecution', input, taskPrincipal(request));
        } finally {
          takeBack();
        }
      }
      const row = nested.find(executionArn);
      const body = { ExecutionArn: executionArn, StartDate: row?.startedAtMs ?? clock.now() };
      const answer = { ...body, ...sdkMetadata(JSON.stringify(body), ids.uuid(), clock) };
      if (!waits && request.token === undefined) return report.succeeded(answer);
      report.submitted(answer);
      if (!waits) return;
      if (givenUp) nested.stop(executionArn);
      else cancel = awaitNested(request, executionArn, report, integration);
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
  { nested }: Integration,
): () => void {
  let ended = false;
  const json = request.resource.kind === 'Task' && request.resource.pattern === 'sync:2';
  const cancel = nested.whenEnded(executionArn, (row) => {
    ended = true;
    const description = describe(row, json);
    if (row.status === 'SUCCEEDED') report.succeeded(description);
    else report.failed({ error: 'States.TaskFailed', cause: JSON.stringify(description) });
  });
  return () => {
    cancel();
    if (!ended) nested.stop(executionArn);
  };
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
