import { formatArn, parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { AccountContext } from '../service.ts';
import type { Table, TableDefinition } from './table-definition.ts';
import { validationError } from './validation.ts';

/** The account's tables in its store. Definitions are read anew for each request: the store is the one truth. */
export class Tables {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS dynamodb_tables (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        definition TEXT NOT NULL
      );
    `);
  }

  arn(name: string): string {
    return formatArn('dynamodb', this.#ctx.region, this.#ctx.accountId, `table/${name}`);
  }

  /** A request's `TableName`: a name or, in this account, an ARN. */
  nameOf(tableName: unknown): string {
    if (typeof tableName !== 'string') {
      throw validationError("The parameter 'TableName' is required but was not present in the request");
    }
    const arn = parseArn(tableName);
    if (arn && (arn.service !== 'dynamodb' || arn.accountId !== this.#ctx.accountId)) {
      throw validationError(`Invalid TableName: ${tableName} is no table of account ${this.#ctx.accountId}`);
    }
    const name = arn ? arn.resource.replace(/^table\//, '') : tableName;
    if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) {
      throw validationError(
        `Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
      );
    }
    return name;
  }

  find(name: string): Table | undefined {
    const row = this.#ctx.store.prepare('SELECT id, definition FROM dynamodb_tables WHERE name = ?').get(name);
    if (!row) return undefined;
    const definition = JSON.parse(String(row.definition)) as TableDefinition;
    return { ...definition, id: Number(row.id), arn: this.arn(name) };
  }

  /** For reads and writes of items. */
  get(name: string): Table {
    const table = this.find(name);
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found', 400);
    return table;
  }

  /** For operations on the table itself, where the message names it. */
  getForControl(name: string): Table {
    const table = this.find(name);
    if (!table) {
      throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`, 400);
    }
    return table;
  }

  names(after: string, limit: number): readonly string[] {
    return this.#ctx.store
      .prepare('SELECT name FROM dynamodb_tables WHERE name > ? ORDER BY name LIMIT ?')
      .all(after, limit)
      .map(({ name }) => String(name));
  }

  all(): readonly Table[] {
    return this.#ctx.store
      .prepare('SELECT name FROM dynamodb_tables ORDER BY name')
      .all()
      .map(({ name }) => this.get(String(name)));
  }

  insert(definition: TableDefinition): Table {
    this.#ctx.store
      .prepare('INSERT INTO dynamodb_tables (name, definition) VALUES (?, ?)')
      .run(definition.name, JSON.stringify(definition));
    return this.get(definition.name);
  }

  /** Writes changed settings down; the key never changes. */
  replace(table: Table, changes: Partial<TableDefinition>): Table {
    const { id, arn: _arn, ...definition } = { ...table, ...changes };
    this.#ctx.store
      .prepare('UPDATE dynamodb_tables SET definition = ? WHERE id = ?')
      .run(JSON.stringify(definition), id);
    return this.get(table.name);
  }

  remove(table: Table): void {
    this.#ctx.store.prepare('DELETE FROM dynamodb_tables WHERE id = ?').run(table.id);
  }
}
