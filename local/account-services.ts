import type { Account } from './account.ts';
import { createCloudTrail } from './cloudtrail/cloudtrail.ts';
import { createCloudWatch } from './cloudwatch/cloudwatch.ts';
import type { ResourceHandler } from './deploy/resource.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge.ts';
import type { IssueRoleCredentials } from './iam/credentials.ts';
import { createIam } from './iam/iam.ts';
import { iamResources } from './iam/resources.ts';
import type { Role } from './iam/roles.ts';
import { createKms, type Kms } from './kms/kms.ts';
import { createLambda, type Lambda } from './lambda/lambda.ts';
import type { SandboxPool } from './lambda/sandbox/sandbox-pool.ts';
import { logsService } from './logs/log-operations.ts';
import { createS3, type S3 } from './s3/s3.ts';
import { createSageMaker } from './sagemaker/sagemaker.ts';
import type { TrainingImages } from './sagemaker/training-image.ts';
import type { Background, OperationService, RestService, Services } from './service.ts';
import { createSqs, type Sqs } from './sqs/sqs.ts';
import { createStepFunctions, type StepFunctions } from './step-functions/step-functions.ts';
import type { FindManagedPolicy } from './sts/session.ts';
import { createSts } from './sts/sts.ts';

/** An account with its services. */
export interface AccountServices {
  readonly account: Account;
  readonly operationServices: ReadonlyMap<OperationService['name'], OperationService>;
  readonly restServices: ReadonlyMap<RestService['name'], RestService>;
  readonly kms: Kms;
  readonly dynamoDb: DynamoDb;
  readonly eventBridge: EventBridge;
  readonly lambda: Lambda;
  readonly s3: S3;
  readonly sqs: Sqs;
  readonly stepFunctions: StepFunctions;
  readonly resources: readonly ResourceHandler[];
  /** In the order in which they start; they stop in the other. */
  readonly background: readonly Background[];
}

export interface AccountServicesDependencies {
  readonly services: Services;
  readonly findRole: (roleArn: string) => Role | undefined;
  readonly findManagedPolicy: FindManagedPolicy;
  readonly issueRoleCredentials: IssueRoleCredentials;
  /** `http://127.0.0.1:PORT`; asked for when the runtime listens. */
  readonly url: () => string;
  /** The S3 of whichever account has the bucket. */
  readonly findBucketOwner: (bucketName: string) => S3 | undefined;
  /** One for all accounts: it bounds the threads of the process. */
  readonly sandboxPool: SandboxPool;
  /** The programs that stand for the images of training jobs. */
  readonly trainingImages?: TrainingImages | undefined;
}

export function createAccountServices(account: Account, dependencies: AccountServicesDependencies): AccountServices {
  const { ctx, roles, accountId } = account;
  const { services, findRole, findManagedPolicy, issueRoleCredentials, url, sandboxPool, findBucketOwner } =
    dependencies;
  const kms = createKms(ctx);
  const sqs = createSqs(ctx, (queueName) => `${url()}/${accountId}/${queueName}`);
  const sts = createSts({ findRole, findManagedPolicy, issueRoleCredentials });
  const iam = createIam(ctx, roles);
  const dynamoDb = createDynamoDb(ctx);
  const eventBridge = createEventBridge(ctx, services);
  const stepFunctions = createStepFunctions(ctx, services);
  const s3 = createS3(ctx, services, findBucketOwner);
  const lambda = createLambda(ctx, services, {
    issueRoleCredentials,
    runtimeUrl: url,
    streams: dynamoDb.streams,
    pool: sandboxPool,
  });
  const sageMaker = createSageMaker(ctx, services, {
    logs: lambda.logs,
    issueRoleCredentials,
    findRole,
    runtimeUrl: url,
    images: dependencies.trainingImages ?? {},
  });

  const operationServices = [
    kms.service,
    sqs.service,
    sts,
    iam,
    dynamoDb.service,
    eventBridge.service,
    stepFunctions.service,
    sageMaker.service,
    logsService(ctx, lambda.logs),
    createCloudWatch(ctx),
    createCloudTrail(account.history),
  ];
  return {
    account,
    operationServices: new Map(operationServices.map((service) => [service.name, service])),
    restServices: new Map([s3.service, lambda.service].map((service) => [service.name, service])),
    kms,
    dynamoDb,
    eventBridge,
    lambda,
    s3,
    sqs,
    stepFunctions,
    resources: [
      ...iamResources(ctx, roles),
      ...kms.resources,
      ...sqs.resources,
      ...dynamoDb.resources,
      ...eventBridge.resources,
      ...stepFunctions.resources,
      ...lambda.resources,
      ...s3.resources,
    ],
    background: [sqs, dynamoDb, lambda, eventBridge, sageMaker, stepFunctions].map((service) => service.background),
  };
}
