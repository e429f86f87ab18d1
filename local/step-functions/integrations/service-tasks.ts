import { AwsError } from '../../aws-error.ts';
import type { JsonObject } from '../../service.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { isObject } from '../language/jsonpath.ts';
import { plainAnswer, sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { optimisedFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

const pascal = (name: string): string => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;

/** `dynamodb:putItem` and its three kin: the API as it is, with the answer's HTTP side. */
export function callDynamoDb(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const action = request.resource.kind === 'Task' ? pascal(request.resource.action) : '';
  return optimised(request, report, integration, 'dynamodb', action, request.input as JsonObject);
}

/** `sqs:sendMessage`: a body that is no string is sent as its JSON. */
export function sendMessage(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const parameters = isObject(request.input) ? request.input : {};
  const { MessageBody: body } = parameters;
  const input =
    body === undefined || typeof body === 'string' ? parameters : { ...parameters, MessageBody: JSON.stringify(body) };
  return optimised(request, report, integration, 'sqs', 'SendMessage', input);
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
  return optimised(request, report, integration, 'events', 'PutEvents', input, (answer) =>
    Number(answer.FailedEntryCount) > 0
      ? {
          error: 'EventBridge.FailedEntry',
          cause: JSON.stringify({ Entries: answer.Entries, FailedEntryCount: answer.FailedEntryCount }),
        }
      : undefined,
  );
}

const ANSWER_STYLES = { dynamodb: 'dynamodb', sqs: 'json-1.0', events: 'json-1.1' } as const;

async function optimised(
  request: TaskRequest,
  report: TaskReport,
  integration: Integration,
  service: 'dynamodb' | 'sqs' | 'events',
  operation: string,
  input: JsonObject,
  failureIn: (answer: JsonObject) => { error: string; cause: string } | undefined = () => undefined,
): Promise<void> {
  const { services, ids, clock } = integration;
  try {
    if (!isObject(input)) throw new AwsError('ValidationException', `The parameters of ${service} are not an object.`);
    const answer = plainAnswer(
      await services.callOperation(service, operation, input, taskPrincipal(request)),
    ) as JsonObject;
    const failure = failureIn(answer);
    if (failure) return report.failed(failure);
    const facts = { body: JSON.stringify(answer), requestId: ids.uuid(), clock };
    const result = { ...answer, ...sdkMetadata(ANSWER_STYLES[service], facts) };
    if (request.token !== undefined) report.submitted(result);
    else report.succeeded(result);
  } catch (error) {
    report.failed(optimisedFailure(service, error, ids.uuid()));
  }
}
