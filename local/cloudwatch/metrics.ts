import type { AccountContext } from '../service.ts';
import type { MetricDatum } from './metric-datum.ts';

export interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: MetricDatum['dimensions'];
}

/** The values of one period. */
export interface Datapoint {
  /** The period's beginning. */
  readonly atMs: number;
  readonly unit: string;
  readonly sum: number;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

export interface StatisticsQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: MetricDatum['dimensions'];
  /** Included; `toMs` is not. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodMs: number;
  readonly unit: string | undefined;
}

/** AWS lists a metric for two weeks after its last value. */
const LISTED_MS = 14 * 86_400_000;
/** AWS keeps values for fifteen months, ever coarser; here they stay as they came. */
const KEPT_MS = 455 * 86_400_000;

/** What was measured, on disk. */
export class Metrics {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS cloudwatch_data (
        namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL, at_ms INTEGER NOT NULL, unit TEXT NOT NULL,
        sum REAL NOT NULL, count REAL NOT NULL, least REAL NOT NULL, most REAL NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS cloudwatch_data_by_metric ON cloudwatch_data (namespace, name, dimensions, at_ms);
    `);
  }

  put(namespace: string, data: readonly MetricDatum[]): void {
    const { store, clock } = this.#ctx;
    store.transaction(() => {
      const insert = store.prepare('INSERT INTO cloudwatch_data VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
      for (const { name, dimensions, atMs, unit, sum, count, least, most } of data) {
        insert.run(namespace, name, JSON.stringify(dimensions), Math.floor(atMs), unit, sum, count, least, most);
        store
          .prepare('DELETE FROM cloudwatch_data WHERE namespace = ? AND name = ? AND dimensions = ? AND at_ms < ?')
          .run(namespace, name, JSON.stringify(dimensions), clock.now() - KEPT_MS);
      }
    });
  }

  list(): readonly Metric[] {
    return this.#ctx.store
      .prepare(
        `SELECT namespace, name, dimensions FROM cloudwatch_data GROUP BY namespace, name, dimensions
         HAVING max(at_ms) >= ? ORDER BY namespace, name, dimensions`,
      )
      .all(this.#ctx.clock.now() - LISTED_MS)
      .map((row) => ({
        Namespace: row.namespace as string,
        MetricName: row.name as string,
        Dimensions: JSON.parse(row.dimensions as string) as MetricDatum['dimensions'],
      }));
  }

  statistics({ namespace, name, dimensions, fromMs, toMs, periodMs, unit }: StatisticsQuery): readonly Datapoint[] {
    return this.#ctx.store
      .prepare(
        `SELECT at_ms - at_ms % ?1 AS period, unit, sum(sum) AS sum, sum(count) AS count, min(least) AS least, max(most) AS most
         FROM cloudwatch_data WHERE namespace = ?2 AND name = ?3 AND dimensions = ?4 AND at_ms >= ?5 AND at_ms < ?6
           AND (?7 IS NULL OR unit = ?7)
         GROUP BY period, unit ORDER BY period, unit`,
      )
      .all(periodMs, namespace, name, JSON.stringify(dimensions), fromMs, toMs, unit ?? null)
      .map((row) => ({
        atMs: row.period as number,
        unit: row.unit as string,
        sum: row.sum as number,
        count: row.count as number,
        least: row.least as number,
        most: row.most as number,
      }));
  }
}
