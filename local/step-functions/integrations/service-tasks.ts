import { AwsError, notImplemented } from '../../aws-error.ts';
import type { JsonObject, OperationService } from '../../service.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { isObject } from '../language/jsonpath.ts';
import { plainAnswer, sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { optimisedFailure, sdkFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

type ServiceName = OperationService['name'];

/** SDK names of the services that can be asked in this process. */
export const SDK_SERVICES: Readonly<Record<string, ServiceName>> = {
  dynamodb: 'dynamodb',
  eventbridge: 'events',
  kms: 'kms',
  sfn: 'states',
  sqs: 'sqs',
  sts: 'sts',
};

const pascal = (name: string): string => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
const camel = (name: string): string => `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`;

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value) || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]));
}

/** `aws-sdk:SERVICE:action`. Step Functions' own API spells its members small; the language spells all of them large. */
export async function callSdk(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const { resource } = request;
  if (resource.kind !== 'Task') return;
  const name = resource.resourceType.slice('aws-sdk:'.length);
  try {
    const service = SDK_SERVICES[name];
    if (!service) throw notImplemented(resource.resourceType);
    const small = service === 'states';
    const input = (small ? renamed(request.input, camel) : request.input) as JsonObject;
    const answer = await integration.services.callOperation(
      service,
      pascal(resource.action),
      input,
      taskPrincipal(request),
    );
    const result = plainAnswer(small ? renamed(answer, pascal) : answer);
    if (request.token !== undefined) report.submitted(result);
    else report.succeeded(result);
  } catch (error) {
    report.failed(sdkFailure(name, error, integration.ids.uuid()));
  }
}

/** `dynamodb:putItem` and its three kin: the API as it is, with the answer's HTTP side. */
export function callDynamoDb(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const action = request.resource.kind === 'Task' ? pascal(request.resource.action) : '';
  return optimised(request, report, integration, 'dynamodb', 'dynamodb', action, request.input as JsonObject);
}

/** `sqs:sendMessage`: a body that is no string is sent as its JSON. */
export function sendMessage(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const parameters = isObject(request.input) ? request.input : {};
  const { MessageBody: body } = parameters;
  const input =
    body === undefined || typeof body === 'string' ? parameters : { ...parameters, MessageBody: JSON.stringify(body) };
  return optimised(request, report, integration, 'sqs', 'sqs', 'SendMessage', input);
}

/** `events:putEvents`: a refused entry fails the task as `EventBridge.FailedEntry`; each event names the execution among its resources. */
export function putEvents(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const parameters = isObject(request.input) ? request.input : {};
  const entries = Array.isArray(parameters.Entries) ? parameters.Entries : [];
  const { arn, stateMachineArn } = request.execution;
  const input = {
    ...parameters,
    Entries: entries.map((entry: unknown) => {
      const { Detail: detail, Resources: resources, ...rest } = (isObject(entry) ? entry : {}) as JsonObject;
      return {
        ...rest,
        ...(detail !== undefined && { Detail: typeof detail === 'string' ? detail : JSON.stringify(detail) }),
        Resources: [...(Array.isArray(resources) ? resources : []), arn, stateMachineArn],
      };
    }),
  };
  return optimised(request, report, integration, 'events', 'events', 'PutEvents', input, (answer) =>
    Number(answer.FailedEntryCount) > 0
      ? {
          error: 'EventBridge.FailedEntry',
          cause: JSON.stringify({ Entries: answer.Entries, FailedEntryCount: answer.FailedEntryCount }),
        }
      : undefined,
  );
}

async function optimised(
  request: TaskRequest,
  report: TaskReport,
  integration: Integration,
  resourceType: string,
  service: ServiceName,
  operation: string,
  input: JsonObject,
  failureIn: (answer: JsonObject) => { error: string; cause: string } | undefined = () => undefined,
): Promise<void> {
  const { services, ids, clock } = integration;
  try {
    if (!isObject(input))
      throw new AwsError('ValidationException', `The parameters of ${resourceType} are not an object.`);
    const answer = plainAnswer(
      await services.callOperation(service, operation, input, taskPrincipal(request)),
    ) as JsonObject;
    const failure = failureIn(answer);
    if (failure) return report.failed(failure);
    const result = { ...answer, ...sdkMetadata(JSON.stringify(answer), ids.uuid(), clock) };
    if (request.token !== undefined) report.submitted(result);
    else report.succeeded(result);
  } catch (error) {
    report.failed(optimisedFailure(resourceType, error, ids.uuid()));
  }
}
