import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownEnvironment } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { rejectPromotionContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { rejectPromotion } from './step.ts';

const registry = ownRegistry();
const deps = { registry, clock: systemClock, sha256, environment: ownEnvironment() };

export const handler = defineStep({
  contract: rejectPromotionContract,
  run: rejectPromotion(deps),
  recorder: ownRecorder(registry),
});
