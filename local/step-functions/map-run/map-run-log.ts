import type { Store } from '../../store/store.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import type { ExecutionStatus, MapRunPlace } from '../interpreter/execution.ts';
import type { ChildInput } from './item-batcher.ts';

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

/** What became of one item or batch: `PENDING` until its execution is started, `PENDING_REDRIVE` until it is started again. */
export type ChildStatus = ExecutionStatus | 'PENDING' | 'PENDING_REDRIVE';

export interface MapRunRow {
  readonly key: number;
  readonly arn: string;
  readonly executionKey: number;
  readonly frame: string;
  readonly status: MapRunStatus;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null;
  readonly maxConcurrency: number;
  readonly toleratedCount: number | null;
  readonly toleratedPercentage: number | null;
  readonly redriveCount: number;
  readonly redrivenAtMs: number | null;
  /** 1 when the dataset is read and each of its children has a row. */
  readonly itemsRead: number;
  readonly resultsWritten: number;
}

export interface ChildRow {
  readonly idx: number;
  readonly items: number;
  readonly status: ChildStatus;
  /** Until it is started; from then on it stands in the execution's own row. */
  readonly input: string | null;
  readonly executionKey: number | null;
}

export interface StatusCount {
  readonly status: ChildStatus;
  readonly executions: number;
  readonly items: number;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS sfn_map_run (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, executionKey INTEGER NOT NULL, frame TEXT NOT NULL, status TEXT NOT NULL,
  startedAtMs INTEGER NOT NULL, stoppedAtMs INTEGER, maxConcurrency INTEGER NOT NULL, toleratedCount INTEGER, toleratedPercentage REAL,
  redriveCount INTEGER NOT NULL DEFAULT 0, redrivenAtMs INTEGER, itemsRead INTEGER NOT NULL DEFAULT 0, resultsWritten INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS sfn_map_run_execution ON sfn_map_run (executionKey);
CREATE INDEX IF NOT EXISTS sfn_map_run_running ON sfn_map_run (key) WHERE status = 'RUNNING';
CREATE TABLE IF NOT EXISTS sfn_map_child (
  runKey INTEGER NOT NULL, idx INTEGER NOT NULL, items INTEGER NOT NULL, status TEXT NOT NULL, input TEXT, executionKey INTEGER,
  PRIMARY KEY (runKey, idx)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS sfn_map_child_execution ON sfn_map_child (executionKey) WHERE executionKey IS NOT NULL;
`;

/** The map runs' rows and those of their children. Writes are to be made inside a transaction of the caller's. */
export class MapRunLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(TABLES);
  }

  create(
    row: Pick<
      MapRunRow,
      'arn' | 'executionKey' | 'frame' | 'startedAtMs' | 'maxConcurrency' | 'toleratedCount' | 'toleratedPercentage'
    >,
  ): void {
    this.#store
      .prepare(
        "INSERT INTO sfn_map_run (arn, executionKey, frame, status, startedAtMs, maxConcurrency, toleratedCount, toleratedPercentage) VALUES (?, ?, ?, 'RUNNING', ?, ?, ?, ?)",
      )
      .run(
        row.arn,
        row.executionKey,
        row.frame,
        row.startedAtMs,
        row.maxConcurrency,
        row.toleratedCount,
        row.toleratedPercentage,
      );
  }

  byArn(arn: string): MapRunRow | undefined {
    return this.#store.prepare('SELECT * FROM sfn_map_run WHERE arn = ?').get(arn) as unknown as MapRunRow | undefined;
  }

  byKey(key: number): MapRunRow {
    return this.#store.prepare('SELECT * FROM sfn_map_run WHERE key = ?').get(key) as unknown as MapRunRow;
  }

  running(): MapRunRow[] {
    return this.#store
      .prepare("SELECT * FROM sfn_map_run WHERE status = 'RUNNING' ORDER BY key")
      .all() as unknown as MapRunRow[];
  }

  /** Those of one execution, the newest first. */
  list(executionKey: number, limit: number, beforeKey: number): MapRunRow[] {
    return this.#store
      .prepare('SELECT * FROM sfn_map_run WHERE executionKey = ? AND key < ? ORDER BY key DESC LIMIT ?')
      .all(executionKey, beforeKey, limit) as unknown as MapRunRow[];
  }

  end(arn: string, status: Exclude<MapRunStatus, 'RUNNING'>, atMs: number): void {
    this.#store
      .prepare("UPDATE sfn_map_run SET status = ?, stoppedAtMs = ? WHERE arn = ? AND status = 'RUNNING'")
      .run(status, atMs, arn);
  }

  /** Ends the runs of an execution that ended around them. */
  abortOf(executionKey: number, atMs: number): void {
    this.#store
      .prepare(
        "UPDATE sfn_map_run SET status = 'ABORTED', stoppedAtMs = ? WHERE executionKey = ? AND status = 'RUNNING'",
      )
      .run(atMs, executionKey);
  }

  /** What failed is to be run again; what succeeded stays. A dataset that was not read to its end is read anew. */
  redrive(arn: string, atMs: number): void {
    this.#store
      .prepare(
        "UPDATE sfn_map_run SET status = 'RUNNING', stoppedAtMs = NULL, resultsWritten = 0, redriveCount = redriveCount + 1, redrivenAtMs = ? WHERE arn = ?",
      )
      .run(atMs, arn);
    this.#store
      .prepare(
        "UPDATE sfn_map_child SET status = 'PENDING_REDRIVE' WHERE runKey = (SELECT key FROM sfn_map_run WHERE arn = ?) AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED')",
      )
      .run(arn);
  }

  change(
    key: number,
    values: Partial<
      Pick<MapRunRow, 'maxConcurrency' | 'toleratedCount' | 'toleratedPercentage' | 'itemsRead' | 'resultsWritten'>
    >,
  ): void {
    const names = Object.keys(values);
    if (names.length === 0) return;
    this.#store
      .prepare(`UPDATE sfn_map_run SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE key = ?`)
      .run(...(Object.values(values) as (number | null)[]), key);
  }

  addChild(runKey: number, idx: number, { input, items }: ChildInput): void {
    this.#store
      .prepare("INSERT INTO sfn_map_child (runKey, idx, items, status, input) VALUES (?, ?, ?, 'PENDING', ?)")
      .run(runKey, idx, items, input);
  }

  dropChildren(runKey: number): void {
    this.#store.prepare('DELETE FROM sfn_map_child WHERE runKey = ?').run(runKey);
  }

  /** Those whose turn is still to come, in order. */
  waiting(runKey: number, afterIdx: number, limit: number): ChildRow[] {
    return this.#store
      .prepare(
        "SELECT * FROM sfn_map_child WHERE runKey = ? AND idx > ? AND status IN ('PENDING', 'PENDING_REDRIVE') ORDER BY idx LIMIT ?",
      )
      .all(runKey, afterIdx, limit) as unknown as ChildRow[];
  }

  withStatus(runKey: number, status: ChildStatus): ChildRow[] {
    return this.#store
      .prepare('SELECT * FROM sfn_map_child WHERE runKey = ? AND status = ?')
      .all(runKey, status) as unknown as ChildRow[];
  }

  /** Its input stands in the execution's row from now on. */
  childStarted({ runKey, idx }: MapRunPlace, executionKey: number): void {
    this.#store
      .prepare(
        "UPDATE sfn_map_child SET status = 'RUNNING', input = NULL, executionKey = ? WHERE runKey = ? AND idx = ?",
      )
      .run(executionKey, runKey, idx);
  }

  childIs({ runKey, idx }: MapRunPlace, status: ExecutionStatus): void {
    this.#store.prepare('UPDATE sfn_map_child SET status = ? WHERE runKey = ? AND idx = ?').run(status, runKey, idx);
  }

  /** Undefined for an execution that is no map run's. */
  placeOf(executionKey: number): MapRunPlace | undefined {
    return this.#store
      .prepare('SELECT runKey, idx, items FROM sfn_map_child WHERE executionKey = ?')
      .get(executionKey) as unknown as MapRunPlace | undefined;
  }

  counts(runKey: number): StatusCount[] {
    return this.#store
      .prepare(
        'SELECT status, COUNT(*) AS executions, SUM(items) AS items FROM sfn_map_child WHERE runKey = ? GROUP BY status',
      )
      .all(runKey) as unknown as StatusCount[];
  }

  /** Children with their executions, in order. */
  results(runKey: number, afterIdx: number, limit: number): (ChildRow & { execution?: ExecutionRow })[] {
    const rows = this.#store
      .prepare('SELECT * FROM sfn_map_child WHERE runKey = ? AND idx > ? ORDER BY idx LIMIT ?')
      .all(runKey, afterIdx, limit) as unknown as ChildRow[];
    const byKey = this.#store.prepare('SELECT * FROM sfn_execution WHERE key = ?');
    return rows.map((row) =>
      row.executionKey === null ? row : { ...row, execution: byKey.get(row.executionKey) as unknown as ExecutionRow },
    );
  }

  /** The executions of a run's children, the newest first. */
  executions(
    run: Pick<MapRunRow, 'key'> & { readonly stateMachineArn: string },
    { status, redriven }: { readonly status?: ChildStatus | undefined; readonly redriven?: boolean | undefined },
    limit: number,
    beforeKey: number,
  ): (ExecutionRow & { readonly childStatus: ChildStatus; readonly items: number })[] {
    const filters = [
      ...(status === undefined ? [] : ['AND child.status = ?']),
      ...(redriven === undefined ? [] : [`AND execution.redriveCount ${redriven ? '>' : '='} 0`]),
    ];
    return this.#store
      .prepare(
        `SELECT execution.*, child.status AS childStatus, child.items AS items FROM sfn_execution AS execution
         JOIN sfn_map_child AS child ON child.executionKey = execution.key
         WHERE execution.stateMachineArn = ? AND execution.key < ? AND child.runKey = ? ${filters.join(' ')} ORDER BY execution.key DESC LIMIT ?`,
      )
      .all(
        run.stateMachineArn,
        beforeKey,
        run.key,
        ...(status === undefined ? [] : [status]),
        limit,
      ) as unknown as (ExecutionRow & { childStatus: ChildStatus; items: number })[];
  }
}
