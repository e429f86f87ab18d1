import type { JsonObject } from '../../service.ts';
import type { Store } from '../../store/store.ts';
import type { StateMachineDefinition } from '../asl.ts';
import type { Entry } from '../interpreter/entry.ts';
import { type Execution, type ExecutionHeader, type ExecutionStatus, newExecution } from '../interpreter/execution.ts';
import { fold } from '../interpreter/fold.ts';

/** An execution's row: what lists and DescribeExecution show without folding its log. */
export interface ExecutionRow {
  readonly key: number;
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly status: ExecutionStatus;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number | null;
  readonly redriveCount: number;
  readonly redrivenAtMs: number | null;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
  readonly roleArn: string;
  readonly stateMachineName: string;
  readonly revision: string;
  readonly traceHeader: string | null;
  readonly parentArn: string | null;
  readonly parentFrame: string | null;
  readonly parentSeq: number | null;
}

export interface TokenRow {
  readonly executionKey: number;
  readonly frame: string;
  readonly seq: number;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS sfn_definition (revision TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sfn_execution (
  key INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, stateMachineArn TEXT NOT NULL, status TEXT NOT NULL,
  startedAtMs INTEGER NOT NULL, stoppedAtMs INTEGER, redriveCount INTEGER NOT NULL DEFAULT 0, redrivenAtMs INTEGER,
  input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT, roleArn TEXT NOT NULL, stateMachineName TEXT NOT NULL,
  revision TEXT NOT NULL REFERENCES sfn_definition(revision), traceHeader TEXT, parentArn TEXT, parentFrame TEXT, parentSeq INTEGER);
CREATE INDEX IF NOT EXISTS sfn_execution_list ON sfn_execution (stateMachineArn, key);
CREATE INDEX IF NOT EXISTS sfn_execution_running ON sfn_execution (key) WHERE status = 'RUNNING';
CREATE TABLE IF NOT EXISTS sfn_entry (
  executionKey INTEGER NOT NULL, seq INTEGER NOT NULL, frame TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
  id INTEGER NOT NULL, previousEventId INTEGER NOT NULL, details TEXT, memo TEXT, PRIMARY KEY (executionKey, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sfn_task_token (
  token TEXT PRIMARY KEY, executionKey INTEGER NOT NULL, frame TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
`;

/** The executions' logs and rows in the account's store. Writes are to be made inside a transaction of the caller's. */
export class ExecutionLog {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define(TABLES);
  }

  saveDefinition(revision: string, definition: string): void {
    this.#store
      .prepare('INSERT OR IGNORE INTO sfn_definition (revision, definition) VALUES (?, ?)')
      .run(revision, definition);
  }

  definition(revision: string): string {
    const row = this.#store.prepare('SELECT definition FROM sfn_definition WHERE revision = ?').get(revision);
    return row!.definition as string;
  }

  create(
    row: Omit<
      ExecutionRow,
      'key' | 'status' | 'stoppedAtMs' | 'redriveCount' | 'redrivenAtMs' | 'output' | 'error' | 'cause'
    >,
  ): number {
    const names = Object.keys(row);
    const { lastInsertRowid } = this.#store
      .prepare(
        `INSERT INTO sfn_execution (status, ${names.join(', ')}) VALUES ('RUNNING', ${names.map(() => '?').join(', ')})`,
      )
      .run(...(Object.values(row) as (string | number | null)[]));
    return Number(lastInsertRowid);
  }

  append(key: number, entry: Entry): void {
    this.#store
      .prepare(
        'INSERT INTO sfn_entry (executionKey, seq, frame, type, at, id, previousEventId, details, memo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        key,
        entry.seq,
        entry.frame,
        entry.type,
        entry.at,
        entry.id,
        entry.previousEventId,
        text(entry.details),
        text(entry.memo),
      );
    if (typeof entry.memo?.token === 'string') {
      this.#store
        .prepare('INSERT INTO sfn_task_token (token, executionKey, frame, seq) VALUES (?, ?, ?, ?)')
        .run(entry.memo.token, key, entry.frame, entry.seq);
    }
  }

  /** Brings the row up to the state. */
  update(key: number, execution: Execution): void {
    this.#store
      .prepare(
        'UPDATE sfn_execution SET status = ?, stoppedAtMs = ?, redriveCount = ?, redrivenAtMs = ?, output = ?, error = ?, cause = ? WHERE key = ?',
      )
      .run(
        execution.status,
        execution.stoppedAtMs ?? null,
        execution.redriveCount,
        execution.redrivenAtMs ?? null,
        execution.status === 'SUCCEEDED' ? JSON.stringify(execution.output) : null,
        execution.failure?.error ?? null,
        execution.failure?.cause ?? null,
        key,
      );
  }

  byArn(arn: string): ExecutionRow | undefined {
    return this.#store.prepare('SELECT * FROM sfn_execution WHERE arn = ?').get(arn) as unknown as
      | ExecutionRow
      | undefined;
  }

  byKey(key: number): ExecutionRow {
    return this.#store.prepare('SELECT * FROM sfn_execution WHERE key = ?').get(key) as unknown as ExecutionRow;
  }

  running(): ExecutionRow[] {
    return this.#store
      .prepare("SELECT * FROM sfn_execution WHERE status = 'RUNNING' ORDER BY key")
      .all() as unknown as ExecutionRow[];
  }

  /** The newest first. */
  list(stateMachineArn: string, status: string | undefined, limit: number, beforeKey: number): ExecutionRow[] {
    const filter = status === undefined ? '' : 'AND status = ?';
    return this.#store
      .prepare(`SELECT * FROM sfn_execution WHERE stateMachineArn = ? AND key < ? ${filter} ORDER BY key DESC LIMIT ?`)
      .all(stateMachineArn, beforeKey, ...(status === undefined ? [] : [status]), limit) as unknown as ExecutionRow[];
  }

  /** Takes out an execution whose time is over. */
  forget(key: number): void {
    for (const table of ['sfn_entry', 'sfn_task_token'])
      this.#store.prepare(`DELETE FROM ${table} WHERE executionKey = ?`).run(key);
    this.#store.prepare('DELETE FROM sfn_execution WHERE key = ?').run(key);
  }

  token(token: string): TokenRow | undefined {
    return this.#store
      .prepare('SELECT executionKey, frame, seq FROM sfn_task_token WHERE token = ?')
      .get(token) as unknown as TokenRow | undefined;
  }

  entries(key: number): Entry[] {
    return this.#store.prepare('SELECT * FROM sfn_entry WHERE executionKey = ? ORDER BY seq').all(key).map(entryOf);
  }

  /** History events `from` (exclusive) on, in either order. */
  events(key: number, from: number, limit: number, reverse: boolean): Entry[] {
    const sql = reverse
      ? 'SELECT * FROM sfn_entry WHERE executionKey = ? AND id > 0 AND id < ? ORDER BY seq DESC LIMIT ?'
      : 'SELECT * FROM sfn_entry WHERE executionKey = ? AND id > ? ORDER BY seq LIMIT ?';
    return this.#store.prepare(sql).all(key, from, limit).map(entryOf);
  }

  header(row: ExecutionRow): ExecutionHeader {
    return {
      arn: row.arn,
      name: row.name,
      stateMachineArn: row.stateMachineArn,
      stateMachineName: row.stateMachineName,
      roleArn: row.roleArn,
      definition: JSON.parse(this.definition(row.revision)) as StateMachineDefinition,
    };
  }

  /** The state as the log says it. */
  load(row: ExecutionRow): Execution {
    const execution = newExecution(this.header(row));
    for (const entry of this.entries(row.key)) fold(execution, entry);
    return execution;
  }
}

const text = (value: JsonObject | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

function entryOf(row: Record<string, unknown>): Entry {
  const parsed = (value: unknown) => (value === null ? undefined : (JSON.parse(value as string) as JsonObject));
  return { ...(row as unknown as Entry), details: parsed(row.details), memo: parsed(row.memo) };
}
