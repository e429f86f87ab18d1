import { createHash } from 'node:crypto';
import { parseArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import type { AccountContext, Principal, Services } from '../../service.ts';
import { parseEventText } from '../event.ts';
import { kindOfTarget, type Target } from '../target.ts';

/** One event on its way to one target. */
export interface Delivery {
  readonly id: number;
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly target: Target;
  readonly eventId: string;
  readonly eventText: string;
  readonly ingestedAtMs: number;
  /** Tries that failed so far. */
  readonly attempts: number;
  /** The event came from another bus, so it may not go on to a third. */
  readonly forwarded: boolean;
}

type Outgoing = Pick<AccountContext, 'accountId' | 'ids'>;

/** Calls the endpoint of an API destination, in the name of the target's role. */
export type CallDestination = (target: Target, input: string, principal: Principal) => Promise<void>;

/** EventBridge itself, acting for a rule: what resource policies of functions and queues let in. */
export const eventsService = (accountId: string, ruleArn: string): Principal => ({
  kind: 'service',
  accountId,
  arn: 'events.amazonaws.com',
  userId: 'events.amazonaws.com',
  sourceArn: ruleArn,
});

/** Hands the input to the target's service; resolves when that service has it durably. Rejects with AwsError. */
export async function sendToTarget(
  services: Services,
  ctx: Outgoing,
  { target, ruleArn, eventId, eventText }: Delivery,
  input: string,
  callDestination: CallDestination,
): Promise<void> {
  const service = eventsService(ctx.accountId, ruleArn);
  switch (kindOfTarget(target.Arn)) {
    case 'lambda':
      return services.queueLambda(target.Arn, input, service);
    case 'sqs':
      return services.sendMessage(target.Arn, input, {}, service);
    case 'events':
      return services.putEvent(target.Arn, parseEventText(eventText), sender(ctx, target, ruleArn));
    case 'api-destination':
      return callDestination(target, input, sender(ctx, target, ruleArn));
    case 'states':
      return startExecution(services, ctx, target, ruleArn, eventId, input);
  }
}

async function startExecution(
  services: Services,
  ctx: Outgoing,
  target: Target,
  ruleArn: string,
  eventId: string,
  input: string,
): Promise<void> {
  // The name says which event for which target, so that an event delivered again after a crash starts nothing new.
  const suffix = createHash('sha256').update(`${ruleArn}\n${target.Id}`).digest('hex').slice(0, 32);
  try {
    await services.startExecution(target.Arn, input, sender(ctx, target, ruleArn), `${eventId}_${suffix}`);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ExecutionAlreadyExists') return;
    throw error;
  }
}

/** The role that the target names, or the account itself. */
function sender({ accountId, ids }: Outgoing, { RoleArn }: Target, ruleArn: string): Principal {
  const role = RoleArn === undefined ? undefined : parseArn(RoleArn);
  if (RoleArn === undefined || !role) {
    const arn = `arn:aws:iam::${accountId}:root`;
    return { kind: 'root', accountId, arn, userId: accountId, sourceArn: ruleArn };
  }
  const name = role.resource.slice(role.resource.lastIndexOf('/') + 1);
  const session = ids.hex(32);
  return {
    kind: 'assumed-role',
    accountId: role.accountId,
    arn: `arn:aws:sts::${role.accountId}:assumed-role/${name}/${session}`,
    roleArn: RoleArn,
    userId: `${name}:${session}`,
    takenBy: 'events.amazonaws.com',
    sourceArn: ruleArn,
  };
}
