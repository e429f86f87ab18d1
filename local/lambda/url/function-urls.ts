import { createHash } from 'node:crypto';
import type { AccountContext } from '../../service.ts';
import { LATEST } from '../functions.ts';

export interface FunctionUrl {
  readonly urlId: string;
  readonly functionName: string;
  /** `$LATEST` or an alias. */
  readonly qualifier: string;
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly createdAtMs: number;
}

/** One account's function URLs. */
export class FunctionUrls {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_urls (
        url_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, auth_type TEXT NOT NULL, created_at_ms INTEGER NOT NULL) STRICT;
    `);
  }

  /** A function, or an alias of it, has the same URL however often it is deployed. */
  put(functionName: string, qualifier: string, authType: FunctionUrl['authType']): FunctionUrl {
    const target = targetOf(functionName, qualifier);
    const hash = createHash('sha256').update(`${this.#ctx.accountId}/${target}`).digest('hex');
    const urlId = BigInt(`0x${hash}`).toString(36).slice(0, 32);
    this.#ctx.store
      .prepare(
        'INSERT INTO lambda_urls VALUES (?, ?, ?, ?) ON CONFLICT (url_id) DO UPDATE SET auth_type = excluded.auth_type',
      )
      .run(urlId, target, authType, this.#ctx.clock.now());
    return this.find(urlId) as FunctionUrl;
  }

  find(urlId: string): FunctionUrl | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM lambda_urls WHERE url_id = ?').get(urlId);
    return row && toUrl(row);
  }

  of(functionName: string, qualifier: string): FunctionUrl | undefined {
    const row = this.#ctx.store
      .prepare('SELECT * FROM lambda_urls WHERE name = ?')
      .get(targetOf(functionName, qualifier));
    return row && toUrl(row);
  }

  /** Those of the function itself and of its aliases. */
  allOf(functionName: string): readonly FunctionUrl[] {
    return this.#ctx.store
      .prepare("SELECT * FROM lambda_urls WHERE name = ?1 OR substr(name, 1, length(?1) + 1) = ?1 || ':' ORDER BY name")
      .all(functionName)
      .map(toUrl);
  }

  delete(functionName: string, qualifier: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_urls WHERE name = ?').run(targetOf(functionName, qualifier));
  }
}

/** How the store names what a URL leads to. */
const targetOf = (functionName: string, qualifier: string): string =>
  qualifier === LATEST ? functionName : `${functionName}:${qualifier}`;

function toUrl(row: Record<string, unknown>): FunctionUrl {
  const [functionName = '', qualifier = LATEST] = (row.name as string).split(':');
  return {
    urlId: row.url_id as string,
    functionName,
    qualifier,
    authType: row.auth_type as FunctionUrl['authType'],
    createdAtMs: row.created_at_ms as number,
  };
}
