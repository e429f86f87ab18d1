import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { authorizePromotionContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { authorizePromotion } from './step.ts';

const registry = ownRegistry();
const deps = { registry, workflows: ownWorkflows() };

export const handler = defineStep({
  contract: authorizePromotionContract,
  run: authorizePromotion(deps),
  recorder: ownRecorder(registry),
});
