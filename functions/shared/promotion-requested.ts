import * as v from 'valibot';
import type { BusEvent } from './define-consumer.ts';
import { factIdentity } from './fact-received.ts';

const LONGEST_IDENTITY = 120;

/** The id is the sender's word: with the account before it, it cannot silence another sender's request. */
export const requestIdentity = (event: BusEvent): string =>
  `${event.account}#${factIdentity(event)}`.slice(0, LONGEST_IDENTITY);

const withRequest = v.object({ data: v.object({ request: v.unknown() }) });

/** What came as "Promotion Requested": not believed, not even to be one. */
export function requestOf(event: BusEvent): { accountId: string; eventId: string; request: unknown } {
  const parsed = v.safeParse(withRequest, event.detail);
  return {
    accountId: event.account,
    eventId: factIdentity(event).slice(0, LONGEST_IDENTITY),
    request: parsed.success ? parsed.output.data.request : event.detail,
  };
}
