import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { completePromotionContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { completePromotion } from './step.ts';

const registry = ownRegistry();
const deps = { registry, clock: systemClock };

export const handler = defineStep({
  contract: completePromotionContract,
  run: completePromotion(deps),
  recorder: ownRecorder(registry),
});
