import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Runtime, startRuntime } from '../local/runtime.ts';
import type { JsonObject } from '../local/service.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';

export interface BenchResource {
  readonly type: string;
  readonly logicalId: string;
  readonly properties: JsonObject;
  readonly artifacts?: Readonly<Record<string, Uint8Array>>;
}

interface ThreadOptions {
  readonly directory: string;
  readonly resources: readonly BenchResource[];
}

/** What an SDK client needs to talk to it as its administrator. */
export interface BenchTarget {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The runtime in a thread of its own, with these resources made in order, so that who measures it does not share its event loop. */
export async function startRuntimeThread(options: ThreadOptions): Promise<BenchTarget & { stop(): Promise<void> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const target = await new Promise<BenchTarget>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    ...target,
    stop: () =>
      new Promise((resolve) => {
        worker.once('exit', () => resolve());
        worker.postMessage('stop');
      }),
  };
}

async function serve({ directory, resources }: ThreadOptions): Promise<void> {
  const runtime: Runtime = await startRuntime({
    directory,
    port: 0,
    region: REGION,
    accounts: [{ accountId: ACCOUNT, name: 'bench' }],
    log: () => undefined,
  });
  for (const { type, artifacts = {}, ...request } of resources) {
    const handler = runtime.resourceHandlers(ACCOUNT).find((candidate) => candidate.type === type);
    if (!handler) throw new Error(`no handler for ${type}`);
    const artifact = (key: string) => artifacts[key] ?? new Uint8Array();
    await handler.put({ stackName: 'bench', artifact, ...request });
  }
  const { accessKeyId, secretAccessKey } = runtime.adminCredentials(ACCOUNT);
  const target: BenchTarget = {
    endpoint: runtime.url,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
  };
  parentPort?.postMessage(target);
  parentPort?.once('message', () => void runtime.stop().then(() => process.exit(0)));
}

if (!isMainThread) await serve(workerData as ThreadOptions);
