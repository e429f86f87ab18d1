import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import { type AuthParameters, readAuthorization } from './authorization.ts';
import { SecretBox } from './secret-box.ts';

export interface Connection {
  readonly name: string;
  readonly arn: string;
  readonly secretArn: string;
  readonly authorizationType: string;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** How API destinations are let in: one account's connections, their secrets sealed. */
export class Connections {
  readonly #ctx: AccountContext;
  readonly #box: SecretBox;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    this.#box = new SecretBox(ctx.store);
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_connections (
        name TEXT PRIMARY KEY, connection TEXT NOT NULL, secrets BLOB NOT NULL) STRICT;
    `);
  }

  /** Creates the connection or replaces its authorization. Throws ValidationException for what is wrong in it. */
  put(name: string, authorizationType: unknown, parameters: unknown, description: string | undefined): Connection {
    if (!NAME.test(name)) throw new AwsError('ValidationException', `Parameter Name is not valid: ${name}`);
    const secrets = readAuthorization(authorizationType, parameters);
    const { accountId, region, ids, clock, store } = this.#ctx;
    const before = this.find(name);
    const id = ids.uuid();
    const secret = `secret:events!connection/${name}/${id}`;
    const connection: Connection = {
      name,
      arn: before?.arn ?? formatArn('events', region, accountId, `connection/${name}/${id}`),
      secretArn: before?.secretArn ?? formatArn('secretsmanager', region, accountId, secret),
      authorizationType: String(authorizationType),
      createdAtMs: before?.createdAtMs ?? clock.now(),
      modifiedAtMs: clock.now(),
      ...(description === undefined ? {} : { description }),
    };
    store
      .prepare('INSERT OR REPLACE INTO events_connections VALUES (?, ?, ?)')
      .run(name, JSON.stringify(connection), this.#box.seal(secrets, connection.arn));
    return connection;
  }

  find(name: string): Connection | undefined {
    const row = this.#ctx.store.prepare('SELECT connection FROM events_connections WHERE name = ?').get(name);
    return row && (JSON.parse(row.connection as string) as Connection);
  }

  require(name: string): Connection {
    const connection = this.find(name);
    if (!connection) throw new AwsError('ResourceNotFoundException', `Connection '${name}' does not exist.`);
    return connection;
  }

  byArn(arn: string): Connection | undefined {
    const found = this.find(arn.split('/')[1] ?? '');
    return found?.arn === arn ? found : undefined;
  }

  list(prefix = ''): readonly Connection[] {
    return this.#ctx.store
      .prepare('SELECT connection FROM events_connections ORDER BY name')
      .all()
      .map(({ connection }) => JSON.parse(connection as string) as Connection)
      .filter(({ name }) => name.startsWith(prefix));
  }

  secretsOf({ name, arn }: Connection): AuthParameters {
    const row = this.#ctx.store.prepare('SELECT secrets FROM events_connections WHERE name = ?').get(name);
    if (!row) throw new AwsError('ResourceNotFoundException', `Connection '${name}' does not exist.`);
    return this.#box.open(row.secrets as Uint8Array, arn) as AuthParameters;
  }

  delete(name: string): void {
    this.#ctx.store.prepare('DELETE FROM events_connections WHERE name = ?').run(name);
  }
}
