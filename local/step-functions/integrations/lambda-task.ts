import { Readable } from 'node:stream';
import { formatArn } from '../../arn.ts';
import { AwsError, notImplemented } from '../../aws-error.ts';
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

const MEMBERS = ['FunctionName', 'Payload', 'Qualifier', 'InvocationType', 'ClientContext'];

/** `arn:aws:states:::lambda:invoke`, with or without `.waitForTaskToken`. */
export async function invoke(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const { ids, clock } = integration;
  try {
    const parameters = isObject(request.input) ? request.input : {};
    const unknown = Object.keys(parameters).find((name) => !MEMBERS.includes(name));
    if (unknown !== undefined) throw notImplemented(`lambda:invoke with ${unknown}`);
    const result = await invokeAs(request, parameters, integration);
    if (result.functionError) return report.failed(functionFailure(result));
    const { executedVersion, payload, statusCode } = result;
    const answer = {
      ...(executedVersion !== undefined && { ExecutedVersion: executedVersion }),
      Payload: jsonOr(payload),
      ...sdkMetadata('lambda', { body: payload, requestId: ids.uuid(), clock, statusCode, executedVersion }),
      StatusCode: statusCode,
    };
    if (request.token !== undefined) report.submitted(answer);
    else report.succeeded(answer);
  } catch (error) {
    report.failed(optimisedFailure('lambda', error, ids.uuid()));
  }
}

async function invokeAs(
  request: TaskRequest,
  parameters: Record<string, unknown>,
  { services, region, accountId }: Integration,
): Promise<LambdaResult> {
  const { FunctionName: name, Qualifier: qualifier, Payload: given, InvocationType: type, ClientContext } = parameters;
  const arn = functionArn(String(name ?? ''), qualifier, region, accountId);
  const payload = given === undefined ? '{}' : JSON.stringify(given);
  const principal = taskPrincipal(request);
  switch (type ?? 'RequestResponse') {
    case 'RequestResponse':
      return services.invokeLambda(arn, payload, principal, clientContext(ClientContext));
    case 'Event':
      await services.queueLambda(arn, payload, principal);
      return { statusCode: 202, payload: '' };
    case 'DryRun': {
      const { statusCode } = await services.callRest(
        'lambda',
        {
          method: 'POST',
          rawPath: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
          query: new URLSearchParams(),
          headers: { 'x-amz-invocation-type': 'DryRun' },
          body: Readable.from([Buffer.from(payload)]),
        },
        principal,
      );
      return { statusCode, payload: '' };
    }
    default:
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${String(type)}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
      );
  }
}

/** Base64 of JSON, as the API takes it. */
function clientContext(text: unknown): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(String(text), 'base64').toString('utf8'));
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.');
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
function functionFailure({ payload }: LambdaResult): Failure {
  const answer = jsonOr(payload);
  if (isObject(answer) && typeof answer.errorType === 'string') return { error: answer.errorType, cause: payload };
  return {
    error: 'Lambda.Unknown',
    cause: `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`,
  };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
