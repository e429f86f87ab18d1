import { formatArn } from '../../arn.ts';
import { notImplemented } from '../../aws-error.ts';
import type { LambdaResult } from '../../service.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import type { Failure } from '../interpreter/failure.ts';
import { isObject } from '../language/jsonpath.ts';
import { sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { optimisedFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

/** A Task whose Resource is a function's ARN: the state's input is the event, the answer is the result. */
export async function invokeByArn(
  request: TaskRequest,
  report: TaskReport,
  { services, ids }: Integration,
): Promise<void> {
  const { resource } = request;
  if (resource.kind !== 'LambdaFunction') return;
  try {
    const result = await services.invokeLambda(resource.arn, JSON.stringify(request.input), taskPrincipal(request));
    if (result.functionError) report.failed(functionFailure(result));
    else report.succeeded(jsonOr(result.payload));
  } catch (error) {
    report.failed(optimisedFailure('lambda', error, ids.uuid()));
  }
}

const MEMBERS = ['FunctionName', 'Payload', 'Qualifier', 'InvocationType'];

/** `arn:aws:states:::lambda:invoke`, with or without `.waitForTaskToken`. */
export async function invoke(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const { services, ids, clock, region, accountId } = integration;
  try {
    const parameters = isObject(request.input) ? request.input : {};
    const unknown = Object.keys(parameters).find((name) => !MEMBERS.includes(name));
    if (unknown !== undefined) throw notImplemented(`lambda:invoke with ${unknown}`);
    const arn = functionArn(String(parameters.FunctionName ?? ''), parameters.Qualifier, region, accountId);
    const payload = parameters.Payload === undefined ? '{}' : JSON.stringify(parameters.Payload);
    const principal = taskPrincipal(request);
    const event = parameters.InvocationType === 'Event';
    const result: LambdaResult | undefined = event ? undefined : await services.invokeLambda(arn, payload, principal);
    if (event) await services.queueLambda(arn, payload, principal);
    if (result?.functionError) {
      report.failed(functionFailure(result));
      return;
    }
    const answer = {
      ...(result && { ExecutedVersion: '$LATEST' }),
      Payload: result ? jsonOr(result.payload) : '',
      ...sdkMetadata(result?.payload ?? '', ids.uuid(), clock, 'application/json'),
      StatusCode: result?.statusCode ?? 202,
    };
    if (request.token !== undefined) report.submitted(answer);
    else report.succeeded(answer);
  } catch (error) {
    report.failed(optimisedFailure('lambda', error, ids.uuid()));
  }
}

/** A function's name, `ACCOUNT:function:NAME` or ARN, as an ARN. */
function functionArn(name: string, qualifier: unknown, region: string, accountId: string): string {
  const suffix = typeof qualifier === 'string' ? `:${qualifier}` : '';
  if (name.startsWith('arn:')) return `${name}${suffix}`;
  const partial = /^(\d{12}):function:(.+)$/.exec(name);
  if (partial) return formatArn('lambda', region, partial[1]!, `function:${partial[2]}${suffix}`);
  return formatArn('lambda', region, accountId, `function:${name}${suffix}`);
}

/** The function's own `errorType` is the error's name, unchanged; the cause is its answer, as text. */
function functionFailure(result: LambdaResult): Failure {
  const answer = jsonOr(result.payload);
  const errorType = isObject(answer) && typeof answer.errorType === 'string' ? answer.errorType : 'Lambda.Unknown';
  return { error: errorType, cause: result.payload };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
