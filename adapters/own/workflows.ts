import { SFNClient } from '@aws-sdk/client-sfn';
import type { Machine, Workflows } from '../../domain/ports/workflows.ts';
import { createSfnWorkflows } from '../aws/sfn-workflows.ts';
import { optionalSetting } from '../system/settings.ts';

/** Runs of this deployment's state machines; those that the function has no setting for it cannot start. */
export function ownWorkflows(): Workflows {
  const machines: Partial<Record<Machine, string>> = {};
  const train = optionalSetting('SLUICE_TRAIN_MACHINE');
  const promote = optionalSetting('SLUICE_PROMOTE_MACHINE');
  if (train !== null) machines['train-model'] = train;
  if (promote !== null) machines['promote-model'] = promote;
  return createSfnWorkflows(new SFNClient({}), machines);
}
