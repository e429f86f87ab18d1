import { SFNClient } from '@aws-sdk/client-sfn';
import { type KilledRuntime, openKilledRuntime } from '../killed-runtime.ts';
import { template } from './load.ts';

/** The runtime with the load's stack, and a client that outlives it. */
export interface LoadWorld extends KilledRuntime {
  readonly client: SFNClient;
}

export async function openLoadWorld(): Promise<LoadWorld> {
  const runtime = await openKilledRuntime('step-functions', template);
  const client = new SFNClient(runtime.clientConfig);
  return {
    ...runtime,
    client,
    async end() {
      await runtime.end();
      client.destroy();
    },
  };
}
