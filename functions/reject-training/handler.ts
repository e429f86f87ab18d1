import { ownRecorder } from '../../adapters/own/recorder.ts';
import { rejectTrainingContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { rejectTraining } from './step.ts';

export const handler = defineStep({ contract: rejectTrainingContract, run: rejectTraining(), recorder: ownRecorder() });
