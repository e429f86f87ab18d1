import type { AccountContext } from '../../service.ts';
import type { DestinationConfig } from './destination.ts';

/** How a function's asynchronous invocations are retried, and where their results go. */
export interface InvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly destinations: DestinationConfig;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export const DEFAULT_INVOKE_CONFIG: InvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
  destinations: {},
};

export class InvokeConfigs {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_invoke_configs (
        name TEXT NOT NULL, qualifier TEXT NOT NULL, config TEXT NOT NULL, PRIMARY KEY (name, qualifier)) STRICT;
    `);
  }

  put(name: string, qualifier: string, config: InvokeConfig): void {
    this.#ctx.store
      .prepare('INSERT OR REPLACE INTO lambda_invoke_configs VALUES (?, ?, ?)')
      .run(name, qualifier, JSON.stringify(config));
  }

  delete(name: string, qualifier: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_invoke_configs WHERE name = ? AND qualifier = ?').run(name, qualifier);
  }

  of(name: string, qualifier: string): InvokeConfig {
    const row = this.#ctx.store
      .prepare('SELECT config FROM lambda_invoke_configs WHERE name = ? AND qualifier = ?')
      .get(name, qualifier);
    return row ? (JSON.parse(row.config as string) as InvokeConfig) : DEFAULT_INVOKE_CONFIG;
  }
}
