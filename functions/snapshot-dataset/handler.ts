import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256, sha256OfStream } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { snapshotDatasetContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { snapshotDataset } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  objects: ownObjects(),
  dataBucket: setting('SLUICE_DATA_BUCKET'),
  sha256,
  digestStream: sha256OfStream,
  clock: systemClock,
};

export const handler = defineStep({
  contract: snapshotDatasetContract,
  run: snapshotDataset(deps),
  recorder: ownRecorder(registry),
});
