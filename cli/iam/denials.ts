import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { Environment } from '../../domain/environment.ts';
import type { Connection } from '../target/connection.ts';

/** A call that was denied, as the event history of the resource's account has it. */
export interface Denial {
  readonly environment: Environment;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The ARN of who called, or a service’s name. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string | null;
  readonly errorCode: string;
  readonly message: string;
  readonly requestId: string | null;
  /** The statement that denied it; null where none allows it. */
  readonly deniedBy: { readonly policy: string; readonly statement: unknown } | null;
  /** The statement that would have to be there, and in which kind of policy. The local runtime says so; AWS does not. */
  readonly missing: { readonly in: string; readonly statement: unknown } | null;
}

interface TrailRecord {
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestID?: string;
  readonly userIdentity?: { readonly arn?: string; readonly invokedBy?: string };
  readonly resources?: readonly { readonly ARN?: string }[];
  readonly additionalEventData?: Partial<Pick<Denial, 'action' | 'deniedBy' | 'missing'>>;
}

const DENIED = /^(Access(Denied|DeniedException)|Client\.UnauthorizedOperation|UnauthorizedOperation)$/;

/** Of one environment, newest first, at most `limit`. */
export async function denialsOf(
  { cloudTrail, environment }: Connection,
  { fromMs, limit }: { readonly fromMs: number; readonly limit: number },
): Promise<Denial[]> {
  const found: Denial[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudTrail.send(new LookupEventsCommand({ StartTime: new Date(fromMs), NextToken }));
    for (const { EventId: id = '', CloudTrailEvent: text } of page.Events ?? []) {
      const record = JSON.parse(text ?? '{}') as TrailRecord;
      if (DENIED.test(record.errorCode ?? '')) found.push({ environment, id, ...denialIn(record) });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && found.length < limit);
  return found.slice(0, limit);
}

function denialIn(record: TrailRecord): Omit<Denial, 'environment' | 'id'> {
  const { eventTime, eventSource, eventName, errorCode = '', errorMessage = '', userIdentity } = record;
  const { action, deniedBy = null, missing = null } = record.additionalEventData ?? {};
  return {
    at: eventTime,
    caller: userIdentity?.arn ?? userIdentity?.invokedBy ?? '',
    action: action ?? `${eventSource.replace('.amazonaws.com', '')}:${eventName}`,
    resource: record.resources?.[0]?.ARN ?? null,
    errorCode,
    message: errorMessage,
    requestId: record.requestID ?? null,
    deniedBy,
    missing,
  };
}
