import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownSigner } from '../../adapters/own/signer.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { systemClock as clock } from '../../adapters/system/system-clock.ts';
import { defineApproval } from '../shared/define-approval.ts';
import { recordApproval } from './step.ts';

const registry = ownRegistry();
const run = recordApproval({ registry, workflows: ownWorkflows(), signer: ownSigner(), clock });

export const handler = defineApproval({ run, recorder: ownRecorder(registry) });
