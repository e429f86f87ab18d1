import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { rollbackDeploymentContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { rollbackDeployment } from './step.ts';

const registry = ownRegistry();
const deps = { registry };

export const handler = defineStep({
  contract: rollbackDeploymentContract,
  run: rollbackDeployment(deps),
  recorder: ownRecorder(registry),
});
