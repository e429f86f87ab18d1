import { shown } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';

/** Where an account's queues are addressed; known when the runtime listens. */
export type QueueUrl = (queueName: string) => string;

/** Only the path of a queue's URL counts: the runtime may listen on another port than when the URL was written down. */
export function queuePath(input: JsonObject): { accountId: string; name: string } | undefined {
  const match = /^https?:\/\/[^/]+\/(\d{12})\/([\w-]{1,80})$/.exec(shown(input.QueueUrl ?? ''));
  return match ? { accountId: match[1] as string, name: match[2] as string } : undefined;
}
