import type { AccountContext } from '../service.ts';
import type { Archives } from './archives.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import type { EventText } from './event.ts';
import type { Rule, Rules } from './rules.ts';

export interface RouteOptions {
  /** It came from a rule of another bus. */
  readonly forwarded?: boolean;
  /** It comes out of an archive: it is not kept again, and only these rules (ARNs; all when empty) get it. */
  readonly replayTo?: readonly string[];
}

/** Takes events into a bus: which rules want them, what is owed to their targets. */
export class Router {
  readonly #ctx: AccountContext;
  readonly #rules: Rules;
  readonly #archives: Archives;
  readonly #deliveries: Deliveries;

  constructor(ctx: AccountContext, rules: Rules, archives: Archives, deliveries: Deliveries) {
    this.#ctx = ctx;
    this.#rules = rules;
    this.#archives = archives;
    this.#deliveries = deliveries;
  }

  /** Synchronous, in one transaction or the caller's: when it has committed, the event will be delivered. */
  route(bus: string, event: EventText, { forwarded = false, replayTo }: RouteOptions = {}): void {
    this.#ctx.store.transaction(() => {
      if (!replayTo) this.#archives.keep(bus, event);
      for (const rule of this.#rules.matching(bus, event.text)) {
        if (replayTo && replayTo.length > 0 && !replayTo.includes(rule.arn)) continue;
        this.owe(rule, event, forwarded);
      }
    });
  }

  /** Owes the event to every target of a rule, within the caller's transaction. */
  owe(rule: Rule, event: EventText, forwarded = false): void {
    for (const target of this.#rules.targets(rule.bus, rule.name)) {
      this.#deliveries.add({
        ruleArn: rule.arn,
        ruleName: rule.name,
        target,
        eventId: event.id,
        eventText: event.text,
        ingestedAtMs: this.#ctx.clock.now(),
        forwarded,
      });
    }
  }
}
