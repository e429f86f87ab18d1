import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobRequest,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  ListTagsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const IMAGE = 'local://trainer';
const TRAINER = `
import { readFileSync, writeFileSync, readdirSync, mkdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
const env = process.env;
const json = (name) => JSON.parse(readFileSync(env.SM_INPUT_CONFIG_DIR + '/' + name + '.json', 'utf8'));
const parameters = json('hyperparameters');
const mark = (what) => env.MARKS && writeFileSync(env.MARKS + '-' + what, '');
console.log('arguments ' + process.argv.slice(2).join(' '));
console.error('to standard error');
switch (parameters.do) {
  case 'train':
    writeFileSync(env.SM_MODEL_DIR + '/model.json', JSON.stringify({
      rows: readFileSync(env.SM_CHANNEL_TRAIN + '/rows.csv', 'utf8'),
      files: readdirSync(env.SM_CHANNEL_TRAIN, { recursive: true }).sort(),
      parameters,
      rate: env.SM_HP_LEARNING_RATE,
      resource: json('resourceconfig').current_host,
      channels: json('inputdataconfig'),
      given: env.GIVEN,
      variables: Object.keys(env).sort(),
    }));
    writeFileSync(env.SM_OUTPUT_DATA_DIR + '/metrics.json', '{}');
    break;
  case 'fail':
    writeFileSync(env.SM_OUTPUT_DIR + '/failure', 'x'.repeat(2000));
    process.exit(3);
  case 'stop-politely':
    process.on('SIGTERM', () => { writeFileSync(env.SM_MODEL_DIR + '/half', 'half'); process.exit(0); });
    console.log('ready');
    setInterval(() => {}, 1000);
    break;
  case 'ignore':
    process.on('SIGTERM', () => mark('ignored'));
    mark('ready');
    console.log('ready');
    setInterval(() => {}, 1000);
}
`;

let runtime: TestRuntime | undefined;
let programs: string | undefined;
afterEach(async () => {
  await runtime?.dispose();
  if (programs) rmSync(programs, { recursive: true, force: true });
  runtime = undefined;
});

class World {
  readonly runtime: TestRuntime;
  readonly client: SageMakerClient;
  readonly role: string;

  constructor(running: TestRuntime, role: string) {
    this.runtime = running;
    this.client = new SageMakerClient(running.client(DEV));
    this.role = role;
  }

  request(name: string, what: string, more: Partial<CreateTrainingJobRequest> = {}): CreateTrainingJobRequest {
    return {
      TrainingJobName: name,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
      RoleArn: this.role,
      HyperParameters: { do: what },
      OutputDataConfig: { S3OutputPath: 's3://models/runs/' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      ...more,
    };
  }

  create(name: string, what: string, more: Partial<CreateTrainingJobRequest> = {}) {
    return this.client.send(new CreateTrainingJobCommand(this.request(name, what, more)));
  }

  describe(name: string) {
    return this.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  }

  async until(name: string, holds: (job: DescribeTrainingJobCommandOutput) => boolean) {
    for (;;) {
      const job = await this.describe(name);
      if (holds(job)) return job;
    }
  }

  ended(name: string) {
    return this.until(name, ({ TrainingJobStatus: status }) => status !== 'InProgress' && status !== 'Stopping');
  }

  /** The program has said that it is ready for what comes. */
  async ready(name: string): Promise<void> {
    while (!this.lines(name).includes('ready')) await this.describe(name);
  }

  lines(name: string): unknown[] {
    return this.runtime
      .store(DEV)
      .db.prepare('SELECT message FROM logs_entries WHERE request_id = ?')
      .all(name)
      .map(({ message }) => message);
  }

  /** The file of an archive in the bucket `models`. */
  async unpacked(uri: string, file: string): Promise<string> {
    const key = uri.replace('s3://models/', '');
    const { Body } = await new S3Client(this.runtime.client(DEV)).send(
      new GetObjectCommand({ Bucket: 'models', Key: key }),
    );
    const archive = join(programs as string, 'unpack.tar.gz');
    writeFileSync(archive, (await Body?.transformToByteArray()) ?? new Uint8Array());
    return execFileSync('tar', ['-xzOf', archive, file], { encoding: 'utf8' });
  }
}

async function world(options: { clock?: VirtualClock; directory?: string } = {}): Promise<World> {
  programs ??= mkdtempSync(join(tmpdir(), 'sluice-trainer-'));
  mkdirSync(programs, { recursive: true });
  const program = join(programs, 'trainer.mjs');
  writeFileSync(program, TRAINER);
  runtime = await startTestRuntime({
    ...options,
    trainingImages: { [IMAGE]: { command: [process.execPath, program] } },
  });
  const { attributes } = await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName: 'trainer',
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      { PolicyName: 's3', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] } },
    ],
  });
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'models' }, 'Models');
  return new World(runtime, attributes.Arn as string);
}

const channel = (uri: string): CreateTrainingJobRequest['InputDataConfig'] => [
  {
    ChannelName: 'train',
    ContentType: 'text/csv',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri, S3DataDistributionType: 'FullyReplicated' } },
  },
];

test('a job reads its channel, trains under the container’s contract and leaves its model, with an event for each status', async () => {
  const at = await world();
  const s3 = new S3Client(at.runtime.client(DEV));
  for (const [Key, Body] of [
    ['data/rows.csv', '1,2\n'],
    ['data/deep/more rows+.csv', '3,4\n'],
    ['data/deep/', ''],
    ['database', 'not in the channel'],
  ] as const)
    await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body: Buffer.from(Body) }));
  const { physicalId: QueueUrl, attributes } = await at.runtime.put(
    DEV,
    'AWS::SQS::Queue',
    { QueueName: 'told' },
    'Told',
  );
  await at.runtime.put(DEV, 'AWS::SQS::QueuePolicy', {
    Queues: [QueueUrl],
    PolicyDocument: {
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
      ],
    },
  });
  await at.runtime.put(
    DEV,
    'AWS::Events::Rule',
    {
      EventPattern: { source: ['aws.sagemaker'] },
      Targets: [{ Id: 'queue', Arn: attributes.Arn }],
    },
    'Rule',
  );
  const { TrainingJobArn } = await at.create('First-job', 'train', {
    HyperParameters: { do: 'train', 'learning-rate': '0.10' },
    Environment: { GIVEN: 'by the job', SM_MODEL_DIR: '/elsewhere' },
    InputDataConfig: channel('s3://models/data/'),
    Tags: [{ Key: 'team', Value: 'a' }],
  });
  expect(TrainingJobArn).toBe(`arn:aws:sagemaker:${REGION}:${DEV}:training-job/first-job`);
  const job = await at.ended('First-job');
  expect(job, job.FailureReason).toMatchObject({
    TrainingJobStatus: 'Completed',
    SecondaryStatus: 'Completed',
    ModelArtifacts: { S3ModelArtifacts: 's3://models/runs/First-job/output/model.tar.gz' },
    HyperParameters: { do: 'train', 'learning-rate': '0.10' },
    EnableManagedSpotTraining: false,
  });
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
    'Starting',
    'Downloading',
    'Training',
    'Uploading',
    'Completed',
  ]);
  expect(job.SecondaryStatusTransitions?.every(({ EndTime }) => EndTime instanceof Date)).toBe(true);

  const model = JSON.parse(await at.unpacked('s3://models/runs/First-job/output/model.tar.gz', 'model.json'));
  expect(model).toMatchObject({
    rows: '1,2\n',
    files: ['deep', 'deep/more rows+.csv', 'rows.csv'],
    parameters: { do: 'train', 'learning-rate': '0.10' },
    rate: '0.10',
    resource: 'algo-1',
    channels: { train: { ContentType: 'text/csv', TrainingInputMode: 'File' } },
    given: 'by the job',
  });
  expect(model.variables).toContain('TRAINING_JOB_NAME');
  // What the runtime was started with is none of the program's business.
  const inherited = Object.keys(process.env).filter((name) => !['PATH', 'HOME', 'LANG', 'TZ'].includes(name));
  const ofSageMaker = /^(AWS_|SM_|SAGEMAKER_|TRAINING_JOB_|GIVEN$|__CF)/;
  expect(inherited.filter((name) => model.variables.includes(name) && !ofSageMaker.test(name))).toEqual([]);
  expect(await at.unpacked('s3://models/runs/First-job/output/output.tar.gz', 'data/metrics.json')).toBe('{}');
  expect(readdirSync(join(at.runtime.directory, DEV, 'training-jobs'))).toEqual([]);

  const told: { detail: Record<string, unknown>; resources: string[] }[] = [];
  const sqs = new SQSClient(at.runtime.client(DEV));
  while (told.length < 5) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }),
    );
    told.push(...(Messages ?? []).map(({ Body }) => JSON.parse(Body ?? '')));
  }
  expect(new Set(told.map(({ detail }) => detail.SecondaryStatus))).toEqual(
    new Set(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']),
  );
  const last = told.find(({ detail }) => detail.TrainingJobStatus === 'Completed');
  expect(last).toMatchObject({
    'detail-type': 'SageMaker Training Job State Change',
    resources: [TrainingJobArn],
    detail: {
      TrainingJobName: 'First-job',
      CreationTime: job.CreationTime?.getTime(),
      OutputDataConfig: { S3OutputPath: 's3://models/runs/' },
      Tags: { team: 'a' },
    },
  });
  const { Tags } = await at.client.send(new ListTagsCommand({ ResourceArn: TrainingJobArn }));
  expect(Tags).toEqual([{ Key: 'team', Value: 'a' }]);
});

test('a program that fails is told of in its own words, cut at 1,024 characters, with its exit code', async () => {
  const at = await world();
  await at.create('failing', 'fail');
  const { TrainingJobStatus, FailureReason, ModelArtifacts } = await at.ended('failing');
  while (at.lines('failing').length < 2) await at.describe('failing');
  expect(new Set(at.lines('failing'))).toEqual(new Set(['arguments train', 'to standard error']));
  expect({ TrainingJobStatus, ModelArtifacts }).toEqual({ TrainingJobStatus: 'Failed', ModelArtifacts: undefined });
  expect(FailureReason).toMatch(/^AlgorithmError: x+, exit code: 3$/);
  expect(FailureReason).toHaveLength(1024);
  expect(await at.unpacked('s3://models/runs/failing/output/output.tar.gz', 'failure')).toBe('x'.repeat(2000));
});

test('a channel that has no data fails the job before it trains', async () => {
  const at = await world();
  await at.create('no-data', 'train', { InputDataConfig: channel('s3://models/nothing/') });
  const { FailureReason, SecondaryStatusTransitions } = await at.ended('no-data');
  expect(FailureReason).toBe(
    'ClientError: Data download failed for channel train: NoSuchKey: no object has the prefix s3://models/nothing/',
  );
  expect(SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual(['Starting', 'Downloading', 'Failed']);
});

test('a job that is stopped may tidy up, and what it has made is kept', async () => {
  const at = await world();
  await at.create('polite', 'stop-politely');
  await at.ready('polite');
  await at.client.send(new StopTrainingJobCommand({ TrainingJobName: 'polite' }));
  const job = await at.ended('polite');
  expect(job.TrainingJobStatus).toBe('Stopped');
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
    'Starting',
    'Training',
    'Stopping',
    'Uploading',
    'Stopped',
  ]);
  expect(await at.unpacked(job.ModelArtifacts?.S3ModelArtifacts ?? '', 'half')).toBe('half');
  await expect(at.client.send(new StopTrainingJobCommand({ TrainingJobName: 'polite' }))).rejects.toThrow(
    'The request was rejected because the training job is in status Stopped.',
  );
});

test('one that ignores SIGTERM is killed 120 seconds after it was asked, and so is one that runs too long', async () => {
  const clock = new VirtualClock(Date.now());
  const at = await world({ clock });
  const marks = join(programs as string, 'stubborn');
  await at.create('stubborn', 'ignore', {
    Environment: { MARKS: marks },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  });
  // The clock stands still until the program has come that far.
  const marked = async (what: string) => {
    while (!existsSync(`${marks}-${what}`)) await new Promise((resolve) => setImmediate(resolve));
  };
  const store = () =>
    JSON.parse(at.runtime.store(DEV).db.prepare('SELECT job FROM sagemaker_training_jobs').get()?.job as string) as {
      status: string;
      transitions: { status: string }[];
    };
  await marked('ready');
  clock.advance(3_600_000);
  await marked('ignored');
  clock.advance(119_999);
  expect(store().status).toBe('InProgress');
  clock.advance(1);
  while (store().status === 'InProgress') await new Promise((resolve) => setImmediate(resolve));
  expect(store()).toMatchObject({ status: 'Stopped' });
  expect(store().transitions.at(-1)?.status).toBe('MaxRuntimeExceeded');
});

test('a job whose runtime ended is Failed by the next one, or begun anew where its RetryStrategy says so', async () => {
  const at = await world();
  await at.create('lost', 'ignore');
  await at.create('again', 'ignore', { RetryStrategy: { MaximumRetryAttempts: 1 } });
  await at.ready('lost');
  await at.ready('again');
  const { directory } = at.runtime;
  await at.runtime.stop();
  const next = await world({ directory });
  const lost = await next.ended('lost');
  expect(lost.TrainingJobStatus).toBe('Failed');
  expect(lost.FailureReason).toMatch(/^InternalServerError: The local runtime ended while the training job ran/);
  const again = await next.until('again', ({ SecondaryStatus }) => SecondaryStatus === 'Training');
  expect(again.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
    'Starting',
    'Training',
    'Restarting',
    'Training',
  ]);
});

test('what is not done is refused by name, and nothing is made of it', async () => {
  const at = await world();
  const refused = async (more: Partial<CreateTrainingJobRequest>) =>
    at.create('refused', 'train', more).then(
      () => 'made',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const notDone = /^NotImplemented: .*is not implemented by Sluice's local runtime/;
  expect(
    await refused({ AlgorithmSpecification: { TrainingImage: '1.dkr.ecr/x:1', TrainingInputMode: 'File' } }),
  ).toMatch(/^NotImplemented: The training image 1.dkr.ecr\/x:1 .*local:\/\/trainer/);
  expect(await refused({ AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'Pipe' } })).toMatch(
    /TrainingInputMode Pipe is not implemented/,
  );
  expect(await refused({ EnableManagedSpotTraining: true })).toMatch(/EnableManagedSpotTraining is not implemented/);
  expect(await refused({ VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['s-1'] } })).toMatch(notDone);
  expect(await refused({ CheckpointConfig: { S3Uri: 's3://models/c' } })).toMatch(notDone);
  expect(await refused({ RoleArn: `arn:aws:iam::${DEV}:role/none` })).toMatch(
    /^ValidationException: Could not assume role .*role\/none/,
  );
  expect(await refused({ TrainingJobName: 'not a name' })).toMatch(/^ValidationException: .*'trainingJobName'/);
  const { TrainingJobSummaries } = await at.client.send(new ListTrainingJobsCommand({}));
  expect(TrainingJobSummaries).toEqual([]);
  await expect(at.describe('refused')).rejects.toThrow('Requested resource not found.');
});

test('a name is used once, whatever became of the job', async () => {
  const at = await world();
  await at.create('once', 'none');
  await at.ended('once');
  await expect(at.create('ONCE', 'none')).rejects.toMatchObject({ name: 'ResourceInUse' });
});
