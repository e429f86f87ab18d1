import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownSigner } from '../../adapters/own/signer.ts';
import { ownTables } from '../../adapters/own/tables.ts';
import { optionalSetting, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { testContract } from '../../contracts/steps/promote-model-steps.ts';
import { defineStep } from '../shared/define-step.ts';
import { testSecurity } from './step.ts';

const registry = ownRegistry();
const deps = {
  registry,
  tables: ownTables(),
  signer: ownSigner(),
  clock: systemClock,
  dataBucket: setting('SLUICE_DATA_BUCKET'),
  ownKeyArn: setting('SLUICE_SIGNING_KEY'),
  predecessorKeyArn: optionalSetting('SLUICE_PREDECESSOR_SIGNING_KEY'),
  objects: ownObjects(),
  artifactsBucket: setting('SLUICE_ARTIFACTS_BUCKET'),
  sha256,
};

export const handler = defineStep({ contract: testContract, run: testSecurity(deps), recorder: ownRecorder(registry) });
