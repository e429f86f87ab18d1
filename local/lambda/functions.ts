import { formatArn, parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { requireOwnRole } from '../iam/pass-role.ts';
import type { PolicyDocument, PolicyStatement } from '../iam/policy.ts';
import type { AccountContext } from '../service.ts';
import { Aliases } from './aliases.ts';
import type { UnpackedCode } from './code-package.ts';
import type { FunctionDefinition, FunctionSettings } from './function-definition.ts';

/** Which function a request means. */
export interface FunctionReference {
  readonly name: string;
  readonly accountId: string;
  readonly qualifier: string;
}

export const LATEST = '$LATEST';

/** One account's functions, their published versions, the aliases of these and the policies on them. */
export class Functions {
  readonly aliases: Aliases;
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    this.aliases = new Aliases(ctx);
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_functions (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS lambda_versions (
        name TEXT NOT NULL, version INTEGER NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (name, version)) STRICT;
      CREATE TABLE IF NOT EXISTS lambda_statements (
        name TEXT NOT NULL, statement_id TEXT NOT NULL, statement TEXT NOT NULL, PRIMARY KEY (name, statement_id)) STRICT;
    `);
  }

  /** With the qualifier, unless it is `$LATEST`. */
  arnOf(name: string, qualifier: string = LATEST): string {
    const arn = formatArn('lambda', this.#ctx.region, this.#ctx.accountId, `function:${name}`);
    return qualifier === LATEST ? arn : `${arn}:${qualifier}`;
  }

  /** Creates the function or replaces its definition; the same definition again changes nothing. */
  put(name: string, settings: FunctionSettings, code: UnpackedCode): FunctionDefinition {
    requireOwnRole(settings.roleArn, this.#ctx.accountId);
    const before = this.find(name);
    const { clock, ids, store } = this.#ctx;
    const definition: FunctionDefinition = {
      ...settings,
      name,
      arn: this.arnOf(name),
      version: LATEST,
      codeSha256: code.sha256,
      codeSizeBytes: code.sizeBytes,
      codeDirectory: code.directory,
      lastModified: before?.lastModified ?? '',
      revisionId: before?.revisionId ?? '',
    };
    if (before && JSON.stringify(before) === JSON.stringify(definition)) return before;
    const changed = {
      ...definition,
      lastModified: new Date(clock.now()).toISOString().replace('Z', '+0000'),
      revisionId: ids.uuid(),
    };
    store.prepare('INSERT OR REPLACE INTO lambda_functions VALUES (?, ?)').run(name, JSON.stringify(changed));
    return changed;
  }

  /** The function as the qualifier has it: `$LATEST`, a version's number, or an alias, which means its first version. */
  find(name: string, qualifier: string = LATEST): FunctionDefinition | undefined {
    const { store } = this.#ctx;
    const row = store.prepare('SELECT definition FROM lambda_functions WHERE name = ?').get(name);
    const latest = row && (JSON.parse(row.definition as string) as FunctionDefinition);
    if (!latest || qualifier === LATEST) return latest;
    const version = /^\d+$/.test(qualifier) ? qualifier : this.aliases.find(name, qualifier)?.version;
    if (version === undefined) return undefined;
    return version === LATEST ? latest : this.#version(latest, version);
  }

  /** Throws ResourceNotFoundException (404). */
  require(name: string, qualifier: string = LATEST): FunctionDefinition {
    const definition = this.find(name, qualifier);
    if (definition) return definition;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${this.arnOf(name, qualifier)}`, 404, {
      Type: 'User',
    });
  }

  /** As `find`, for an invocation: of an alias with weights one of its versions by chance. */
  choose(name: string, qualifier: string): FunctionDefinition | undefined {
    const alias = this.aliases.find(name, qualifier);
    return this.find(name, alias ? this.aliases.pickVersion(alias) : qualifier);
  }

  #version(latest: FunctionDefinition, version: string): FunctionDefinition | undefined {
    const row = this.#ctx.store
      .prepare('SELECT definition FROM lambda_versions WHERE name = ? AND version = CAST(? AS INTEGER)')
      .get(latest.name, version);
    return row && this.#shareConcurrency(latest, JSON.parse(row.definition as string) as FunctionDefinition);
  }

  /** Reserved concurrency is the whole function's, whichever version runs. */
  #shareConcurrency(
    { reservedConcurrency }: FunctionDefinition,
    { reservedConcurrency: _then, ...version }: FunctionDefinition,
  ): FunctionDefinition {
    return reservedConcurrency === undefined ? version : { ...version, reservedConcurrency };
  }

  /** `$LATEST`, then the published ones, oldest first. */
  versions(name: string): readonly FunctionDefinition[] {
    const latest = this.require(name);
    const published = this.#ctx.store
      .prepare('SELECT definition FROM lambda_versions WHERE name = ? ORDER BY version')
      .all(name)
      .map(({ definition }) => this.#shareConcurrency(latest, JSON.parse(definition as string) as FunctionDefinition));
    return [latest, ...published];
  }

  /** Undefined takes the reservation away. Sandboxes are kept: nothing in them depends on it. */
  setReservedConcurrency(name: string, reservedConcurrency: number | undefined): void {
    const { reservedConcurrency: _before, ...rest } = this.require(name);
    const changed = reservedConcurrency === undefined ? rest : { ...rest, reservedConcurrency };
    this.#ctx.store
      .prepare('UPDATE lambda_functions SET definition = ? WHERE name = ?')
      .run(JSON.stringify(changed), name);
  }

  list(): readonly FunctionDefinition[] {
    return this.#ctx.store
      .prepare('SELECT definition FROM lambda_functions ORDER BY name')
      .all()
      .map(({ definition }) => JSON.parse(definition as string) as FunctionDefinition);
  }

  delete(name: string): void {
    this.#ctx.store.transaction(() => {
      for (const table of ['lambda_functions', 'lambda_versions', 'lambda_statements']) {
        this.#ctx.store.prepare(`DELETE FROM ${table} WHERE name = ?`).run(name);
      }
      this.aliases.deleteAllOf(name);
    });
  }

  /** Keeps the function as it is now under the next number; under the last one when nothing has changed since. */
  publish(name: string, description?: string): FunctionDefinition {
    const current = this.require(name);
    const { store } = this.#ctx;
    const row = store
      .prepare('SELECT version, definition FROM lambda_versions WHERE name = ? ORDER BY version DESC LIMIT 1')
      .get(name);
    const last = row && (JSON.parse(row.definition as string) as FunctionDefinition);
    if (last?.revisionId === current.revisionId) return last;
    const version = ((row?.version as number | undefined) ?? 0) + 1;
    const published = { ...current, version: String(version), ...(description ? { description } : {}) };
    store.prepare('INSERT INTO lambda_versions VALUES (?, ?, ?)').run(name, version, JSON.stringify(published));
    return published;
  }

  /** `qualifier`: what the statement is about; a statement id is unique among those of one qualifier. */
  putStatement(
    name: string,
    qualifier: string,
    statementId: string,
    statement: Omit<PolicyStatement, 'Resource'>,
  ): void {
    const stored = { Sid: statementId, ...statement, Resource: this.arnOf(name, qualifier) };
    this.#ctx.store
      .prepare('INSERT OR REPLACE INTO lambda_statements VALUES (?, ?, ?)')
      .run(name, statementKey(statementId, qualifier), JSON.stringify(stored));
  }

  findStatement(name: string, qualifier: string, statementId: string): PolicyStatement | undefined {
    const row = this.#ctx.store
      .prepare('SELECT statement FROM lambda_statements WHERE name = ? AND statement_id = ?')
      .get(name, statementKey(statementId, qualifier));
    return row && (JSON.parse(row.statement as string) as PolicyStatement);
  }

  /** Whether there was such a statement. */
  deleteStatement(name: string, qualifier: string, statementId: string): boolean {
    const { changes } = this.#ctx.store
      .prepare('DELETE FROM lambda_statements WHERE name = ? AND statement_id = ?')
      .run(name, statementKey(statementId, qualifier));
    return changes > 0;
  }

  /** The policy on one qualifier alone, as GetPolicy shows it; undefined when nothing was granted on it. */
  qualifiedPolicyOf(name: string, qualifier: string): PolicyDocument | undefined {
    const policy = this.policyOf(name);
    const arn = this.arnOf(name, qualifier);
    const statements = (policy?.Statement as readonly PolicyStatement[] | undefined)?.filter(
      ({ Resource }) => Resource === arn,
    );
    return statements?.length ? { Version: '2012-10-17', Id: 'default', Statement: statements } : undefined;
  }

  /** Undefined when nothing was granted on the function. */
  policyOf(name: string): PolicyDocument | undefined {
    const statements = this.#ctx.store
      .prepare('SELECT statement FROM lambda_statements WHERE name = ? ORDER BY statement_id')
      .all(name)
      .map(({ statement }) => JSON.parse(statement as string) as PolicyStatement);
    return statements.length === 0 ? undefined : { Version: '2012-10-17', Statement: statements };
  }

  /** `name`, `name:qualifier`, `account:function:name` or the whole ARN, with or without a qualifier. */
  reference(text: string, qualifier?: string): FunctionReference {
    const arn = parseArn(text);
    const parts = (arn ? arn.resource : text).split(':');
    const accountId =
      arn?.accountId ?? (/^\d{12}$/.test(parts[0] ?? '') ? (parts.shift() as string) : this.#ctx.accountId);
    if (parts[0] === 'function') parts.shift();
    const [name = '', inName] = parts;
    if (parts.length > 2 || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
      );
    }
    return { name, accountId, qualifier: qualifier ?? inName ?? LATEST };
  }
}

const statementKey = (statementId: string, qualifier: string): string =>
  qualifier === LATEST ? statementId : `${qualifier}|${statementId}`;
