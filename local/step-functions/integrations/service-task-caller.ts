import { parseArn } from '../../arn.ts';
import type { TaskCaller, TaskReport, TaskRequest } from '../engine/task-caller.ts';
import type { TaskResource } from '../interpreter/resource.ts';
import { assumeTaskRole } from './assume-task-role.ts';
import { functionsAhead } from './functions-ahead.ts';
import type { Integration } from './integration.ts';
import { invoke, invokeByArn } from './lambda-task.ts';
import { resumeNested, startNested } from './nested-execution.ts';
import { supportsSdkAction } from './sdk-services.ts';
import { callSdk } from './sdk-task.ts';
import { callDynamoDb, putEvents, sendMessage } from './service-tasks.ts';
import { awaitTrainingJob, createTrainingJob } from './training-job-task.ts';

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
const CREATE_TRAINING_JOB = 'sagemaker:createTrainingJob';

/** `SERVICE:ACTION` of the optimised integrations that are done here. */
export const OPTIMISED_TASKS: readonly string[] = [START_EXECUTION, CREATE_TRAINING_JOB, ...Object.keys(OPTIMISED)];

const nothingToGiveUp = () => {};

/** Does tasks by asking the services of this process, as the state machine's role. */
export class ServiceTaskCaller implements TaskCaller {
  readonly #integration: Integration;

  constructor(integration: Integration) {
    this.#integration = integration;
  }

  supports(resource: TaskResource): boolean {
    if (resource.kind !== 'Task') return true;
    if (resource.resourceType.startsWith('aws-sdk:')) {
      const service = resource.resourceType.slice('aws-sdk:'.length);
      return supportsSdkAction(this.#integration.services, service, resource.action);
    }
    const name = `${resource.resourceType}:${resource.action}`;
    return OPTIMISED_TASKS.includes(name);
  }

  call(request: TaskRequest, report: TaskReport): () => void {
    // While this task is done, Lambda can load what comes after it.
    for (const arn of functionsAhead(request.execution.definition, request.stateName)) {
      // Another account's function is loaded when its policy has let the call through, not before.
      if (parseArn(arn)?.accountId === this.#integration.accountId) this.#integration.services.expectLambda(arn);
    }
    if (request.roleArn === request.execution.roleArn) return this.#call(request, report);
    let giveUp = nothingToGiveUp;
    let givenUp = false;
    void assumeTaskRole(request, this.#integration).then((refused) => {
      if (givenUp) return;
      if (refused) report.failed(refused);
      else giveUp = this.#call(request, report);
    });
    return () => {
      givenUp = true;
      giveUp();
    };
  }

  #call(request: TaskRequest, report: TaskReport): () => void {
    const { resource } = request;
    // An activity's task waits for a worker's GetActivityTask.
    if (resource.kind === 'Activity') return nothingToGiveUp;
    if (resource.kind === 'LambdaFunction') {
      void invokeByArn(request, report, this.#integration);
      return nothingToGiveUp;
    }
    const name = `${resource.resourceType}:${resource.action}`;
    if (name === START_EXECUTION) return startNested(request, report, this.#integration);
    if (name === CREATE_TRAINING_JOB) return createTrainingJob(request, report, this.#integration);
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
    if (resource.kind !== 'Task' || !resource.pattern.startsWith('sync')) return nothingToGiveUp;
    return resource.resourceType === 'states'
      ? resumeNested(request, submitted, report, this.#integration)
      : awaitTrainingJob(request, report, this.#integration);
  }
}
