import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

const IMAGE = 'local://trainer';
const TRAINER = `
import { readFileSync, writeFileSync } from 'node:fs';
const { SM_CHANNEL_TRAIN, SM_MODEL_DIR, SM_HP_RATE } = process.env;
if (SM_HP_RATE === 'endless') setInterval(() => {}, 1000);
else writeFileSync(SM_MODEL_DIR + '/model', SM_HP_RATE + ' ' + readFileSync(SM_CHANNEL_TRAIN + '/rows.csv', 'utf8'));
`;

let runtime: TestRuntime;
let cli: AwsCli;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-training-'));
  writeFileSync(join(folder, 'trainer.mjs'), TRAINER);
  const command = [process.execPath, join(folder, 'trainer.mjs')] as const;
  runtime = await startTestRuntime({ trainingImages: { [IMAGE]: { command } } });
  cli = new AwsCli(runtime, DEV, REGION);
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'models' }, 'Models');
  await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'trainer',
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      { PolicyName: 's3', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] } },
    ],
  });
});
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const sagemaker = (...words: string[]) => cli.json('sagemaker', ...words);
const create = (name: string, rate: string) =>
  sagemaker(
    ...['create-training-job', '--training-job-name', name, '--role-arn', `arn:aws:iam::${DEV}:role/trainer`],
    ...['--algorithm-specification', `TrainingImage=${IMAGE},TrainingInputMode=File`],
    ...['--hyper-parameters', `rate=${rate}`, '--output-data-config', 'S3OutputPath=s3://models/out'],
    ...['--resource-config', 'InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=1'],
    ...['--stopping-condition', 'MaxRuntimeInSeconds=60', '--input-data-config'],
    JSON.stringify([
      { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://models/data/' } } },
    ]),
  );

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 180_000 }, () => {
  it.skipIf(awscliMissing)('trains, waits for the end, and finds the model in the bucket', async () => {
    writeFileSync(join(folder, 'rows.csv'), '1,2\n');
    await cli.text('s3', 'cp', join(folder, 'rows.csv'), 's3://models/data/rows.csv');
    const { TrainingJobArn } = (await create('first', '0.1')) as { TrainingJobArn: string };
    const named = ['--training-job-name', 'first'];
    await sagemaker('wait', 'training-job-completed-or-stopped', ...named);
    const job = await sagemaker('describe-training-job', ...named);
    expect(job, String(job.FailureReason)).toMatchObject({
      TrainingJobStatus: 'Completed',
      ModelArtifacts: { S3ModelArtifacts: 's3://models/out/first/output/model.tar.gz' },
    });
    expect(await cli.text('s3', 'ls', 's3://models/out/first/output/')).toContain('model.tar.gz');

    const resource = ['--resource-arn', TrainingJobArn];
    await sagemaker('add-tags', ...resource, '--tags', 'Key=team,Value=risk', 'Key=old,Value=yes');
    await sagemaker('delete-tags', ...resource, '--tag-keys', 'old');
    expect(await sagemaker('list-tags', ...resource)).toEqual({ Tags: [{ Key: 'team', Value: 'risk' }] });
    expect(await sagemaker('list-training-jobs', '--status-equals', 'Completed')).toMatchObject({
      TrainingJobSummaries: [{ TrainingJobName: 'first' }],
    });
    await expect(create('first', '0.1')).rejects.toThrow(
      '(ResourceInUse) when calling the CreateTrainingJob operation',
    );
  });

  it.skipIf(awscliMissing)('stops a job that would not end', async () => {
    await create('endless', 'endless');
    const named = ['--training-job-name', 'endless'];
    await sagemaker('stop-training-job', ...named);
    await sagemaker('wait', 'training-job-completed-or-stopped', ...named);
    expect(await sagemaker('describe-training-job', ...named)).toMatchObject({ TrainingJobStatus: 'Stopped' });
  });
});
