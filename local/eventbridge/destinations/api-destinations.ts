import { formatArn } from '../../arn.ts';
import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import { readEndpoint } from './authorization.ts';

export interface ApiDestination {
  readonly name: string;
  readonly arn: string;
  readonly connectionArn: string;
  readonly endpoint: string;
  readonly httpMethod: string;
  readonly ratePerSecond: number;
  readonly description?: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

export type ApiDestinationDefinition = Omit<ApiDestination, 'arn' | 'createdAtMs' | 'modifiedAtMs'>;

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const METHODS = ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'];
export const DEFAULT_RATE_PER_SECOND = 300;

/** HTTP endpoints that rules can send to. */
export class ApiDestinations {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_api_destinations (name TEXT PRIMARY KEY, destination TEXT NOT NULL) STRICT;
    `);
  }

  /** Creates the destination or replaces its definition. */
  put(definition: ApiDestinationDefinition): ApiDestination {
    const { name, httpMethod, endpoint, ratePerSecond } = definition;
    if (!NAME.test(name)) throw invalid(`Parameter Name is not valid: ${name}`);
    if (!METHODS.includes(httpMethod)) throw invalid(`HttpMethod must be one of ${METHODS.join(', ')}.`);
    readEndpoint(endpoint, 'InvocationEndpoint');
    if (!Number.isInteger(ratePerSecond) || ratePerSecond < 1) {
      throw invalid('InvocationRateLimitPerSecond must be a whole number, 1 or more.');
    }
    const { accountId, region, ids, clock, store } = this.#ctx;
    const before = this.find(name);
    const destination: ApiDestination = {
      ...definition,
      arn: before?.arn ?? formatArn('events', region, accountId, `api-destination/${name}/${ids.uuid()}`),
      createdAtMs: before?.createdAtMs ?? clock.now(),
      modifiedAtMs: clock.now(),
    };
    store
      .prepare('INSERT OR REPLACE INTO events_api_destinations VALUES (?, ?)')
      .run(name, JSON.stringify(destination));
    return destination;
  }

  find(name: string): ApiDestination | undefined {
    const row = this.#ctx.store.prepare('SELECT destination FROM events_api_destinations WHERE name = ?').get(name);
    return row && (JSON.parse(row.destination as string) as ApiDestination);
  }

  require(name: string): ApiDestination {
    const destination = this.find(name);
    if (!destination) throw new AwsError('ResourceNotFoundException', `An api-destination '${name}' does not exist.`);
    return destination;
  }

  /** Of a rule's target. Throws ResourceNotFoundException. */
  requireArn(arn: string): ApiDestination {
    const destination = this.find(arn.split('/')[1] ?? '');
    if (destination?.arn === arn) return destination;
    throw new AwsError('ResourceNotFoundException', `An api-destination ${arn} does not exist.`);
  }

  list(prefix = ''): readonly ApiDestination[] {
    return this.#ctx.store
      .prepare('SELECT destination FROM events_api_destinations ORDER BY name')
      .all()
      .map(({ destination }) => JSON.parse(destination as string) as ApiDestination)
      .filter(({ name }) => name.startsWith(prefix));
  }

  delete(name: string): void {
    this.#ctx.store.prepare('DELETE FROM events_api_destinations WHERE name = ?').run(name);
  }
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
