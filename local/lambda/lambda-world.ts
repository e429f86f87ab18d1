import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { AwsError } from '../aws-error.ts';
import { VirtualClock } from '../clock.ts';
import type { DeployedResource } from '../deploy/resource.ts';
import type { StreamReader, StreamRecord } from '../dynamodb/streams.ts';
import { everyRoleMay } from '../iam/test-access.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext, JsonObject, LambdaResult, Principal, Services } from '../service.ts';
import { Store } from '../store/store.ts';
import { createLambda, type Lambda } from './lambda.ts';
import { SandboxPool } from './sandbox/sandbox-pool.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/work`;

export interface Sent {
  readonly arn: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly principal: Principal;
}

/** A table's stream that a test fills by hand. */
export class FakeStream implements StreamReader {
  readonly records: StreamRecord[] = [];
  readonly #listeners = new Set<() => void>();

  append(record: StreamRecord): void {
    this.records.push(record);
    for (const listener of this.#listeners) listener();
  }

  read(_streamArn: string, after: string | undefined, limit: number): readonly StreamRecord[] {
    const later = this.records.filter(({ dynamodb }) => after === undefined || dynamodb.SequenceNumber > after);
    return later.slice(0, limit);
  }

  latest(): string | undefined {
    return this.records.at(-1)?.dynamodb.SequenceNumber;
  }

  onAppend(_streamArn: string, fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }
}

export interface LambdaWorld {
  readonly lambda: Lambda;
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly stream: FakeStream;
  /** What the neighbours got, or refuse with the error that is set for their ARN. */
  readonly sent: Sent[];
  readonly failures: Map<string, AwsError>;
  readonly credentialsIssued: string[];
  readonly owner: Principal;
  put(
    type: string,
    properties: JsonObject,
    options?: { logicalId?: string; previous?: string },
  ): Promise<DeployedResource>;
  /** Deploys a function of these files; `properties` add to what every function has. */
  deploy(name: string, files: Readonly<Record<string, string>>, properties?: JsonObject): Promise<string>;
  invoke(functionArn: string, event?: unknown): Promise<LambdaResult & { readonly answer: unknown }>;
  stop(): Promise<void>;
}

export interface LambdaWorldOptions {
  readonly directory?: string;
  readonly store?: Store;
  readonly clock?: VirtualClock;
  readonly stream?: FakeStream;
  readonly mostSandboxes?: number;
}

/** Lambda of one account with real worker threads, a clock that is moved by hand, and neighbours that write down what they get. */
export function lambdaWorld(options: LambdaWorldOptions = {}): LambdaWorld {
  const clock = options.clock ?? new VirtualClock();
  const store = options.store ?? new Store(':memory:');
  const stream = options.stream ?? new FakeStream();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'sluice-lambda-'));
  const sent: Sent[] = [];
  const failures = new Map<string, AwsError>();
  const credentialsIssued: string[] = [];
  const take = async (arn: string, body: string, principal: Principal, attributes = {}) => {
    const failure = failures.get(arn);
    if (failure) throw failure;
    sent.push({ arn, body, attributes, principal });
  };
  const services = {
    sendMessage: (arn, body, attributes, principal) => take(arn, body, principal, attributes),
    queueLambda: take,
    putEvent: (arn, event, principal) => take(arn, JSON.stringify(event), principal),
  } as Pick<Services, 'sendMessage' | 'queueLambda' | 'putEvent'> as Services;
  const ctx: AccountContext = {
    accountId: ACCOUNT,
    region: REGION,
    store,
    directory,
    clock,
    access: everyRoleMay(clock),
    ids: seededIds('lambda'),
    log: () => undefined,
  };
  const owner: Principal = { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
  const lambda = createLambda(ctx, services, {
    streams: stream,
    runtimeUrl: () => 'http://127.0.0.1:4566',
    pool: new SandboxPool({ clock, most: options.mostSandboxes ?? 8 }),
    issueRoleCredentials({ roleArn, sessionName, durationSeconds }) {
      credentialsIssued.push(sessionName);
      return {
        accessKeyId: `ASIA${credentialsIssued.length}`,
        secretAccessKey: 'secret',
        sessionToken: 'token',
        expiration: new Date(clock.now() + durationSeconds * 1000),
        principal: { ...owner, roleArn },
      };
    },
  });
  lambda.background.start();

  const world: LambdaWorld = {
    lambda,
    clock,
    store,
    stream,
    sent,
    failures,
    credentialsIssued,
    owner,
    async put(type, properties, { logicalId = 'Resource', previous } = {}) {
      const handler = lambda.resources.find((resource) => resource.type === type);
      if (!handler) throw new Error(`no handler of ${type}`);
      const before = previous === undefined ? {} : { previous: { physicalId: previous, properties: {} } };
      return handler.put({ stackName: 'stack', logicalId, properties, artifact: noArtifact, ...before });
    },
    async deploy(name, files, properties = {}) {
      const zip = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
      const handler = lambda.resources.find(({ type }) => type === 'AWS::Lambda::Function');
      const deployed = await handler?.put({
        stackName: 'stack',
        logicalId: name,
        artifact: () => zip,
        properties: {
          FunctionName: name,
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: ROLE,
          Code: { S3Bucket: 'deployment', S3Key: `${name}.zip` },
          ...properties,
        },
      });
      return deployed?.attributes.Arn as string;
    },
    async invoke(functionArn, event = {}) {
      const result = await lambda.invoke(functionArn, JSON.stringify(event), owner);
      return { ...result, answer: JSON.parse(result.payload) as unknown };
    },
    async stop() {
      await lambda.background.stop();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}

const noArtifact = (s3Key: string): Uint8Array => {
  throw new Error(`no artifact ${s3Key}`);
};

/** Resolves when `condition` holds; the test's own timeout is what ends waiting for something that never comes. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
