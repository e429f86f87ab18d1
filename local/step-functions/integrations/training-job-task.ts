import { AwsError } from '../../aws-error.ts';
import type { JsonObject } from '../../service.ts';
import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { isObject } from '../language/jsonpath.ts';
import { sdkMetadata } from './answer.ts';
import type { Integration } from './integration.ts';
import { pollJob } from './poll-job.ts';
import { optimisedFailure } from './service-error.ts';
import { taskPrincipal } from './task-principal.ts';

const ENDED = ['Completed', 'Failed', 'Stopped'];

/** `sagemaker:createTrainingJob`, with or without `.sync`. Returns how to give it up: the job that it waits for is stopped. */
export function createTrainingJob(request: TaskRequest, report: TaskReport, integration: Integration): () => void {
  const { ids, clock } = integration;
  const waits = request.resource.kind === 'Task' && request.resource.pattern === 'sync';
  let cancel = () => {};
  let givenUp = false;
  const run = async () => {
    try {
      if (!isObject(request.input)) throw new AwsError('ValidationException', 'The parameters are not an object.');
      const body = { TrainingJobArn: await create(request, request.input, integration) };
      const facts = { body: JSON.stringify(body), requestId: ids.uuid(), clock };
      const answer = { ...sdkMetadata('json-1.1', facts), ...body };
      if (!waits) return report.succeeded(answer);
      report.submitted(answer);
      cancel = awaitTrainingJob(request, report, integration);
      if (givenUp) cancel();
    } catch (error) {
      report.failed(optimisedFailure('sagemaker', error, ids.uuid()));
    }
  };
  void run();
  return () => {
    givenUp = true;
    cancel();
  };
}

/** Makes the job; returns its ARN. A tag says which attempt of which execution it belongs to. */
async function create(request: TaskRequest, input: JsonObject, { services }: Integration): Promise<unknown> {
  const principal = taskPrincipal(request);
  const mark = { Key: 'StepFunctionsTask', Value: `${request.execution.arn}#${request.attemptId}`.slice(-256) };
  const tags = Array.isArray(input.Tags) ? input.Tags : [];
  try {
    const marked = { ...input, Tags: [...tags, mark] };
    return (await services.callOperation('sagemaker', 'CreateTrainingJob', marked, principal)).TrainingJobArn;
  } catch (error) {
    // After a crash the task is asked for again: the job that it had made by then is still its own.
    if (!(error instanceof AwsError) || error.code !== 'ResourceInUse') throw error;
    const ResourceArn = /\((arn:[^)]+)\)$/.exec(error.message)?.[1];
    const { Tags } = await services.callOperation('sagemaker', 'ListTags', { ResourceArn }, principal);
    const own = (Tags as (typeof mark)[]).some(({ Key, Value }) => Key === mark.Key && Value === mark.Value);
    if (!own) throw error;
    return ResourceArn;
  }
}

/** Waits for the job of a task that was submitted. */
export function awaitTrainingJob(
  request: TaskRequest,
  report: TaskReport,
  { services, clock, ids }: Integration,
): () => void {
  const principal = taskPrincipal(request);
  const { TrainingJobName } = request.input as JsonObject;
  let ended = false;
  const cancel = pollJob(
    clock,
    async () => {
      const job = await services.callOperation('sagemaker', 'DescribeTrainingJob', { TrainingJobName }, principal);
      return ENDED.includes(String(job.TrainingJobStatus)) ? job : undefined;
    },
    (job) => {
      ended = true;
      const description = inMilliseconds(job);
      if (job.TrainingJobStatus === 'Completed') report.succeeded(description);
      else report.failed({ error: 'States.TaskFailed', cause: JSON.stringify(description) });
    },
    (error) => {
      ended = true;
      report.failed(optimisedFailure('sagemaker', error, ids.uuid()));
    },
  );
  return () => {
    cancel();
    // It may have ended meanwhile, or may not be stopped by this role: nobody is left to tell.
    if (!ended)
      void services.callOperation('sagemaker', 'StopTrainingJob', { TrainingJobName }, principal).catch(() => {});
  };
}

/** The optimised integrations tell times in milliseconds. */
function inMilliseconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inMilliseconds(item)]));
}
