import { parseArn } from '../../arn.ts';
import { notImplemented } from '../../aws-error.ts';
import type { AccountContext, Services } from '../../service.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { rolePrincipal } from '../role-principal.ts';

/** `OnSuccess` and `OnFailure` of asynchronous invocations and of stream mappings. */
export interface DestinationConfig {
  readonly OnSuccess?: { readonly Destination?: string };
  readonly OnFailure?: { readonly Destination?: string };
}

/** Throws NotImplemented for destinations that nothing is sent to here. */
export function checkDestination(arn: string | undefined): void {
  if (arn === undefined) return;
  const { service, resource } = parseArn(arn) ?? { service: '', resource: '' };
  const known =
    (service === 'sqs' && !resource.endsWith('.fifo')) ||
    (service === 'events' && resource.startsWith('event-bus/')) ||
    (service === 'lambda' && resource.startsWith('function:'));
  if (!known) throw notImplemented(`A Lambda destination such as ${arn}`);
}

interface Sender {
  readonly ctx: AccountContext;
  readonly services: Services;
}

/** Sends a record of an invocation to a destination with the function's role. Rejects with AwsError when it is not taken. */
export async function sendToDestination(
  { ctx, services }: Sender,
  destination: string,
  definition: FunctionDefinition,
  record: Readonly<Record<string, unknown>>,
  succeeded: boolean,
): Promise<void> {
  const principal = rolePrincipal(definition);
  const body = JSON.stringify(record);
  switch (parseArn(destination)?.service) {
    case 'sqs':
      return services.sendMessage(destination, body, {}, principal);
    case 'lambda':
      return services.queueLambda(destination, body, principal);
    case 'events':
      return services.putEvent(
        destination,
        {
          version: '0',
          id: ctx.ids.uuid(),
          'detail-type': `Lambda Function Invocation Result - ${succeeded ? 'Success' : 'Failure'}`,
          source: 'lambda',
          account: ctx.accountId,
          time: `${new Date(ctx.clock.now()).toISOString().slice(0, 19)}Z`,
          region: ctx.region,
          resources: [destination, `${definition.arn}:${definition.version}`],
          detail: record,
        },
        principal,
      );
    default:
      throw notImplemented(`A Lambda destination such as ${destination}`);
  }
}
