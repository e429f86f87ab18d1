import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { requirePassRole } from '../iam/pass-role.ts';
import type { Role } from '../iam/roles.ts';
import {
  optionalChoice,
  optionalInteger,
  optionalText,
  requiredText,
  takeOnly,
  violation,
} from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import { describeJob, summarizeJob } from './describe.ts';
import { imageOf, type TrainingImages } from './training-image.ts';
import type { TrainingJob } from './training-job.ts';
import { jobName, readTrainingJob } from './training-job-input.ts';
import type { Tags, TrainingJobs } from './training-jobs.ts';
import type { TrainingRunner } from './training-runner.ts';

export interface TrainingOperationsDeps {
  readonly ctx: AccountContext;
  readonly jobs: TrainingJobs;
  readonly runner: TrainingRunner;
  readonly images: TrainingImages;
  readonly findRole: (roleArn: string) => Role | undefined;
}

const PAGE = 100;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations.html */
export function trainingOperations({ ctx, jobs, runner, images, findRole }: TrainingOperationsDeps): Operations {
  const permit = (call: Call, operation: string, resourceArn: string) =>
    authorize({ call, action: `sagemaker:${operation}`, resourceArn });

  return {
    CreateTrainingJob(input, call) {
      const specification = readTrainingJob(input);
      const tags = readTags(input.Tags);
      permit(call, 'CreateTrainingJob', jobs.arnOf(specification.name));
      passRole(specification.roleArn, call, ctx, findRole);
      imageOf(images, specification.image);
      const job = jobs.create(specification, tags);
      runner.begin(job);
      return { TrainingJobArn: job.arn };
    },

    DescribeTrainingJob(input, call) {
      takeOnly('DescribeTrainingJob', input, ['TrainingJobName']);
      const name = jobName(input);
      permit(call, 'DescribeTrainingJob', jobs.arnOf(name));
      return describeJob(jobs.require(name));
    },

    StopTrainingJob(input, call) {
      takeOnly('StopTrainingJob', input, ['TrainingJobName']);
      const name = jobName(input);
      permit(call, 'StopTrainingJob', jobs.arnOf(name));
      const job = jobs.require(name);
      if (job.status !== 'InProgress') {
        throw new AwsError(
          'ValidationException',
          `The request was rejected because the training job is in status ${job.status}.`,
        );
      }
      runner.stop(jobs.enter(name, 'Stopping'));
      return {};
    },

    ListTrainingJobs(input, call) {
      takeOnly('ListTrainingJobs', input, [
        'NextToken',
        'MaxResults',
        'CreationTimeAfter',
        'CreationTimeBefore',
        'LastModifiedTimeAfter',
        'LastModifiedTimeBefore',
        'NameContains',
        'StatusEquals',
        'SortBy',
        'SortOrder',
      ]);
      permit(call, 'ListTrainingJobs', '*');
      const found = sorted(jobs.list().filter(filterOf(input)), input);
      const from = Number(optionalText(input, 'NextToken') ?? 0);
      if (!Number.isInteger(from) || from < 0) throw new AwsError('ValidationException', 'Invalid pagination token.');
      const to = from + (optionalInteger(input, 'MaxResults', { least: 1, most: PAGE }) ?? 10);
      return {
        TrainingJobSummaries: found.slice(from, to).map(summarizeJob),
        ...(to < found.length && { NextToken: String(to) }),
      };
    },

    AddTags(input, call) {
      takeOnly('AddTags', input, ['ResourceArn', 'Tags']);
      const arn = taggedArn(input, jobs);
      permit(call, 'AddTags', arn);
      jobs.addTags(arn, readTags(input.Tags));
      return { Tags: tagList(jobs.tags(arn)) };
    },

    ListTags(input, call) {
      takeOnly('ListTags', input, ['ResourceArn', 'MaxResults', 'NextToken']);
      const arn = taggedArn(input, jobs);
      permit(call, 'ListTags', arn);
      return { Tags: tagList(jobs.tags(arn)) };
    },

    DeleteTags(input, call) {
      takeOnly('DeleteTags', input, ['ResourceArn', 'TagKeys']);
      const arn = taggedArn(input, jobs);
      permit(call, 'DeleteTags', arn);
      jobs.deleteTags(arn, Array.isArray(input.TagKeys) ? input.TagKeys.map(String) : []);
      return {};
    },
  };
}

/** The caller must be let pass the role, and the role must trust SageMaker. */
function passRole(
  roleArn: string,
  call: Call,
  ctx: AccountContext,
  findRole: (roleArn: string) => Role | undefined,
): void {
  const PassedToService = 'sagemaker.amazonaws.com';
  requirePassRole(call, roleArn, PassedToService);
  const role = findRole(roleArn);
  const service = { kind: 'service', accountId: ctx.accountId, arn: PassedToService, userId: PassedToService } as const;
  try {
    authorize({
      call: { ...call, principal: service, accountId: ctx.accountId },
      action: 'sts:AssumeRole',
      resourceArn: roleArn,
      resourcePolicy: role?.trustPolicy,
    });
  } catch {
    throw new AwsError(
      'ValidationException',
      `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${PassedToService}' to assume the role.`,
    );
  }
}

function filterOf(input: JsonObject): (job: TrainingJob) => boolean {
  const nameContains = optionalText(input, 'NameContains')?.toLowerCase();
  const status = optionalText(input, 'StatusEquals');
  const within = (ms: number, name: string) =>
    afterOf(input[`${name}After`]) <= ms && ms <= beforeOf(input[`${name}Before`]);
  return (job) =>
    (nameContains === undefined || job.specification.name.toLowerCase().includes(nameContains)) &&
    (status === undefined || job.status === status) &&
    within(job.createdAtMs, 'CreationTime') &&
    within(job.modifiedAtMs, 'LastModifiedTime');
}

/** Epoch seconds on the wire, ISO 8601 from a state machine. */
const toMs = (value: unknown): number => (typeof value === 'number' ? value * 1000 : Date.parse(String(value)));
const afterOf = (value: unknown): number => (value === undefined ? Number.NEGATIVE_INFINITY : toMs(value));
const beforeOf = (value: unknown): number => (value === undefined ? Number.POSITIVE_INFINITY : toMs(value));

function sorted(found: readonly TrainingJob[], input: JsonObject): readonly TrainingJob[] {
  const by = optionalChoice(input, 'SortBy', ['CreationTime', 'Name', 'Status'], 'CreationTime');
  const order = optionalChoice(input, 'SortOrder', ['Ascending', 'Descending'], 'Ascending');
  const keyOf = ({ specification, status }: TrainingJob) => (by === 'Name' ? specification.name : status);
  // In the order of creation already.
  const ascending = by === 'CreationTime' ? [...found] : found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return order === 'Ascending' ? ascending : ascending.reverse();
}

function readTags(value: unknown): Tags {
  if (value === undefined) return {};
  if (!Array.isArray(value)) throw violation("Value at 'tags'", 'Member must be a list');
  return Object.fromEntries(
    (value as JsonObject[]).map((tag) => [requiredText(tag, 'Key'), String(tag.Value ?? '')] as const),
  );
}

const tagList = (tags: Tags): JsonObject[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function taggedArn(input: JsonObject, jobs: TrainingJobs): string {
  const arn = requiredText(input, 'ResourceArn');
  const name = /:training-job\/([^/]+)$/.exec(arn)?.[1];
  if (name === undefined) throw notImplemented(`Tags of ${arn}, which is no training job,`);
  return jobs.require(name).arn;
}
