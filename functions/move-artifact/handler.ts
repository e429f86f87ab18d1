import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { optionalSetting, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { moveArtifactContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { moveArtifact } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  objects: ownObjects(),
  sha256,
  clock: systemClock,
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  predecessorBucket: optionalSetting('SLUICE_PREDECESSOR_ARTIFACTS_BUCKET'),
};

export const handler = defineStep({
  contract: moveArtifactContract,
  run: moveArtifact(deps),
  recorder: ownRecorder(registry),
});
