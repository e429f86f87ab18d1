import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { DeployedResource } from '../deploy/resource.ts';
import { type Runtime, startRuntime } from '../runtime.ts';
import type { TrainingImages } from '../sagemaker/training-image.ts';
import type { JsonObject, Log } from '../service.ts';
import { recordAnswered } from '../support/answered-requests.ts';

export const DEV = '111111111111';
export const ACC = '222222222222';
export const REGION = 'eu-west-1';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A real runtime on a free port with the accounts DEV and ACC, in a directory that goes with it. */
export interface TestRuntime extends Runtime {
  readonly directory: string;
  readonly logged: readonly LogLine[];
  /** The configuration of an SDK client that is this account's administrator. */
  client(accountId: string): ClientConfiguration;
  /** Makes one resource as the deployer would. */
  put(
    accountId: string,
    type: string,
    properties: JsonObject,
    logicalId?: string,
    artifacts?: Readonly<Record<string, Uint8Array>>,
  ): Promise<DeployedResource>;
  /** Stops it and removes its directory. */
  dispose(): Promise<void>;
}

export interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
  /** What the SDK adds to the wall clock when it signs, so that it follows a virtual clock. */
  readonly systemClockOffset: number;
}

export async function startTestRuntime(
  options: { clock?: Clock; directory?: string; trainingImages?: TrainingImages } = {},
): Promise<TestRuntime> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'sluice-runtime-'));
  const logged: LogLine[] = [];
  const log: Log = (level, message, fields) => logged.push({ level, message, fields });
  const runtime = await startRuntime({
    directory,
    port: 0,
    region: REGION,
    accounts: [
      { accountId: DEV, name: 'test-dev' },
      { accountId: ACC, name: 'test-acc' },
    ],
    log,
    observeAnswered: recordAnswered,
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.trainingImages ? { trainingImages: options.trainingImages } : {}),
  });
  return {
    ...runtime,
    directory,
    logged,
    client: (accountId) => ({
      endpoint: runtime.url,
      region: REGION,
      credentials: runtime.adminCredentials(accountId),
      maxAttempts: 1,
      systemClockOffset: options.clock ? options.clock.now() - Date.now() : 0,
    }),
    async put(accountId, type, properties, logicalId = 'Thing', artifacts = {}) {
      const handler = runtime.resourceHandlers(accountId).find((candidate) => candidate.type === type);
      if (!handler) throw new Error(`No handler for ${type}`);
      return handler.put({
        stackName: 'test',
        logicalId,
        properties,
        artifact: (key) => {
          const artifact = artifacts[key];
          if (artifact) return artifact;
          throw new Error(`This stack has no artifact ${key}.`);
        },
      });
    },
    async dispose() {
      await runtime.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
