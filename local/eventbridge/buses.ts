import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { PolicyDocument, PolicyStatement } from '../iam/policy.ts';
import type { AccountContext } from '../service.ts';
import { busArn, DEFAULT_BUS } from './event.ts';

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly policy?: PolicyDocument;
}

const NAME = /^[A-Za-z0-9._/-]{1,256}$/;

/** One account's event buses. The default one is always there. */
export class Buses {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_buses (
        name TEXT PRIMARY KEY, description TEXT, created_at_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS events_bus_statements (
        bus TEXT NOT NULL, statement_id TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (bus, statement_id)) STRICT;
    `);
    ctx.store.prepare('INSERT OR IGNORE INTO events_buses VALUES (?, NULL, ?)').run(DEFAULT_BUS, ctx.clock.now());
  }

  /** A bus by its name or by its ARN in this account; the default one when neither is given. */
  nameOf(nameOrArn: string | undefined): string {
    if (nameOrArn === undefined) return DEFAULT_BUS;
    const arn = parseArn(nameOrArn);
    if (!arn) return nameOrArn;
    if (arn.accountId !== this.#ctx.accountId || !arn.resource.startsWith('event-bus/')) {
      throw new AwsError('ValidationException', `Parameter EventBusName is not valid: ${nameOrArn}`);
    }
    return arn.resource.slice('event-bus/'.length);
  }

  find(name: string): EventBus | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM events_buses WHERE name = ?').get(name);
    return row && this.#toBus(row);
  }

  hasArn(arn: string): boolean {
    return this.list().some((bus) => bus.arn === arn);
  }

  require(name: string): EventBus {
    const bus = this.find(name);
    if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
    return bus;
  }

  list(prefix = ''): readonly EventBus[] {
    const rows = this.#ctx.store.prepare('SELECT * FROM events_buses ORDER BY name').all();
    return rows.map((row) => this.#toBus(row)).filter(({ name }) => name.startsWith(prefix));
  }

  /** Creates the bus, or gives the one that is there this description. */
  put(name: string, description: string | undefined): EventBus {
    if (!NAME.test(name)) {
      throw new AwsError('ValidationException', `Parameter Name is not valid: ${name} does not match ${NAME.source}`);
    }
    this.#ctx.store
      .prepare(
        'INSERT INTO events_buses VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET description = excluded.description',
      )
      .run(name, description ?? null, this.#ctx.clock.now());
    return this.require(name);
  }

  delete(name: string): void {
    if (name === DEFAULT_BUS) throw new AwsError('ValidationException', 'Cannot delete event bus default.');
    this.#ctx.store.transaction(() => {
      this.#ctx.store.prepare('DELETE FROM events_bus_statements WHERE bus = ?').run(name);
      this.#ctx.store.prepare('DELETE FROM events_buses WHERE name = ?').run(name);
    });
  }

  putStatement(bus: string, statementId: string, statement: PolicyStatement): void {
    this.#ctx.store
      .prepare('INSERT OR REPLACE INTO events_bus_statements VALUES (?, ?, ?)')
      .run(bus, statementId, JSON.stringify({ ...statement, Sid: statementId }));
  }

  /** These statements and no others. */
  putPolicy(bus: string, statements: readonly (readonly [id: string, statement: PolicyStatement])[]): void {
    this.#ctx.store.transaction(() => {
      this.#ctx.store.prepare('DELETE FROM events_bus_statements WHERE bus = ?').run(bus);
      for (const [id, statement] of statements) this.putStatement(bus, id, statement);
    });
  }

  deleteStatement(bus: string, statementId: string): void {
    this.#ctx.store
      .prepare('DELETE FROM events_bus_statements WHERE bus = ? AND statement_id = ?')
      .run(bus, statementId);
  }

  #toBus(row: Record<string, unknown>): EventBus {
    const name = row.name as string;
    const statements = this.#ctx.store
      .prepare('SELECT statement FROM events_bus_statements WHERE bus = ? ORDER BY statement_id')
      .all(name)
      .map(({ statement }) => JSON.parse(statement as string) as PolicyStatement);
    return {
      name,
      arn: busArn(this.#ctx.region, this.#ctx.accountId, name),
      createdAtMs: row.created_at_ms as number,
      ...(row.description === null ? {} : { description: row.description as string }),
      ...(statements.length === 0 ? {} : { policy: { Version: '2012-10-17', Statement: statements } }),
    };
  }
}
