import type { JsonObject } from '../service.ts';
import { describeJob, inMilliseconds } from './describe.ts';
import type { TrainingJob } from './training-job.ts';

/** https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html#eventbridge-training */
const MEMBERS = [
  'TrainingJobName',
  'TrainingJobArn',
  'TrainingJobStatus',
  'SecondaryStatus',
  'FailureReason',
  'HyperParameters',
  'ModelArtifacts',
  'AlgorithmSpecification',
  'RoleArn',
  'InputDataConfig',
  'OutputDataConfig',
  'ResourceConfig',
  'StoppingCondition',
  'CreationTime',
  'TrainingStartTime',
  'TrainingEndTime',
  'LastModifiedTime',
  'SecondaryStatusTransitions',
];

/** `SageMaker Training Job State Change`, once for each status that a job enters. */
export function stateChangeEvent(job: TrainingJob, tags: Readonly<Record<string, string>>) {
  const described = inMilliseconds(describeJob(job)) as JsonObject;
  return {
    source: 'aws.sagemaker',
    detailType: 'SageMaker Training Job State Change',
    resources: [job.arn],
    detail: {
      ...Object.fromEntries(
        MEMBERS.filter((name) => described[name] !== undefined).map((name) => [name, described[name]]),
      ),
      Tags: tags,
    },
  };
}
