import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { AccountContext, Services } from '../service.ts';
import { stateChangeEvent } from './state-change-event.ts';
import {
  isOver,
  type SecondaryStatus,
  type TrainingJob,
  type TrainingJobStatus,
  type TrainingSpecification,
} from './training-job.ts';

export type Tags = Readonly<Record<string, string>>;

/** What the messages of the transitions say. */
const MESSAGES: Readonly<Record<SecondaryStatus, string>> = {
  Starting: 'Starting the training job',
  Downloading: 'Downloading input data',
  Training: 'Training image download completed. Training in progress.',
  Uploading: 'Uploading generated training model',
  Restarting: 'Restarting the training job',
  Stopping: 'Stopping the training job',
  Completed: 'Training job completed',
  Failed: 'Training job failed',
  Stopped: 'Training job stopped',
  MaxRuntimeExceeded: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
};

const STATUS_OF: Readonly<Partial<Record<SecondaryStatus, TrainingJobStatus>>> = {
  Stopping: 'Stopping',
  Completed: 'Completed',
  Failed: 'Failed',
  Stopped: 'Stopped',
  MaxRuntimeExceeded: 'Stopped',
};

/** One account's training jobs. Each change of status is on disk, with its event, when it returns. */
export class TrainingJobs {
  readonly #ctx: AccountContext;
  readonly #services: Pick<Services, 'emitServiceEvent'>;

  constructor(ctx: AccountContext, services: Pick<Services, 'emitServiceEvent'>) {
    this.#ctx = ctx;
    this.#services = services;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS sagemaker_training_jobs (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, over INTEGER NOT NULL, job TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS sagemaker_training_jobs_open ON sagemaker_training_jobs (name) WHERE over = 0;
      CREATE TABLE IF NOT EXISTS sagemaker_tags (
        arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)) STRICT;
    `);
  }

  arnOf(name: string): string {
    return formatArn('sagemaker', this.#ctx.region, this.#ctx.accountId, `training-job/${name.toLowerCase()}`);
  }

  /** Throws ResourceInUse when there is, or was, a job of this name. */
  create(specification: TrainingSpecification, tags: Tags): TrainingJob {
    const { clock, store } = this.#ctx;
    const arn = this.arnOf(specification.name);
    if (this.find(specification.name)) {
      throw new AwsError(
        'ResourceInUse',
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
    const now = clock.now();
    const job: TrainingJob = {
      arn,
      specification,
      status: 'InProgress',
      transitions: [{ status: 'Starting', startMs: now, message: MESSAGES.Starting }],
      createdAtMs: now,
      modifiedAtMs: now,
      restarts: 0,
    };
    store.transaction(() => {
      store
        .prepare('INSERT INTO sagemaker_training_jobs (name, over, job) VALUES (?, 0, ?)')
        .run(specification.name, JSON.stringify(job));
      this.addTags(arn, tags);
      this.#emit(job);
    });
    return job;
  }

  find(name: string): TrainingJob | undefined {
    const row = this.#ctx.store.prepare('SELECT job FROM sagemaker_training_jobs WHERE name = ?').get(name);
    return row && (JSON.parse(row.job as string) as TrainingJob);
  }

  /** Throws ValidationException, as AWS does for a job that is not there. */
  require(name: string): TrainingJob {
    const job = this.find(name);
    if (!job) throw new AwsError('ValidationException', 'Requested resource not found.');
    return job;
  }

  /** In the order in which they were made. */
  list(): readonly TrainingJob[] {
    return this.#ctx.store
      .prepare('SELECT job FROM sagemaker_training_jobs ORDER BY sequence')
      .all()
      .map((row) => JSON.parse(row.job as string) as TrainingJob);
  }

  open(): readonly TrainingJob[] {
    return this.#ctx.store
      .prepare('SELECT job FROM sagemaker_training_jobs WHERE over = 0 ORDER BY sequence')
      .all()
      .map((row) => JSON.parse(row.job as string) as TrainingJob);
  }

  /** The job enters a status, and the change is told on the default bus. */
  enter(name: string, status: SecondaryStatus, changes: Partial<TrainingJob> = {}): TrainingJob {
    const now = this.#ctx.clock.now();
    return this.#change(
      name,
      (job) => {
        const closed = job.transitions.map((one) => (one.endMs === undefined ? { ...one, endMs: now } : one));
        const ends = STATUS_OF[status] !== undefined && status !== 'Stopping';
        const transition = { status, startMs: now, ...(ends && { endMs: now }), message: MESSAGES[status] };
        // A job that is being stopped stays so while what it leaves behind is uploaded.
        const kept = job.status === 'Stopping' ? 'Stopping' : 'InProgress';
        return { ...job, ...changes, status: STATUS_OF[status] ?? kept, transitions: [...closed, transition] };
      },
      true,
    );
  }

  /** Notes something that no event tells of. */
  note(name: string, changes: Partial<TrainingJob>): TrainingJob {
    return this.#change(name, (job) => ({ ...job, ...changes }), false);
  }

  #change(name: string, change: (job: TrainingJob) => TrainingJob, tell: boolean): TrainingJob {
    const { store, clock } = this.#ctx;
    return store.transaction(() => {
      const job = { ...change(this.require(name)), modifiedAtMs: clock.now() };
      store
        .prepare('UPDATE sagemaker_training_jobs SET over = ?, job = ? WHERE name = ?')
        .run(isOver(job) ? 1 : 0, JSON.stringify(job), name);
      if (tell) this.#emit(job);
      return job;
    });
  }

  #emit(job: TrainingJob): void {
    this.#services.emitServiceEvent(this.#ctx.accountId, stateChangeEvent(job, this.tags(job.arn)));
  }

  tags(arn: string): Tags {
    const rows = this.#ctx.store.prepare('SELECT key, value FROM sagemaker_tags WHERE arn = ? ORDER BY key').all(arn);
    return Object.fromEntries(rows.map(({ key, value }) => [key as string, value as string]));
  }

  addTags(arn: string, tags: Tags): void {
    const insert = this.#ctx.store.prepare('INSERT OR REPLACE INTO sagemaker_tags VALUES (?, ?, ?)');
    this.#ctx.store.transaction(() => {
      for (const [key, value] of Object.entries(tags)) insert.run(arn, key, value);
    });
  }

  deleteTags(arn: string, keys: readonly string[]): void {
    const remove = this.#ctx.store.prepare('DELETE FROM sagemaker_tags WHERE arn = ? AND key = ?');
    this.#ctx.store.transaction(() => {
      for (const key of keys) remove.run(arn, key);
    });
  }
}
