import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownTables } from '../../adapters/own/tables.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { breathe } from '../../adapters/system/breathe.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { trainModelContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { trainModel } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  tables: ownTables(),
  workflows: ownWorkflows(),
  dataBucket: setting('SLUICE_DATA_BUCKET'),
  breathe,
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: trainModelContract,
  run: trainModel(deps),
  recorder: ownRecorder(registry),
});
