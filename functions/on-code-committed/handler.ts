import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { ownEnvironment, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { systemClock as clock } from '../../adapters/system/system-clock.ts';
import { defineConsumer } from '../shared/define-consumer.ts';
import { objectIdentity, objectOf } from '../shared/object-created.ts';
import { onCodeCommitted } from './step.ts';

const registry = ownRegistry();
const artifactsBucket = setting('SLUICE_ARTIFACTS_BUCKET');
const run = onCodeCommitted({
  registry,
  objects: ownObjects(),
  workflows: ownWorkflows(),
  sha256,
  clock,
  artifactsBucket,
  environment: ownEnvironment(),
});

export const handler = defineConsumer({
  identify: objectIdentity(sha256),
  run: (event) => run(objectOf(event)),
  recorder: ownRecorder(registry),
});
