import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { registerModelContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { registerModel } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  clock: systemClock,
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: registerModelContract,
  run: registerModel(deps),
  recorder: ownRecorder(registry),
});
