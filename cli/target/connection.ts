import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { signedPost } from '../../adapters/aws/signed-fetch.ts';
import { createDynamoRegistry, type DynamoRegistry } from '../../adapters/dynamo-registry/dynamo-registry.ts';
import type { Environment } from '../../domain/environment.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Target } from './resolve-target.ts';
import { type ResourceNames, resourceNames } from './resource-names.ts';

/** One environment, ready to be asked as one identity. */
export interface Connection {
  readonly environment: Environment;
  readonly accountId: string;
  readonly region: string;
  /** The ARN that this identity signs as. */
  readonly callerArn: string;
  readonly names: ResourceNames;
  readonly registry: DynamoRegistry;
  readonly s3: S3Client;
  readonly stepFunctions: SFNClient;
  readonly eventBridge: EventBridgeClient;
  readonly sqs: SQSClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly cloudTrail: CloudTrailClient;
  /** POSTs to a function's URL, signed. Throws Failure when the function has none. */
  postToFunction(name: string, body: unknown): Promise<{ readonly status: number; readonly text: string }>;
  close(): void;
}

/** Opens the clients of a target and asks who is calling: the account is part of the resources' names. */
export async function connect(target: Target): Promise<Connection> {
  const settings = target.place === 'local' ? localSettings(target) : await awsSettings(target);
  const sts = new STSClient(settings);
  const { Account: accountId, Arn: callerArn } = await sts.send(new GetCallerIdentityCommand({}));
  if (!accountId || !callerArn) throw new Failure(exitCodes.unreachable, 'STS did not say who is calling');

  const names = resourceNames(target.environment, accountId, settings.region);
  const dynamo = new DynamoDBClient(settings);
  const lambda = new LambdaClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: target.place === 'local' });
  const stepFunctions = new SFNClient(settings);
  const eventBridge = new EventBridgeClient(settings);
  const sqs = new SQSClient(settings);
  // IAM is one service for all regions, and AWS has it in the first of them.
  const iam = new IAMClient({ ...settings, region: 'us-east-1' });
  const kms = new KMSClient(settings);
  const cloudTrail = new CloudTrailClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  return {
    environment: target.environment,
    accountId,
    region: settings.region,
    callerArn,
    names,
    registry: createDynamoRegistry({ client: dynamo, tableName: names.registryTable }),
    s3,
    stepFunctions,
    eventBridge,
    sqs,
    iam,
    kms,
    lambda,
    logs,
    cloudTrail,
    async postToFunction(name, body) {
      const FunctionName = names.functionName(name);
      const { FunctionUrl: url } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
      if (!url) throw new Failure(exitCodes.notFound, `The function ${FunctionName} has no URL`);
      return signedPost(url, JSON.stringify(body), { credentials: settings.credentials, region: settings.region });
    },
    close() {
      for (const client of [sts, dynamo, lambda, s3, stepFunctions, eventBridge, sqs, iam, kms, logs, cloudTrail])
        client.destroy();
    },
  };
}

function localSettings({ home, profile }: Extract<Target, { place: 'local' }>) {
  const endpoint = home.url;
  const region = home.region;
  const credentials = fromIni({
    profile,
    filepath: home.credentialsFile,
    configFilepath: home.configFile,
    clientConfig: { endpoint, region },
  });
  return { endpoint, region, credentials, maxAttempts: 3 };
}

async function awsSettings({ profile }: Extract<Target, { place: 'aws' }>) {
  const own = profile === null ? {} : { profile };
  const credentials = fromNodeProviderChain(own);
  // The SDK's own chain for the region: AWS_REGION, then the profile's.
  const probe = new STSClient({ ...own, credentials });
  const region = await probe.config.region().catch((error: unknown) => {
    throw new Failure(exitCodes.unreachable, `No region for ${profile === null ? 'AWS' : `the profile ${profile}`}`, {
      hint: 'set AWS_REGION, or `region` in the profile',
      cause: error,
    });
  });
  probe.destroy();
  return { region, credentials };
}
