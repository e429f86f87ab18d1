import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { ownEnvironment, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { defineConsumer } from '../shared/define-consumer.ts';
import { factIdentity, factOf } from '../shared/fact-received.ts';
import { onModelRegistered } from './step.ts';

const artifactsBucket = setting('SLUICE_ARTIFACTS_BUCKET');
const run = onModelRegistered({
  objects: ownObjects(),
  workflows: ownWorkflows(),
  sha256,
  artifactsBucket,
  environment: ownEnvironment(),
});

export const handler = defineConsumer({
  identify: factIdentity,
  run: (event) => run(factOf('Model Registered', event)),
  recorder: ownRecorder(),
});
