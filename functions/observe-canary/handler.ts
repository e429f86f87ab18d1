import { ownEndpoint } from '../../adapters/own/endpoint.ts';
import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { observeCanaryContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { observeCanary } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  endpoint: ownEndpoint(),
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: observeCanaryContract,
  run: observeCanary(deps),
  recorder: ownRecorder(registry),
});
