import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownSigner } from '../../adapters/own/signer.ts';
import { ownEnvironment, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { judgeGatesContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { judgeGates } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  signer: ownSigner(),
  ownKeyArn: setting('SLUICE_SIGNING_KEY'),
  environment: ownEnvironment(),
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: judgeGatesContract,
  run: judgeGates(deps),
  recorder: ownRecorder(registry),
});
