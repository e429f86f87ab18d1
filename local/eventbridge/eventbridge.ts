import { parseArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type {
  AccountContext,
  Background,
  EventBridgeEvent,
  OperationService,
  Principal,
  Services,
} from '../service.ts';
import { archiveOperations } from './archive-operations.ts';
import { Archives } from './archives.ts';
import { busOperations } from './bus-operations.ts';
import { Buses } from './buses.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { ApiDestinations } from './destinations/api-destinations.ts';
import { Connections } from './destinations/connections.ts';
import { deliveryGate } from './destinations/delivery-gate.ts';
import { destinationOperations } from './destinations/destination-operations.ts';
import { destinationResources } from './destinations/destination-resources.ts';
import { buildEvent, DEFAULT_BUS, eventTextOf } from './event.ts';
import { authorizePut, putEventsOperation } from './put-events.ts';
import { Replays } from './replays.ts';
import { eventBridgeResources } from './resources.ts';
import { Router } from './router.ts';
import { ruleOperations } from './rule-operations.ts';
import { Rules } from './rules.ts';
import { Scheduler } from './scheduler.ts';
import { Tags, tagOperations } from './tags.ts';

export interface EventBridge {
  readonly service: OperationService;
  readonly resources: readonly ResourceHandler[];
  readonly background: Background;
  /** Takes an event from another bus or account, if the bus lets the principal in. Durable when it resolves. */
  putEvent(busArn: string, event: EventBridgeEvent, principal: Principal): Promise<void>;
  /** An AWS service's own event on the default bus, in the caller's transaction. */
  emitServiceEvent(event: { source: string; detailType: string; resources: readonly string[]; detail: unknown }): void;
}

/** EventBridge of one account. */
export function createEventBridge(ctx: AccountContext, services: Services): EventBridge {
  const buses = new Buses(ctx);
  const rules = new Rules(ctx, buses);
  const archives = new Archives(ctx);
  const tags = new Tags(ctx);
  const connections = new Connections(ctx);
  const destinations = new ApiDestinations(ctx);
  const deliveries = new Deliveries(ctx, services, deliveryGate(ctx, connections, destinations));
  const router = new Router(ctx, rules, archives, deliveries);
  const replays = new Replays(ctx, archives, router);
  const scheduler = new Scheduler(ctx, rules, router);
  const background = [deliveries, replays, scheduler];

  return {
    service: {
      name: 'events',
      operations: {
        ...putEventsOperation({ ctx, services, buses, router }),
        ...ruleOperations({ ctx, buses, rules, scheduler, tags }),
        ...busOperations({ ctx, buses, rules, tags }),
        ...archiveOperations({ ctx, buses, archives, replays }),
        ...destinationOperations({ ctx, connections, destinations }),
        ...tagOperations(tags, (arn) => buses.hasArn(arn) || rules.hasArn(arn)),
      },
    },
    resources: [
      ...eventBridgeResources({ buses, rules, archives, scheduler, tags }),
      ...destinationResources(connections, destinations),
    ],
    background: {
      start: () => background.forEach((part) => void part.start()),
      stop: async () => {
        await Promise.all(background.map((part) => part.stop()));
      },
    },
    async putEvent(arn, event, principal) {
      const { name, arn: resourceArn, policy } = buses.require(buses.nameOf(arn));
      const call = {
        principal,
        accountId: ctx.accountId,
        region: ctx.region,
        requestId: ctx.ids.uuid(),
        access: ctx.access,
      };
      const text = eventTextOf(event);
      authorizePut(call, resourceArn, text, policy);
      const forwarded = parseArn(principal.sourceArn ?? '')?.resource.startsWith('rule/') ?? false;
      router.route(name, text, { forwarded });
    },
    emitServiceEvent({ source, detailType, resources, detail }) {
      const event = buildEvent({
        id: ctx.ids.uuid(),
        detailType,
        source,
        account: ctx.accountId,
        timeMs: ctx.clock.now(),
        region: ctx.region,
        resources,
        detailText: JSON.stringify(detail),
      });
      router.route(DEFAULT_BUS, event);
    },
  };
}
