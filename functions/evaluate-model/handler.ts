import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownTables } from '../../adapters/own/tables.ts';
import { setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { evaluateModelContract } from '../../contracts/steps/train-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { evaluateModel } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  tables: ownTables(),
  dataBucket: setting('SLUICE_DATA_BUCKET'),
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({
  contract: evaluateModelContract,
  run: evaluateModel(deps),
  recorder: ownRecorder(registry),
});
