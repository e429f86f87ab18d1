import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { JsonObject } from '../service.ts';
import type { Store } from '../store/store.ts';
import type { IdentityPolicies, NamedPolicy } from './identity.ts';
import type { PolicyDocument } from './policy.ts';
import { storedPolicy } from './stored-policy.ts';

export interface Role {
  readonly name: string;
  readonly arn: string;
  /** `AROA…`: what a session's user id begins with. */
  readonly roleId: string;
  readonly trustPolicy: PolicyDocument;
  readonly maxSessionDurationSeconds: number;
  readonly createdAtMs: number;
  /** Description, tags and permissions boundary, as the template gives them. */
  readonly properties: JsonObject;
}

/** A policy that speaks for a role: inline or attached. */
export type RolePolicy = NamedPolicy;

export interface RoleSpecification {
  readonly name: string;
  /** `/`, or `/service-role/` and the like. */
  readonly path: string;
  readonly trustPolicy: PolicyDocument;
  readonly maxSessionDurationSeconds: number;
  readonly inlinePolicies: readonly RolePolicy[];
  readonly managedPolicyArns: readonly string[];
  readonly properties: JsonObject;
}

/** One account's roles and policies. */
export class Roles {
  readonly #store: Store;
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #ids: Ids;
  /** By role ARN: read and compiled once, until anything changes. */
  readonly #identities = new Map<string, IdentityPolicies>();

  constructor({ store, accountId, clock, ids }: { store: Store; accountId: string; clock: Clock; ids: Ids }) {
    this.#store = store;
    this.#accountId = accountId;
    this.#clock = clock;
    this.#ids = ids;
    store.define(`
      CREATE TABLE IF NOT EXISTS iam_roles (
        name TEXT PRIMARY KEY, arn TEXT NOT NULL, role_id TEXT NOT NULL, trust_policy TEXT NOT NULL,
        max_session_seconds INTEGER NOT NULL, properties TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS iam_role_policies (
        role_name TEXT NOT NULL, policy_name TEXT NOT NULL, owner TEXT NOT NULL, document TEXT NOT NULL,
        PRIMARY KEY (role_name, policy_name)) STRICT;
      CREATE TABLE IF NOT EXISTS iam_role_attachments (
        role_name TEXT NOT NULL, policy_arn TEXT NOT NULL, owner TEXT NOT NULL,
        PRIMARY KEY (role_name, policy_arn, owner)) STRICT;
      CREATE TABLE IF NOT EXISTS iam_managed_policies (arn TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
    `);
  }

  /** Creates the role or brings it to this specification; its id stays. */
  put(role: RoleSpecification): Role {
    this.#identities.clear();
    return this.#store.transaction(() => {
      const arn = `arn:aws:iam::${this.#accountId}:role${role.path}${role.name}`;
      this.#store
        .prepare(
          `INSERT INTO iam_roles VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET arn = excluded.arn,
           trust_policy = excluded.trust_policy, max_session_seconds = excluded.max_session_seconds,
           properties = excluded.properties`,
        )
        .run(
          role.name,
          arn,
          `AROA${this.#ids.hex(17).toUpperCase()}`,
          JSON.stringify(role.trustPolicy),
          role.maxSessionDurationSeconds,
          JSON.stringify(role.properties),
          this.#clock.now(),
        );
      this.#store.prepare('DELETE FROM iam_role_policies WHERE role_name = ? AND owner = ?').run(role.name, OWN);
      this.#store.prepare('DELETE FROM iam_role_attachments WHERE role_name = ? AND owner = ?').run(role.name, OWN);
      for (const policy of role.inlinePolicies) this.#putPolicy(role.name, policy, OWN);
      for (const policyArn of role.managedPolicyArns) this.#attach(role.name, policyArn, OWN);
      return this.require(arn);
    });
  }

  delete(name: string): void {
    this.#identities.clear();
    this.#store.transaction(() => {
      this.#store.prepare('DELETE FROM iam_role_policies WHERE role_name = ?').run(name);
      this.#store.prepare('DELETE FROM iam_role_attachments WHERE role_name = ?').run(name);
      this.#store.prepare('DELETE FROM iam_roles WHERE name = ?').run(name);
    });
  }

  /** An AWS::IAM::Policy: one document, written into each of its roles. */
  putPolicyOf(owner: string, policy: RolePolicy, roleNames: readonly string[]): void {
    this.#identities.clear();
    this.#store.transaction(() => {
      for (const roleName of roleNames) this.#requireNamed(roleName);
      this.deletePolicyOf(owner);
      for (const roleName of roleNames) this.#putPolicy(roleName, policy, owner);
    });
  }

  deletePolicyOf(owner: string): void {
    this.#identities.clear();
    this.#store.prepare('DELETE FROM iam_role_policies WHERE owner = ?').run(owner);
  }

  putManagedPolicy(arn: string, document: PolicyDocument, roleNames: readonly string[]): void {
    this.#identities.clear();
    this.#store.transaction(() => {
      for (const roleName of roleNames) this.#requireNamed(roleName);
      this.#store
        .prepare(
          'INSERT INTO iam_managed_policies VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET document = excluded.document',
        )
        .run(arn, JSON.stringify(document));
      this.#store.prepare('DELETE FROM iam_role_attachments WHERE owner = ?').run(arn);
      for (const roleName of roleNames) this.#attach(roleName, arn, arn);
    });
  }

  deleteManagedPolicy(arn: string): void {
    this.#identities.clear();
    this.#store.transaction(() => {
      this.#store.prepare('DELETE FROM iam_role_attachments WHERE owner = ?').run(arn);
      this.#store.prepare('DELETE FROM iam_managed_policies WHERE arn = ?').run(arn);
    });
  }

  find(arn: string): Role | undefined {
    const row = this.#store.prepare('SELECT * FROM iam_roles WHERE arn = ?').get(arn);
    return row && toRole(row);
  }

  named(name: string): Role | undefined {
    const row = this.#store.prepare('SELECT * FROM iam_roles WHERE name = ?').get(name);
    return row && toRole(row);
  }

  list(): readonly Role[] {
    return this.#store.prepare('SELECT * FROM iam_roles ORDER BY name').all().map(toRole);
  }

  /** Throws NoSuchEntity. */
  require(arn: string): Role {
    const role = this.find(arn);
    if (!role) throw noSuchRole(arn);
    return role;
  }

  /** Everything that is attached to a role; undefined when there is no such role. */
  identityOf(arn: string): IdentityPolicies | undefined {
    const known = this.#identities.get(arn);
    if (known) return known;
    const role = this.find(arn);
    if (!role) return undefined;
    const boundaryArn = role.properties.PermissionsBoundary;
    const identity: IdentityPolicies = {
      policies: this.policiesOf(role.name),
      boundary: typeof boundaryArn === 'string' ? this.#boundary(boundaryArn) : undefined,
      tags: tagsOf(role.properties.Tags),
      trust: role.trustPolicy,
    };
    this.#identities.set(arn, identity);
    return identity;
  }

  /** A boundary that is not there any more allows nothing. */
  #boundary(arn: string): NamedPolicy {
    return this.managedPolicy(arn) ?? { name: arn, document: { Statement: [] } };
  }

  managedPolicy(arn: string): NamedPolicy | undefined {
    const row = this.#store.prepare('SELECT document FROM iam_managed_policies WHERE arn = ?').get(arn);
    return row && { name: arn, document: storedPolicy(row.document as string) };
  }

  /** Inline policies and the customer-managed ones that are attached. */
  policiesOf(roleName: string): readonly RolePolicy[] {
    const rows = this.#store
      .prepare(
        `SELECT policy_name AS name, document FROM iam_role_policies WHERE role_name = ?1
         UNION ALL
         SELECT DISTINCT m.arn AS name, m.document FROM iam_role_attachments a
         JOIN iam_managed_policies m ON m.arn = a.policy_arn WHERE a.role_name = ?1`,
      )
      .all(roleName);
    return rows.map((row) => ({ name: row.name as string, document: JSON.parse(row.document as string) }));
  }

  #putPolicy(roleName: string, policy: RolePolicy, owner: string): void {
    this.#store
      .prepare(
        `INSERT INTO iam_role_policies VALUES (?, ?, ?, ?) ON CONFLICT (role_name, policy_name)
         DO UPDATE SET owner = excluded.owner, document = excluded.document`,
      )
      .run(roleName, policy.name, owner, JSON.stringify(policy.document));
  }

  #attach(roleName: string, policyArn: string, owner: string): void {
    this.#store.prepare('INSERT OR IGNORE INTO iam_role_attachments VALUES (?, ?, ?)').run(roleName, policyArn, owner);
  }

  #requireNamed(roleName: string): void {
    if (!this.#store.prepare('SELECT 1 FROM iam_roles WHERE name = ?').get(roleName)) throw noSuchRole(roleName);
  }
}

/** Marks what a role's own template entry gives, beside what AWS::IAM::Policy resources add to it. */
const OWN = 'AWS::IAM::Role';

const noSuchRole = (name: string): AwsError =>
  new AwsError('NoSuchEntity', `The role with name ${name.slice(name.lastIndexOf('/') + 1)} cannot be found.`, 404);

function toRole(row: Record<string, unknown>): Role {
  return {
    name: row.name as string,
    arn: row.arn as string,
    roleId: row.role_id as string,
    trustPolicy: JSON.parse(row.trust_policy as string),
    maxSessionDurationSeconds: row.max_session_seconds as number,
    createdAtMs: row.created_at as number,
    properties: JSON.parse(row.properties as string),
  };
}

/** As a template gives them: `[{Key, Value}]`. */
const tagsOf = (tags: unknown): Readonly<Record<string, string>> =>
  Array.isArray(tags) ? Object.fromEntries(tags.map(({ Key, Value }) => [String(Key), String(Value)])) : {};
