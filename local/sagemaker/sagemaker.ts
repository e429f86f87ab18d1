import type { IssueRoleCredentials } from '../iam/credentials.ts';
import type { Role } from '../iam/roles.ts';
import type { Logs } from '../logs/logs.ts';
import type { AccountContext, Background, OperationService, Services } from '../service.ts';
import type { TrainingImages } from './training-image.ts';
import { TrainingJobs } from './training-jobs.ts';
import { trainingOperations } from './training-operations.ts';
import { TrainingRunner } from './training-runner.ts';

export interface SageMakerDeps {
  readonly logs: Logs;
  readonly issueRoleCredentials: IssueRoleCredentials;
  readonly findRole: (roleArn: string) => Role | undefined;
  readonly runtimeUrl: () => string;
  readonly images: TrainingImages;
}

export interface SageMaker {
  readonly service: OperationService;
  readonly background: Background;
}

/** The training jobs of one account, each a process of this machine. */
export function createSageMaker(ctx: AccountContext, services: Services, deps: SageMakerDeps): SageMaker {
  const { logs, issueRoleCredentials, findRole, runtimeUrl, images } = deps;
  const jobs = new TrainingJobs(ctx, services);
  const runner = new TrainingRunner({ ctx, services, jobs, logs, issueRoleCredentials, runtimeUrl }, images);
  return {
    service: { name: 'sagemaker', operations: trainingOperations({ ctx, jobs, runner, images, findRole }) },
    background: {
      start: () => runner.resume(),
      async stop() {
        await runner.stopAll();
        logs.flush();
      },
    },
  };
}
