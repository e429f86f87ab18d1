import { createHash } from 'node:crypto';
import type { AccountContext } from '../../service.ts';

export interface FunctionUrl {
  readonly urlId: string;
  readonly functionName: string;
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

  /** A function has the same URL however often it is deployed. */
  put(functionName: string, authType: FunctionUrl['authType']): FunctionUrl {
    const hash = createHash('sha256').update(`${this.#ctx.accountId}/${functionName}`).digest('hex');
    const urlId = BigInt(`0x${hash}`).toString(36).slice(0, 32);
    this.#ctx.store
      .prepare(
        'INSERT INTO lambda_urls VALUES (?, ?, ?, ?) ON CONFLICT (url_id) DO UPDATE SET auth_type = excluded.auth_type',
      )
      .run(urlId, functionName, authType, this.#ctx.clock.now());
    return this.ofFunction(functionName) as FunctionUrl;
  }

  find(urlId: string): FunctionUrl | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM lambda_urls WHERE url_id = ?').get(urlId);
    return row && toUrl(row);
  }

  ofFunction(functionName: string): FunctionUrl | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM lambda_urls WHERE name = ?').get(functionName);
    return row && toUrl(row);
  }

  delete(functionName: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_urls WHERE name = ?').run(functionName);
  }
}

const toUrl = (row: Record<string, unknown>): FunctionUrl => ({
  urlId: row.url_id as string,
  functionName: row.name as string,
  authType: row.auth_type as FunctionUrl['authType'],
  createdAtMs: row.created_at_ms as number,
});
