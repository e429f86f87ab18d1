import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { reconcileAuditContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { reconcileAudit } from './step.ts';

const registry = ownRegistry();
const deps = { registry, workflows: ownWorkflows() };

export const handler = defineStep({
  contract: reconcileAuditContract,
  run: reconcileAudit(deps),
  recorder: ownRecorder(registry),
});
