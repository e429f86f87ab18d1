import type { Receipt } from './mailbox.ts';
import type { Fate } from './possible-states.ts';

export interface SentMessage {
  readonly fate: Fate;
  /** As it was answered. */
  readonly messageId: string | undefined;
}

interface Queue {
  /** By body. */
  readonly sent: ReadonlyMap<string, SentMessage>;
  readonly receipts: readonly Receipt[];
  readonly deletedAtMs: ReadonlyMap<string, number>;
  /** Whoever receives a message has it alone for so long. */
  readonly hiddenMs: number;
}

/**
 * What is wrong with a queue that was read until it was empty: what was acknowledged came, under its id; what was deleted with its current
 * receipt came no more; what somebody has received is hidden from the others, also over a kill.
 */
export function problemsOfQueue({ sent, receipts, deletedAtMs, hiddenMs }: Queue): string[] {
  const problems: string[] = [];
  const idOf = new Map<string, string>();
  const latest = new Map<string, Receipt>();
  for (const receipt of [...receipts].sort((a, b) => a.gotAtMs - b.gotAtMs)) {
    const { body, messageId, askedAtMs, gotAtMs } = receipt;
    const message = sent.get(body);
    const id = message?.messageId ?? idOf.get(body) ?? messageId;
    idOf.set(body, id);
    if (!message) problems.push(`the message ${body} came, and nobody sent it`);
    else if (messageId !== id) problems.push(`the message ${body} came as ${messageId} and is ${id}`);
    if (askedAtMs > (deletedAtMs.get(messageId) ?? Number.POSITIVE_INFINITY))
      problems.push(`the message ${body} came after it was deleted`);
    const before = latest.get(messageId);
    if (before && gotAtMs < before.askedAtMs + hiddenMs)
      problems.push(`the message ${body} came again after ${Math.round(gotAtMs - before.gotAtMs)} ms`);
    latest.set(messageId, receipt);
  }
  for (const [body, { fate }] of sent)
    if (fate === 'acknowledged' && !idOf.has(body)) problems.push(`the message ${body} never came`);
  return problems;
}
