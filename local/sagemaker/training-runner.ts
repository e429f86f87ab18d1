import { AwsError } from '../aws-error.ts';
import { imageOf, type TrainingImages } from './training-image.ts';
import type { TrainingJob } from './training-job.ts';
import { removeLeftBehind, TrainingRun, type TrainingRunDeps } from './training-run.ts';

/**
 * The jobs that run now. A job that was under way when its runtime ended is begun anew as often as its RetryStrategy says, which is
 * what AWS does after an InternalServerError; without one it is Failed.
 */
export class TrainingRunner {
  readonly #deps: TrainingRunDeps;
  readonly #images: TrainingImages;
  readonly #runs = new Map<string, { readonly run: TrainingRun; readonly over: Promise<void> }>();

  constructor(deps: TrainingRunDeps, images: TrainingImages) {
    this.#deps = deps;
    this.#images = images;
  }

  begin(job: TrainingJob): void {
    const { name } = job.specification;
    const run = new TrainingRun(this.#deps, job, imageOf(this.#images, job.specification.image));
    const over = run
      .run()
      .catch((error: unknown) =>
        this.#deps.ctx.log('error', 'A training job broke off', { job: name, error: String(error) }),
      )
      .finally(() => this.#runs.delete(name));
    this.#runs.set(name, { run, over });
  }

  /** Takes up what the store says is unfinished. */
  resume(): void {
    const { jobs } = this.#deps;
    for (const job of jobs.open()) {
      const { specification, status, restarts } = job;
      const again = status === 'InProgress' && restarts < specification.retries;
      if (again) this.#beginAgain(job);
      else this.#giveUp(job);
    }
  }

  #beginAgain(job: TrainingJob): void {
    const { jobs, ctx } = this.#deps;
    const { name } = job.specification;
    try {
      this.begin(jobs.enter(name, 'Restarting', { restarts: job.restarts + 1 }));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      ctx.log('warn', 'A training job cannot be begun anew', { job: name, error: error.message });
      jobs.enter(name, 'Failed', { failureReason: error.message });
    }
  }

  #giveUp(job: TrainingJob): void {
    const { jobs, ctx } = this.#deps;
    const { name } = job.specification;
    if (job.status === 'Stopping') jobs.enter(name, 'Stopped');
    else {
      jobs.enter(name, 'Failed', {
        failureReason:
          'InternalServerError: The local runtime ended while the training job ran. With a RetryStrategy it is begun anew.',
      });
    }
    removeLeftBehind(ctx, job).catch((error: unknown) =>
      ctx.log('warn', 'What a training job left behind could not be removed', { job: name, error: String(error) }),
    );
  }

  stop(job: TrainingJob): void {
    this.#runs.get(job.specification.name)?.run.stop();
  }

  /** Ends the programs; their jobs are taken up by the next runtime. */
  async stopAll(): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const { run } of runs) run.abandon();
    await Promise.all(runs.map(({ over }) => over));
  }
}
