import { AwsError } from '../aws-error.ts';
import { shown } from '../operation-input.ts';
import type { AccountContext, JsonObject } from '../service.ts';

/** A name for one published version of a function, or for two between which invocations are shared out. */
export interface Alias {
  readonly functionName: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The share of another version, over 0 and at most 1: the rest is `version`'s. */
  readonly additional?: { readonly version: string; readonly weight: number };
  readonly revisionId: string;
}

export type AliasSettings = Omit<Alias, 'functionName' | 'name' | 'revisionId'>;

/** One account's aliases. */
export class Aliases {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_aliases (
        function_name TEXT NOT NULL, name TEXT NOT NULL, alias TEXT NOT NULL, PRIMARY KEY (function_name, name)) STRICT;
    `);
  }

  put(functionName: string, name: string, settings: AliasSettings): Alias {
    const alias: Alias = { ...settings, functionName, name, revisionId: this.#ctx.ids.uuid() };
    this.#ctx.store
      .prepare('INSERT OR REPLACE INTO lambda_aliases VALUES (?, ?, ?)')
      .run(functionName, name, JSON.stringify(alias));
    return alias;
  }

  find(functionName: string, name: string): Alias | undefined {
    const row = this.#ctx.store
      .prepare('SELECT alias FROM lambda_aliases WHERE function_name = ? AND name = ?')
      .get(functionName, name);
    return row && (JSON.parse(row.alias as string) as Alias);
  }

  list(functionName: string): readonly Alias[] {
    return this.#ctx.store
      .prepare('SELECT alias FROM lambda_aliases WHERE function_name = ? ORDER BY name')
      .all(functionName)
      .map(({ alias }) => JSON.parse(alias as string) as Alias);
  }

  delete(functionName: string, name: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_aliases WHERE function_name = ? AND name = ?').run(functionName, name);
  }

  deleteAllOf(functionName: string): void {
    this.#ctx.store.prepare('DELETE FROM lambda_aliases WHERE function_name = ?').run(functionName);
  }

  /** The version that the next invocation runs. */
  pickVersion({ version, additional }: Alias): string {
    return additional && this.#ctx.ids.random() < additional.weight ? additional.version : version;
  }
}

/** Throws ValidationException for a name that an alias cannot have: one of digits only would be a version's. */
export function checkAliasName(name: string): void {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(name) && !/^\d+$/.test(name)) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`,
  );
}

/**
 * `weights` by version, as `RoutingConfig.AdditionalVersionWeights` of the API has them: at most one other version.
 * Throws InvalidParameterValueException.
 */
export function readAdditionalVersion(version: string, weights: JsonObject): Pick<Alias, 'additional'> {
  const [first, ...others] = Object.entries(weights);
  if (!first) return {};
  if (others.length > 0) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
  const [other, weight] = first;
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1)) {
    throw invalid(`Invalid function weight ${shown(weight)}. The weight must be between 0.0 and 1.0`);
  }
  if (version === '$LATEST' || other === '$LATEST') {
    throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
  }
  if (!/^\d+$/.test(other)) throw invalid(`${other} in AdditionalVersionWeights is not the number of a version`);
  if (other === version)
    throw invalid(
      `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`,
    );
  return weight === 0 ? {} : { additional: { version: other, weight } };
}

const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
