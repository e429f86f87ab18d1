import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Bus } from '../../domain/ports/bus.ts';

/** A record of the registry's stream: an item that was inserted. */
export interface InsertedItem {
  readonly sequenceNumber: string;
  readonly entity: string;
  readonly body: unknown;
}

/** The audit event of an attempt as the bus hears it. */
const auditFact = (audit: AuditEvent): Fact => ({
  id: `audit-${audit.key}`.slice(0, 200),
  type: 'Audit Recorded',
  version: 1,
  environment: audit.environment,
  at: audit.at,
  runId: audit.runId,
  data: { audit },
});

/**
 * Tells the bus what the outbox holds. Each entry's result is looked at: the answer names the first record that was not taken,
 * and the stream sends that one and those after it again.
 *
 * Called by: the stream of the registry table. It leaves no audit event (decision 0006).
 * Repeating is safe: facts have ids that do not change, consumers dedupe by them.
 */
export const relayOutbox =
  ({ bus }: { bus: Bus }) =>
  async (items: readonly InsertedItem[]): Promise<{ failedFrom: string | null; reason: string | null }> => {
    const told = items.flatMap(({ sequenceNumber, entity, body }) => {
      if (entity === 'outbox') return [{ sequenceNumber, fact: body as Fact }];
      if (entity === 'audit') return [{ sequenceNumber, fact: auditFact(body as AuditEvent) }];
      return [];
    });
    const { refused } = await bus.put(told.map(({ fact }) => fact));
    const failed = new Map(refused.map(({ fact, reason }) => [fact, reason]));
    const first = told.find(({ fact }) => failed.has(fact));
    return { failedFrom: first?.sequenceNumber ?? null, reason: first ? (failed.get(first.fact) ?? null) : null };
  };
