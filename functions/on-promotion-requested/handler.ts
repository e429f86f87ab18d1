import { ownPredecessor } from '../../adapters/own/predecessor.ts';
import { ownRecorder } from '../../adapters/own/recorder.ts';
import { ownWorkflows } from '../../adapters/own/workflows.ts';
import { ownEnvironment } from '../../adapters/system/settings.ts';
import { sha256 } from '../../adapters/system/sha256.ts';
import { defineConsumer } from '../shared/define-consumer.ts';
import { requestIdentity, requestOf } from '../shared/promotion-requested.ts';
import { onPromotionRequested } from './step.ts';

const environment = ownEnvironment();
const run = onPromotionRequested({ workflows: ownWorkflows(), sha256, environment, predecessor: ownPredecessor() });

export const handler = defineConsumer({
  identify: requestIdentity,
  run: (event) => run(requestOf(event)),
  recorder: ownRecorder(),
});
