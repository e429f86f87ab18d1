import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownSigner } from '../../adapters/own/signer.ts';
import { optionalSetting, ownEnvironment } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { verifyCandidateContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { verifyCandidate } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  signer: ownSigner(),
  sha256,
  clock: systemClock,
  environment: ownEnvironment(),
  predecessorKeyArn: optionalSetting('SLUICE_PREDECESSOR_SIGNING_KEY'),
};

export const handler = defineStep({
  contract: verifyCandidateContract,
  run: verifyCandidate(deps),
  recorder: ownRecorder(registry),
});
