/**
 * The local environments as one process: packages `serverless.yml` for dev, acc and prd, starts the runtime with an account for each
 * and deploys them. Started by `sluice up` and `npm start`, which it tells how far it is; ends on SIGTERM or SIGINT.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RuntimeMessage } from '../cli/local/runtime-process.ts';
import { type Runtime, startRuntime } from '../local/runtime.ts';
import type { TrainingImages } from '../local/sagemaker/training-image.ts';
import { storageFailure } from '../local/store/storage-failure.ts';
import { deployEnvironments, localAccounts, REGION } from './local-environments.ts';
import { packageDeployment, stages } from './package-deployment.ts';
import type { StageChange } from './told-changes.ts';

const ROOT = join(import.meta.dirname, '..');
const DEFAULT_PORT = 4570;

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    port: { type: 'string' },
    mode: { type: 'string', default: 'foreground' },
    'training-images': { type: 'string', default: '{}' },
  },
});
const directory = values.home ?? join(ROOT, '.sluice');

const tell = (message: RuntimeMessage): void => {
  if (process.connected) process.send?.(message);
};
const progress = (text: string): void => tell({ kind: 'progress', text });

async function bringUp(): Promise<{ runtime: Runtime; changes: readonly StageChange[] }> {
  progress('building and packaging serverless.yml for dev, acc and prd');
  const packaged = await packageDeployment(ROOT, stages);
  progress('starting the runtime');
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  const trainingImages = JSON.parse(values['training-images']) as TrainingImages;
  const runtime = await startRuntime({ directory, port, accounts: localAccounts, region: REGION, trainingImages });
  try {
    const changes = await deployEnvironments(runtime, directory, packaged.stages, progress);
    return { runtime, changes };
  } catch (error) {
    await runtime.stop();
    throw error;
  }
}

// What fails in the background has nobody to tell; the state on disk is whole, so ending is the safe thing to do.
process.on('uncaughtException', (error) => {
  const problem = storageFailure(error);
  if (problem !== undefined) console.error(`The local runtime ends, for it cannot go on with ${directory}: ${problem}`);
  console.error(error);
  process.exit(1);
});

const startedMs = performance.now();
try {
  const { runtime, changes } = await bringUp();
  writeFileSync(join(directory, 'mode'), values.mode);
  const stop = () => void runtime.stop().then(() => process.exit(0));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // In the foreground it lives as long as the command that started it, however that one ended.
  if (values.mode === 'foreground') process.on('disconnect', stop);
  tell({ kind: 'ready', url: runtime.url, seconds: (performance.now() - startedMs) / 1000, changes });
} catch (error) {
  // In the foreground the command that started it says it; the log keeps where it came from.
  if (values.mode === 'background' || !process.connected) console.error(error);
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  if (process.connected) process.disconnect();
  process.exitCode = 1;
}
