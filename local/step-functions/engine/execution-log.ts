import type { Store } from '../../store/store.ts';
import type { StateMachineDefinition } from '../asl.ts';
import type { Entry } from '../interpreter/entry.ts';
import {
  type Execution,
  type ExecutionHeader,
  type ExecutionStatus,
  type MapRunPlace,
  newExecution,
} from '../interpreter/execution.ts';
import { fold } from '../interpreter/fold.ts';
import { LogSegments, type Rest } from './log-segments.ts';

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
  readonly stateMachineVersionArn: string | null;
  readonly stateMachineAliasArn: string | null;
  /** The machine's revision that it runs, as the API names it. */
  readonly revisionId: string | null;
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
CREATE TABLE IF NOT EXISTS sfn_task_token (
  token TEXT PRIMARY KEY, executionKey INTEGER NOT NULL, frame TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Definitions kept parsed. */
const MOST_DEFINITIONS = 1000;

/** An execution that has not ended, as far as a start of the engine needs to know it. */
export interface OpenExecution {
  readonly key: number;
  readonly parentArn: string | null;
  readonly dueMs: number | null;
  readonly attended: 0 | 1;
}

/** The executions' logs and rows in the account's store. Writes are to be made inside a transaction of the caller's. */
export class ExecutionLog {
  readonly segments: LogSegments;
  readonly #store: Store;
  readonly #definitions = new Map<string, { readonly text: string; parsed: StateMachineDefinition }>();
  readonly #placeOf: (key: number) => MapRunPlace | undefined;

  constructor(store: Store, placeOf: (key: number) => MapRunPlace | undefined) {
    this.#store = store;
    this.#placeOf = placeOf;
    store.define(TABLES);
    this.segments = new LogSegments(store);
    for (const column of ['stateMachineVersionArn', 'stateMachineAliasArn', 'revisionId'])
      store.addColumn('sfn_execution', `${column} TEXT`);
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

  /** One object for all executions of a revision. It is never changed. `text`: where it is not saved yet. */
  parsedDefinition(revision: string, text?: string): StateMachineDefinition {
    const known = this.#definitions.get(revision);
    if (known && (text === undefined || text === known.text)) return known.parsed;
    const definition = { text: text ?? this.definition(revision), parsed: {} as StateMachineDefinition };
    definition.parsed = JSON.parse(definition.text);
    if (this.#definitions.size >= MOST_DEFINITIONS) this.#definitions.clear();
    this.#definitions.set(revision, definition);
    return definition.parsed;
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

  /** What follows in the execution's log, with how it leaves the execution. */
  append(key: number, entries: readonly Entry[], rest: Rest): void {
    this.segments.append(key, entries, rest);
    for (const { memo, frame, seq } of entries) {
      if (typeof memo?.token !== 'string') continue;
      this.#store
        .prepare('INSERT INTO sfn_task_token (token, executionKey, frame, seq) VALUES (?, ?, ?, ?)')
        .run(memo.token, key, frame, seq);
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

  /** The open executions, and how their logs leave them. */
  open(): OpenExecution[] {
    return this.#store
      .prepare(
        `SELECT execution.key, execution.parentArn, segment.dueMs, segment.attended FROM sfn_execution AS execution
         JOIN sfn_segment AS segment ON segment.executionKey = execution.key
           AND segment.firstSeq = (SELECT max(firstSeq) FROM sfn_segment WHERE executionKey = execution.key)
         WHERE execution.status = 'RUNNING' ORDER BY execution.key`,
      )
      .all() as unknown as OpenExecution[];
  }

  /** Those whose ARN begins so. */
  under(arnPrefix: string): ExecutionRow[] {
    return this.#store
      .prepare('SELECT * FROM sfn_execution WHERE arn >= ? AND arn < ? ORDER BY arn')
      .all(arnPrefix, `${arnPrefix}\u{10ffff}`) as unknown as ExecutionRow[];
  }

  /** The newest first. */
  list(
    startedFrom: string,
    status: string | undefined,
    limit: number,
    beforeKey: number,
    column: 'stateMachineArn' | 'stateMachineVersionArn' | 'stateMachineAliasArn' = 'stateMachineArn',
  ): ExecutionRow[] {
    const filter = status === undefined ? '' : 'AND status = ?';
    return this.#store
      .prepare(`SELECT * FROM sfn_execution WHERE ${column} = ? AND key < ? ${filter} ORDER BY key DESC LIMIT ?`)
      .all(startedFrom, beforeKey, ...(status === undefined ? [] : [status]), limit) as unknown as ExecutionRow[];
  }

  /** Takes out an execution whose time is over. */
  forget(key: number): void {
    this.segments.forget(key);
    this.#store.prepare('DELETE FROM sfn_task_token WHERE executionKey = ?').run(key);
    this.#store.prepare('DELETE FROM sfn_execution WHERE key = ?').run(key);
  }

  token(token: string): TokenRow | undefined {
    return this.#store
      .prepare('SELECT executionKey, frame, seq FROM sfn_task_token WHERE token = ?')
      .get(token) as unknown as TokenRow | undefined;
  }

  entries(key: number): Entry[] {
    return [...this.segments.entries(key)];
  }

  /** See `LogSegments.events`. */
  events(key: number, from: number, limit: number, reverse: boolean): Entry[] {
    return this.segments.events(key, from, limit, reverse);
  }

  header(row: ExecutionRow): ExecutionHeader {
    const mapRun = isMapRunChild(row) ? this.#placeOf(row.key) : undefined;
    return {
      ...(mapRun && { mapRun }),
      arn: row.arn,
      name: row.name,
      stateMachineArn: row.stateMachineArn,
      stateMachineName: row.stateMachineName,
      roleArn: row.roleArn,
      definition: this.parsedDefinition(row.revision),
      ...(row.stateMachineVersionArn !== null && { stateMachineVersionArn: row.stateMachineVersionArn }),
      ...(row.stateMachineAliasArn !== null && { stateMachineAliasArn: row.stateMachineAliasArn }),
    };
  }

  /** The state as the log says it. */
  load(row: ExecutionRow): Execution {
    const execution = newExecution(this.header(row));
    for (const entry of this.segments.entries(row.key)) fold(execution, entry);
    return execution;
  }
}

/** A map run's label stands behind its machine's name, where no name can have a slash. */
export const isMapRunChild = ({ stateMachineName }: Pick<ExecutionRow, 'stateMachineName'>): boolean =>
  stateMachineName.includes('/');
