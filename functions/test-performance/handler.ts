import { ownEndpoint } from '../../adapters/own/endpoint.ts';
import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownSigner } from '../../adapters/own/signer.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { testContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { testPerformance } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  endpoint: ownEndpoint(),
  signer: ownSigner(),
  clock: systemClock,
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: testContract,
  run: testPerformance(deps),
  recorder: ownRecorder(registry),
});
