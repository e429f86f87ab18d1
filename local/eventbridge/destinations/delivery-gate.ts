import { authorize } from '../../iam/authorize.ts';
import type { AccountContext } from '../../service.ts';
import type { DeliveryGate } from '../delivery/deliveries.ts';
import { kindOfTarget } from '../target.ts';
import type { ApiDestinations } from './api-destinations.ts';
import type { Connections } from './connections.ts';
import { DestinationCaller } from './invoke-destination.ts';
import { RateLimit } from './rate-limit.ts';

/** API destinations as the deliveries of an account see them. */
export function deliveryGate(
  ctx: AccountContext,
  connections: Connections,
  destinations: ApiDestinations,
): DeliveryGate {
  const caller = new DestinationCaller(ctx.clock);
  const rates = new RateLimit();
  return {
    async callDestination(target, input, principal) {
      const { accountId, region, access } = ctx;
      const destination = destinations.requireArn(target.Arn);
      const call = { principal, accountId, region, requestId: ctx.ids.uuid(), access };
      authorize({ call, action: 'events:InvokeApiDestination', resourceArn: destination.arn });
      const connection = connections.require(destination.connectionArn.split('/')[1] ?? '');
      const secrets = connections.secretsOf(connection);
      await caller.invoke({ destination, secrets, parameters: target.HttpParameters, input });
    },
    heldUntilMs({ Arn }) {
      if (kindOfTarget(Arn) !== 'api-destination') return undefined;
      const destination = destinations.find(Arn.split('/')[1] ?? '');
      return destination && rates.take(Arn, destination.ratePerSecond, ctx.clock.now());
    },
  };
}
