import { insertedItems } from '../../adapters/aws/stream-items.ts';
import { ownBus } from '../../adapters/own/bus.ts';
import { defineRelay } from '../shared/define-relay.ts';
import { relayOutbox } from './step.ts';

export const handler = defineRelay({ read: insertedItems, run: relayOutbox({ bus: ownBus() }) });
