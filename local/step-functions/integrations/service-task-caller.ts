import { parseArn } from '../../arn.ts';
import type { TaskCaller, TaskReport, TaskRequest } from '../engine/task-caller.ts';
import type { TaskResource } from '../interpreter/resource.ts';
import { functionsAhead } from './functions-ahead.ts';
import type { Integration } from './integration.ts';
import { invoke, invokeByArn } from './lambda-task.ts';
import { resumeNested, startNested } from './nested-execution.ts';
import { callDynamoDb, callSdk, putEvents, SDK_SERVICES, sendMessage } from './service-tasks.ts';

type Call = (request: TaskRequest, report: TaskReport, integration: Integration) => Promise<void>;

const OPTIMISED: Readonly<Record<string, Call>> = {
  'lambda:invoke': invoke,
  'sqs:sendMessage': sendMessage,
  'events:putEvents': putEvents,
  'dynamodb:getItem': callDynamoDb,
  'dynamodb:putItem': callDynamoDb,
  'dynamodb:updateItem': callDynamoDb,
  'dynamodb:deleteItem': callDynamoDb,
};

const START_EXECUTION = 'states:startExecution';

/** `SERVICE:ACTION` of the optimised integrations that are done here. */
export const OPTIMISED_TASKS: readonly string[] = [START_EXECUTION, ...Object.keys(OPTIMISED)];

const nothingToGiveUp = () => {};

/** Does tasks by asking the services of this process, as the state machine's role. */
export class ServiceTaskCaller implements TaskCaller {
  readonly #integration: Integration;

  constructor(integration: Integration) {
    this.#integration = integration;
  }

  supports(resource: TaskResource): boolean {
    if (resource.kind !== 'Task') return true;
    if (resource.resourceType.startsWith('aws-sdk:'))
      return Object.hasOwn(SDK_SERVICES, resource.resourceType.slice('aws-sdk:'.length));
    const name = `${resource.resourceType}:${resource.action}`;
    return name === START_EXECUTION || Object.hasOwn(OPTIMISED, name);
  }

  call(request: TaskRequest, report: TaskReport): () => void {
    const { resource } = request;
    // While this task is done, Lambda can load what comes after it.
    for (const arn of functionsAhead(request.execution.definition, request.stateName)) {
      // Another account's function is loaded when its policy has let the call through, not before.
      if (parseArn(arn)?.accountId === this.#integration.accountId) this.#integration.services.expectLambda(arn);
    }
    // An activity's task waits for a worker's GetActivityTask.
    if (resource.kind === 'Activity') return nothingToGiveUp;
    // AWS would ask the other account whether the role trusts this one; unasked, every role of every account could be acted as.
    if (parseArn(request.roleArn)?.accountId !== this.#integration.accountId) {
      report.failed({
        error: 'States.Runtime',
        cause: `Credentials with a role of another account (${request.roleArn}) are not implemented by Sluice's local runtime. See local/SUPPORT.md.`,
      });
      return nothingToGiveUp;
    }
    if (resource.kind === 'LambdaFunction') {
      void invokeByArn(request, report, this.#integration);
      return nothingToGiveUp;
    }
    const name = `${resource.resourceType}:${resource.action}`;
    if (name === START_EXECUTION) return startNested(request, report, this.#integration);
    const call = resource.resourceType.startsWith('aws-sdk:') ? callSdk : OPTIMISED[name];
    if (call) void call(request, report, this.#integration);
    else
      report.failed({
        error: 'States.Runtime',
        cause: `The resource ${name} is not implemented by Sluice's local runtime.`,
      });
    return nothingToGiveUp;
  }

  resume(request: TaskRequest, submitted: unknown, report: TaskReport): () => void {
    const { resource } = request;
    const waits = resource.kind === 'Task' && resource.resourceType === 'states' && resource.pattern.startsWith('sync');
    return waits ? resumeNested(request, submitted, report, this.#integration) : nothingToGiveUp;
  }
}
