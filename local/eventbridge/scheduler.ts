import type { AccountContext, Background } from '../service.ts';
import { buildEvent } from './event.ts';
import type { Router } from './router.ts';
import type { Rules } from './rules.ts';
import { nextTimeOf } from './schedule.ts';

/** Fires the rules that have a schedule. Firings missed while the runtime was down are made up for once. */
export class Scheduler implements Background {
  readonly #ctx: AccountContext;
  readonly #rules: Rules;
  readonly #router: Router;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(ctx: AccountContext, rules: Rules, router: Router) {
    this.#ctx = ctx;
    this.#rules = rules;
    this.#router = router;
  }

  start(): void {
    this.#running = true;
    this.reschedule();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer?.();
  }

  /** To be called when rules have changed. */
  reschedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const first = this.#running ? this.#rules.scheduled()[0] : undefined;
    if (first) this.#cancelTimer = this.#ctx.clock.at(first.nextAtMs, () => this.#fireDue());
  }

  #fireDue(): void {
    if (!this.#running) return;
    const { clock, ids, accountId, region, store } = this.#ctx;
    for (const { rule, nextAtMs } of this.#rules.scheduled()) {
      if (nextAtMs > clock.now()) break;
      const event = buildEvent({
        id: ids.uuid(),
        detailType: 'Scheduled Event',
        source: 'aws.events',
        account: accountId,
        timeMs: nextAtMs,
        region,
        resources: [rule.arn],
        detailText: '{}',
      });
      store.transaction(() => {
        this.#rules.setNextTime(rule.bus, rule.name, nextTimeOf(rule.schedule ?? '', clock.now()));
        this.#router.owe(rule, event);
      });
    }
    this.reschedule();
  }
}
