import { join } from 'node:path';
import { AwsError } from '../aws-error.ts';
import type { IssueRoleCredentials } from '../iam/credentials.ts';
import type { Logs } from '../logs/logs.ts';
import type { AccountContext, Services } from '../service.ts';
import { JobFolder } from './job-folder.ts';
import { JobProcess, killLeftBehind, type ProcessEnd, startOfProcess } from './job-process.ts';
import { isEmptyFolder, JobStorage } from './job-storage.ts';
import type { TrainingImage } from './training-image.ts';
import type { TrainingJob } from './training-job.ts';
import type { TrainingJobs } from './training-jobs.ts';

export interface TrainingRunDeps {
  readonly ctx: AccountContext;
  readonly services: Services;
  readonly jobs: TrainingJobs;
  readonly logs: Logs;
  readonly issueRoleCredentials: IssueRoleCredentials;
  readonly runtimeUrl: () => string;
}

export const LOG_GROUP = '/aws/sagemaker/TrainingJobs';

/** As long as a role session can be: a job that runs longer loses its credentials. */
const LONGEST_SESSION_SECONDS = 43_200;
const MOST_REASON_CHARACTERS = 1024;

/** What ends a job before its time. */
type Interruption = 'Stopped' | 'MaxRuntimeExceeded';

interface JobEnd {
  readonly status: 'Completed' | 'Failed' | Interruption;
  readonly failureReason?: string;
}

/** One job from its beginning to its end: download, train, upload. Whatever goes wrong ends it as Failed, with the reason. */
export class TrainingRun {
  readonly #deps: TrainingRunDeps;
  readonly #job: TrainingJob;
  readonly #image: TrainingImage;
  readonly #abort = new AbortController();
  #interruption: Interruption | undefined;
  #process: JobProcess | undefined;
  #abandoned = false;

  constructor(deps: TrainingRunDeps, job: TrainingJob, image: TrainingImage) {
    this.#deps = deps;
    this.#job = job;
    this.#image = image;
  }

  /** StopTrainingJob, once the job is Stopping. */
  stop(): void {
    this.#interrupt('Stopped');
  }

  /** The runtime stops: the process ends, and the job is left as a kill of the runtime would leave it. */
  abandon(): void {
    this.#abandoned = true;
    this.#abort.abort();
    this.#process?.kill();
  }

  async run(): Promise<void> {
    const { ctx, jobs } = this.#deps;
    const { name } = this.#job.specification;
    const folder = folderOf(ctx, this.#job);
    const end = await this.#result(folder);
    if (this.#abandoned) return;
    // Before the job is over: then a runtime that is killed here leaves an open job, which takes its folder with it.
    await folder.remove().catch((error: unknown) => {
      ctx.log('warn', 'The folder of a training job could not be removed', { job: name, error: String(error) });
    });
    const { trainingStartMs, trainingEndMs } = jobs.require(name);
    const ended =
      trainingStartMs !== undefined && trainingEndMs === undefined ? { trainingEndMs: ctx.clock.now() } : {};
    const { status, failureReason } = end;
    jobs.enter(name, status, { ...ended, ...(failureReason !== undefined && { failureReason }) });
  }

  async #result(folder: JobFolder): Promise<JobEnd> {
    const { specification } = this.#job;
    try {
      await endLeftBehind(this.#job);
      await folder.prepare(specification);
      const session = this.#openSession();
      const storage = new JobStorage(this.#deps.services, session.principal);
      const fault = await this.#work(folder, storage, session.variables);
      return fault === undefined
        ? { status: this.#interruption ?? 'Completed' }
        : { status: 'Failed', failureReason: fault };
    } catch (error) {
      if (this.#interruption && this.#abort.signal.aborted && !(error instanceof AwsError))
        return { status: this.#interruption };
      return { status: 'Failed', failureReason: reasonOf(error) };
    }
  }

  /** Why the job failed, if it did. */
  async #work(
    folder: JobFolder,
    storage: JobStorage,
    variables: Readonly<Record<string, string>>,
  ): Promise<string | undefined> {
    const { ctx, jobs } = this.#deps;
    const { specification } = this.#job;
    const { name, channels, output } = specification;
    if (channels.length > 0 && !this.#interruption) {
      jobs.enter(name, 'Downloading');
      for (const channel of channels) {
        await storage.download(channel, folder.channel(channel.name), this.#abort.signal).catch((error: unknown) => {
          if (this.#abort.signal.aborted) throw error;
          throw new Fault(`ClientError: Data download failed for channel ${channel.name}: ${messageOf(error)}`);
        });
      }
    }
    // It was stopped before there was anything to stop.
    if (this.#interruption || this.#abandoned) return undefined;
    const end = await this.#train(folder, variables);
    if (this.#abandoned) return undefined;
    const failed = end.exitCode !== 0 && this.#interruption === undefined;
    jobs.note(name, { trainingEndMs: ctx.clock.now() });
    jobs.enter(name, 'Uploading');
    const upload = (from: string, file: string) =>
      storage.upload(from, join(folder.root, file), output, `${name}/output/${file}`).catch((error: unknown) => {
        throw new Fault(`ClientError: Artifact upload failed: ${messageOf(error)}`);
      });
    const written = (await folder.failure()) !== undefined || !(await isEmptyFolder(join(folder.output, 'data')));
    if (written) await upload(folder.output, 'output.tar.gz');
    if (failed) return algorithmError(await folder.failure(), end);
    jobs.note(name, { modelUri: await upload(folder.model, 'model.tar.gz') });
    return undefined;
  }

  async #train(folder: JobFolder, variables: Readonly<Record<string, string>>): Promise<ProcessEnd> {
    const { ctx, jobs, logs } = this.#deps;
    const { specification } = this.#job;
    const { name, containerArguments, environment, maxRuntimeSeconds } = specification;
    const [program, ...args] = this.#image.command;
    jobs.enter(name, 'Training', { trainingStartMs: ctx.clock.now() });
    const training = new JobProcess(
      {
        program,
        args: [...args, ...containerArguments],
        directory: this.#image.directory ?? folder.root,
        // What belongs to SageMaker wins over what the job asks for.
        environment: { ...machineVariables(folder), ...environment, ...folder.variables(specification), ...variables },
      },
      ctx.clock,
      (message) => logs.append(LOG_GROUP, { atMs: ctx.clock.now(), requestId: name, message }),
    );
    this.#process = training;
    const { pid } = training;
    if (this.#abandoned) training.kill();
    else if (this.#interruption) training.stop();
    const deadline = ctx.clock.now() + maxRuntimeSeconds * 1000;
    const cancelDeadline = ctx.clock.at(deadline, () => this.#interrupt('MaxRuntimeExceeded'));
    const startedAt = pid === undefined ? undefined : await startOfProcess(pid);
    if (!this.#abandoned && pid !== undefined && startedAt !== undefined)
      jobs.note(name, { process: { pid, startedAt } });
    const end = await training.ended;
    cancelDeadline();
    return end;
  }

  #interrupt(interruption: Interruption): void {
    if (this.#interruption) return;
    this.#interruption = interruption;
    if (this.#process) this.#process.stop();
    else this.#abort.abort();
  }

  /** The role's own credentials are all that the program has of the runtime. */
  #openSession() {
    const { ctx, issueRoleCredentials, runtimeUrl } = this.#deps;
    const { specification, arn } = this.#job;
    const credentials = issueRoleCredentials({
      accountId: ctx.accountId,
      roleArn: specification.roleArn,
      sessionName: 'SageMaker',
      durationSeconds: LONGEST_SESSION_SECONDS,
    });
    return {
      principal: credentials.principal,
      variables: {
        TRAINING_JOB_NAME: specification.name,
        TRAINING_JOB_ARN: arn,
        AWS_REGION: ctx.region,
        AWS_DEFAULT_REGION: ctx.region,
        AWS_ENDPOINT_URL: runtimeUrl(),
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      },
    };
  }
}

const folderOf = (ctx: AccountContext, { specification }: TrainingJob): JobFolder =>
  new JobFolder(join(ctx.directory, 'training-jobs', specification.name));

/** A runtime that was killed may have left its training program running. */
async function endLeftBehind({ process: leftBehind }: TrainingJob): Promise<void> {
  if (leftBehind) await killLeftBehind(leftBehind);
}

/** Ends and removes what a runtime that was killed left of a job. */
export async function removeLeftBehind(ctx: AccountContext, job: TrainingJob): Promise<void> {
  await endLeftBehind(job);
  await folderOf(ctx, job).remove();
}

/** A reason that is told as it stands. */
class Fault extends Error {}

const messageOf = (error: unknown): string =>
  error instanceof AwsError
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error);

const reasonOf = (error: unknown): string =>
  (error instanceof Fault ? error.message : `ClientError: ${messageOf(error)}`).slice(0, MOST_REASON_CHARACTERS);

/** The program's own words, then how it ended; cut where DescribeTrainingJob cuts. */
function algorithmError(failure: string | undefined, { exitCode, problem }: ProcessEnd): string {
  if (problem !== undefined) return `ClientError: The training program could not be started: ${problem}`;
  const end = `, exit code: ${exitCode}`;
  return `AlgorithmError: ${failure ?? ''}`.slice(0, MOST_REASON_CHARACTERS - end.length) + end;
}

/** Of the runtime's environment a program gets where to find programs, and nothing else. */
const machineVariables = ({ root }: JobFolder): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  HOME: root,
  LANG: 'C.UTF-8',
  TZ: 'UTC',
});
