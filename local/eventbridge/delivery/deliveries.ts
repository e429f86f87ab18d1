import type { AccountContext, Services } from '../../service.ts';
import { formatTime } from '../event.ts';
import { kindOfTarget, retryLimits, type Target } from '../target.ts';
import { type InputContext, targetInput } from '../target-input.ts';
import { type DeliveryFailure, describeFailure, retryDelayMs, UNUSABLE_INPUT } from './failure.ts';
import { type CallDestination, type Delivery, eventsService, sendToTarget } from './send.ts';

const MOST_AT_ONCE = 32;

/** What API destinations need of a delivery. */
export interface DeliveryGate {
  readonly callDestination: CallDestination;
  /** When to ask again, while the target takes no more; undefined when it may be called. */
  readonly heldUntilMs: (target: Target) => number | undefined;
}

/**
 * Events that are owed to targets. A row is there from the transaction that took the event in until the target's service has it (or the
 * dead-letter queue), so an event is delivered at least once, whatever happens in between.
 */
export class Deliveries {
  readonly #ctx: AccountContext;
  readonly #services: Services;
  readonly #gate: DeliveryGate;
  readonly #inFlight = new Map<number, Promise<void>>();
  #running = false;
  #waking = false;
  #cancelTimer: (() => void) | undefined;

  constructor(ctx: AccountContext, services: Services, gate: DeliveryGate) {
    this.#ctx = ctx;
    this.#services = services;
    this.#gate = gate;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, rule_arn TEXT NOT NULL, rule_name TEXT NOT NULL, target TEXT NOT NULL,
        event_id TEXT NOT NULL, event TEXT NOT NULL, ingested_at_ms INTEGER NOT NULL, forwarded INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, next_at_ms INTEGER NOT NULL, failure TEXT) STRICT;
      CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (next_at_ms, id);
    `);
  }

  /** Owes an event to a target, within the caller's transaction. */
  add(delivery: Omit<Delivery, 'id' | 'attempts'>): void {
    const { ruleArn, ruleName, target, eventId, eventText, ingestedAtMs, forwarded } = delivery;
    this.#ctx.store
      .prepare(
        `INSERT INTO events_deliveries (rule_arn, rule_name, target, event_id, event, ingested_at_ms, forwarded, next_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        ruleArn,
        ruleName,
        JSON.stringify(target),
        eventId,
        eventText,
        ingestedAtMs,
        Number(forwarded),
        ingestedAtMs,
      );
    this.#ctx.store.afterCommit(() => this.#wakeSoon());
  }

  start(): void {
    this.#running = true;
    this.#wakeSoon();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer?.();
    await Promise.all(this.#inFlight.values());
  }

  /** How many deliveries are owed. */
  get owed(): number {
    return this.#ctx.store.prepare('SELECT count(*) AS owed FROM events_deliveries').get()?.owed as number;
  }

  /** Not inside the caller's stack: it may be in the middle of something. */
  #wakeSoon(): void {
    if (!this.#running || this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#running) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const rows = this.#ctx.store
      .prepare('SELECT * FROM events_deliveries ORDER BY next_at_ms, id LIMIT ?')
      .all(MOST_AT_ONCE * 2 + 1);
    for (const row of rows) {
      const id = row.id as number;
      if (this.#inFlight.has(id)) continue;
      if (this.#inFlight.size >= MOST_AT_ONCE) return;
      const dueAtMs = row.next_at_ms as number;
      if (dueAtMs > this.#ctx.clock.now()) {
        this.#cancelTimer = this.#ctx.clock.at(dueAtMs, () => this.#wake());
        return;
      }
      const work = this.#attempt(toDelivery(row)).finally(() => {
        this.#inFlight.delete(id);
        this.#wakeSoon();
      });
      this.#inFlight.set(id, work);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const heldUntilMs = this.#gate.heldUntilMs(delivery.target);
    if (heldUntilMs !== undefined) {
      this.#ctx.store
        .prepare('UPDATE events_deliveries SET next_at_ms = ? WHERE id = ?')
        .run(Math.ceil(heldUntilMs), delivery.id);
      return;
    }
    const failure = await this.#send(delivery);
    if (!failure) {
      this.#remove(delivery.id);
      return;
    }
    const { attempts, ageMs } = retryLimits(delivery.target);
    const delayMs = Math.max(retryDelayMs(delivery.attempts, this.#ctx.ids.random()), failure.retryAfterMs ?? 0);
    const retryAtMs = this.#ctx.clock.now() + delayMs;
    if (!failure.retryable) return this.#giveUp(delivery, failure);
    if (delivery.attempts >= attempts) return this.#giveUp(delivery, failure, 'MaximumRetryAttempts');
    if (retryAtMs > delivery.ingestedAtMs + ageMs) return this.#giveUp(delivery, failure, 'MaximumEventAgeInSeconds');
    this.#ctx.store
      .prepare('UPDATE events_deliveries SET attempts = attempts + 1, next_at_ms = ?, failure = ? WHERE id = ?')
      .run(Math.ceil(retryAtMs), JSON.stringify(failure), delivery.id);
  }

  /** Undefined when it was taken. */
  async #send(delivery: Delivery): Promise<DeliveryFailure | undefined> {
    const { target, eventText, ruleArn, ruleName, forwarded, ingestedAtMs } = delivery;
    if (forwarded && kindOfTarget(target.Arn) === 'events') {
      // AWS drops it without a word; so that nobody searches for hours, the log has one here.
      this.#ctx.log('warn', 'An event that came from another bus is not sent on to a third one', {
        rule: ruleArn,
        target: target.Arn,
        event: delivery.eventId,
      });
      return undefined;
    }
    try {
      const context: InputContext = { ruleArn, ruleName, ingestionTime: formatTime(ingestedAtMs) };
      const input = targetInput(target, eventText, context);
      if (input === undefined) return UNUSABLE_INPUT;
      await sendToTarget(this.#services, this.#ctx, delivery, input, this.#gate.callDestination);
      return undefined;
    } catch (error) {
      return describeFailure(error);
    }
  }

  async #giveUp(delivery: Delivery, failure: DeliveryFailure, exhausted?: string): Promise<void> {
    const { target, ruleArn, eventText, attempts } = delivery;
    const fields = { rule: ruleArn, target: target.Arn, event: delivery.eventId, ...failure, attempts };
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) {
      this.#ctx.log('error', 'An event was not delivered, and its target has no dead-letter queue', fields);
      return this.#remove(delivery.id);
    }
    const attributes: Record<string, string> = {
      RULE_ARN: ruleArn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      RETRY_ATTEMPTS: String(attempts),
      ...(exhausted === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    try {
      await this.#services.sendMessage(queueArn, eventText, attributes, eventsService(this.#ctx.accountId, ruleArn));
      this.#ctx.log('warn', 'An event was not delivered and is in the dead-letter queue', { ...fields, queueArn });
    } catch (error) {
      this.#ctx.log('error', 'An event was not delivered, nor taken by its dead-letter queue', {
        ...fields,
        queueArn,
        reason: String(error),
      });
    }
    this.#remove(delivery.id);
  }

  #remove(id: number): void {
    this.#ctx.store.prepare('DELETE FROM events_deliveries WHERE id = ?').run(id);
  }
}

function toDelivery(row: Record<string, unknown>): Delivery {
  return {
    id: row.id as number,
    ruleArn: row.rule_arn as string,
    ruleName: row.rule_name as string,
    target: JSON.parse(row.target as string) as Target,
    eventId: row.event_id as string,
    eventText: row.event as string,
    ingestedAtMs: row.ingested_at_ms as number,
    attempts: row.attempts as number,
    forwarded: row.forwarded === 1,
  };
}
