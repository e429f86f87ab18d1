import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Bus } from '../../domain/ports/bus.ts';
import { createEventBridgeBus } from '../aws/eventbridge-bus.ts';
import { setting } from '../system/settings.ts';

export const ownBus = (): Bus => createEventBridgeBus(new EventBridgeClient({}), setting('SLUICE_BUS'));
