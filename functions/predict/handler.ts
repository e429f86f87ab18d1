import { ownObjects } from '../../adapters/own/objects.ts';
import { ownRegistry } from '../../adapters/own/registry.ts';
import { ownEnvironment, setting } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { defineEndpoint } from '../shared/define-endpoint.ts';
import { predict } from './step.ts';

const artifactsBucket = setting('SLUICE_ARTIFACTS_BUCKET');
const deps = {
  registry: ownRegistry(),
  objects: ownObjects(),
  sha256,
  artifactsBucket,
  environment: ownEnvironment(),
  random: Math.random,
};

export const handler = defineEndpoint(predict(deps));
