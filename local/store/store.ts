import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/**
 * One account's durable state: one SQLite file, WAL, `synchronous=FULL`, so that what was acknowledged is on disk.
 * Every service of the account keeps its tables here, so a write and the events that it causes commit together.
 * All access is synchronous and from one thread: a transaction is never interleaved with another.
 */
export class Store {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #afterCommit: (() => void)[] = [];

  /** `file` may be `:memory:`. Throws when another process holds the file. */
  constructor(file: string) {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    this.db = new DatabaseSync(file);
    // locking_mode before journal_mode: WAL with an exclusive lock needs no shared memory, and a second process on
    // the same store is refused instead of corrupting the one-writer assumption of every service.
    try {
      this.db.exec(
        'PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;' +
          // A checkpoint makes the commit that it falls to wait for three fsyncs more: every 16 MB, and not every 4.
          'PRAGMA wal_autocheckpoint=4000;',
      );
      this.db.exec('BEGIN IMMEDIATE; COMMIT;');
    } catch (error) {
      // It holds a lock already, which would keep the next try out for as long as this process lives.
      this.db.close();
      throw error;
    }
  }

  /** Creates a service's tables. `statements` are idempotent (`CREATE TABLE IF NOT EXISTS …`). */
  define(statements: string): void {
    this.db.exec(statements);
  }

  /** Adds a column to a table that an earlier release made without it; `definition` as in `ADD COLUMN definition`. */
  addColumn(table: string, definition: string): void {
    const [name] = definition.split(' ');
    const columns = this.db.prepare(`PRAGMA table_info(${table})`).all();
    if (columns.some((column) => column.name === name)) return;
    this.db.exec(`ALTER TABLE ${table} ADD COLUMN ${definition}`);
  }

  /** A prepared statement, prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `fn` in a transaction: all of its writes are on disk when this returns, or none is, when it throws.
   * A call inside another joins it. `fn` must be synchronous.
   */
  transaction<T>(fn: () => T): T {
    if (this.#depth > 0) return fn();
    this.db.exec('BEGIN IMMEDIATE');
    this.#depth = 1;
    let result: T;
    try {
      result = fn();
      this.db.exec('COMMIT');
    } catch (error) {
      this.#afterCommit = [];
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth = 0;
    }
    const hooks = this.#afterCommit;
    this.#afterCommit = [];
    for (const hook of hooks) hook();
    return result;
  }

  /** Runs `fn` in the transaction under way; when it throws, what it wrote is taken back, and what was written before stays. */
  savepoint<T>(fn: () => T): T {
    const hooks = this.#afterCommit.length;
    this.prepare('SAVEPOINT part').run();
    try {
      const result = fn();
      this.prepare('RELEASE part').run();
      return result;
    } catch (error) {
      this.#afterCommit.length = hooks;
      // A disk that is full may have ended the whole transaction.
      if (this.db.isTransaction) this.db.exec('ROLLBACK TO part; RELEASE part');
      throw error;
    }
  }

  /** Runs `fn` after the transaction under way has committed (not if it rolls back); at once when there is none. */
  afterCommit(fn: () => void): void {
    if (this.#depth > 0) this.#afterCommit.push(fn);
    else fn();
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }
}
