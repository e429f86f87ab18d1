import type { AccountContext } from '../service.ts';
import type { Items } from './items.ts';
import type { Tables } from './tables.ts';

const BATCH = 100;

/**
 * Deletes what has expired, in the background. AWS does it within days; here it is done as soon as the clock passes the
 * time, and the deletion is in the table's stream as the service's own.
 */
export class TimeToLive {
  readonly #ctx: AccountContext;
  readonly #tables: Tables;
  readonly #items: Items;
  #running = false;
  #armedForMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(ctx: AccountContext, tables: Tables, items: Items) {
    this.#ctx = ctx;
    this.#tables = tables;
    this.#items = items;
  }

  start(): void {
    this.#running = true;
    this.arm();
  }

  stop(): void {
    this.#running = false;
    this.#armedForMs = Number.POSITIVE_INFINITY;
    this.#cancel();
  }

  /** Sets the timer for the next expiry. Cheap: called after every write to a table with a time to live. */
  arm(): void {
    if (!this.#running) return;
    const nextSeconds = this.#items.nextExpiry(this.#nowSeconds());
    if (nextSeconds === undefined) return;
    // An item is expired when the time is after its attribute's, in whole seconds.
    const atMs = (nextSeconds + 1) * 1000;
    if (atMs >= this.#armedForMs) return;
    this.#cancel();
    this.#armedForMs = atMs;
    this.#cancel = this.#ctx.clock.at(atMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#armedForMs = Number.POSITIVE_INFINITY;
    if (!this.#running) return;
    this.#ctx.store.transaction(() => {
      const tables = new Map(this.#tables.all().map((table) => [table.id, table]));
      for (const { tableId, item } of this.#items.expired(this.#nowSeconds(), BATCH)) {
        const table = tables.get(tableId);
        if (table) this.#items.write(table, item, undefined, true);
      }
    });
    this.arm();
  }

  #nowSeconds(): number {
    return Math.floor(this.#ctx.clock.now() / 1000);
  }
}
