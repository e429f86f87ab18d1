import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { formatArn, parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { PolicyDocument } from '../iam/policy.ts';
import { storedPolicy } from '../iam/stored-policy.ts';
import type { AccountContext, JsonObject } from '../service.ts';

export type KeySpec = 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256';
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';

export interface KmsKey {
  readonly keyId: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly description: string;
  readonly enabled: boolean;
  readonly policy: PolicyDocument;
  /** 32 bytes of AES-256, or PKCS #8 DER of a private key. */
  readonly material: Uint8Array;
  readonly rotationEnabled: boolean;
  readonly createdAtMs: number;
  readonly deletionAtMs: number | undefined;
}

export interface KeySettings {
  readonly description: string;
  readonly enabled: boolean;
  readonly policy: PolicyDocument;
  readonly rotationEnabled: boolean;
  readonly pendingWindowDays: number;
  readonly tags: readonly JsonObject[];
}

const DAY_MS = 86_400_000;

/** One account's keys and aliases. Key material never leaves the account's store, whose file only its owner can read. */
export class Keys {
  readonly #ctx: AccountContext;

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS kms_keys (
        key_id TEXT PRIMARY KEY, arn TEXT NOT NULL, spec TEXT NOT NULL, usage TEXT NOT NULL, description TEXT NOT NULL,
        enabled INTEGER NOT NULL, policy TEXT NOT NULL, material BLOB NOT NULL, rotation INTEGER NOT NULL,
        window_days INTEGER NOT NULL, tags TEXT NOT NULL, created_at INTEGER NOT NULL, deletion_at INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS kms_aliases (name TEXT PRIMARY KEY, key_id TEXT NOT NULL) STRICT;
    `);
  }

  create(spec: KeySpec, usage: KeyUsage, settings: KeySettings): KmsKey {
    const keyId = this.#ctx.ids.uuid();
    this.#ctx.store
      .prepare('INSERT INTO kms_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)')
      .run(
        keyId,
        formatArn('kms', this.#ctx.region, this.#ctx.accountId, `key/${keyId}`),
        spec,
        usage,
        settings.description,
        Number(settings.enabled),
        JSON.stringify(settings.policy),
        newMaterial(spec),
        Number(settings.rotationEnabled),
        settings.pendingWindowDays,
        JSON.stringify(settings.tags),
        this.#ctx.clock.now(),
      );
    return this.#row(keyId) as KmsKey;
  }

  /** Brings an existing key to these settings; one that was to be deleted stays. */
  update(keyId: string, settings: KeySettings): KmsKey {
    this.#ctx.store
      .prepare(
        `UPDATE kms_keys SET description = ?, enabled = ?, policy = ?, rotation = ?, window_days = ?, tags = ?,
         deletion_at = NULL WHERE key_id = ?`,
      )
      .run(
        settings.description,
        Number(settings.enabled),
        JSON.stringify(settings.policy),
        Number(settings.rotationEnabled),
        settings.pendingWindowDays,
        JSON.stringify(settings.tags),
        keyId,
      );
    return this.require(keyId);
  }

  /** As CloudFormation does: the key can be used no more, and is gone when its window has passed. */
  scheduleDeletion(keyId: string): void {
    this.#ctx.store
      .prepare('UPDATE kms_keys SET deletion_at = ? + window_days * ? WHERE key_id = ? AND deletion_at IS NULL')
      .run(this.#ctx.clock.now(), DAY_MS, keyId);
  }

  putAlias(name: string, keyId: string): void {
    this.#ctx.store
      .prepare('INSERT INTO kms_aliases VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET key_id = excluded.key_id')
      .run(name, keyId);
  }

  deleteAlias(name: string): void {
    this.#ctx.store.prepare('DELETE FROM kms_aliases WHERE name = ?').run(name);
  }

  aliases(): readonly { readonly name: string; readonly keyId: string }[] {
    return this.#ctx.store
      .prepare('SELECT name, key_id AS keyId FROM kms_aliases ORDER BY name')
      .all()
      .map((row) => ({ name: row.name as string, keyId: row.keyId as string }));
  }

  list(): readonly KmsKey[] {
    const rows = this.#ctx.store.prepare('SELECT key_id FROM kms_keys ORDER BY key_id').all();
    return rows.map((row) => this.find(row.key_id as string)).filter((key) => key !== undefined);
  }

  /** By key id, key ARN, `alias/NAME` or alias ARN. */
  find(identifier: string): KmsKey | undefined {
    const arn = parseArn(identifier);
    if (arn && (arn.service !== 'kms' || arn.accountId !== this.#ctx.accountId || arn.region !== this.#ctx.region)) {
      return undefined;
    }
    const name = arn ? arn.resource.replace(/^key\//, '') : identifier;
    if (!name.startsWith('alias/')) return this.#row(name);
    const alias = this.#ctx.store.prepare('SELECT key_id FROM kms_aliases WHERE name = ?').get(name);
    return alias && this.#row(alias.key_id as string);
  }

  /** Throws NotFoundException. */
  require(identifier: string): KmsKey {
    const key = this.find(identifier);
    if (key) return key;
    const arn = identifier.startsWith('arn:')
      ? identifier
      : formatArn(
          'kms',
          this.#ctx.region,
          this.#ctx.accountId,
          identifier.startsWith('alias/') ? identifier : `key/${identifier}`,
        );
    throw new AwsError(
      'NotFoundException',
      arn.includes(':alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`,
    );
  }

  #row(keyId: string): KmsKey | undefined {
    const row = this.#ctx.store.prepare('SELECT * FROM kms_keys WHERE key_id = ?').get(keyId);
    if (!row) return undefined;
    const deletionAtMs = (row.deletion_at as number | null) ?? undefined;
    if (deletionAtMs !== undefined && deletionAtMs <= this.#ctx.clock.now()) {
      this.#ctx.store.prepare('DELETE FROM kms_keys WHERE key_id = ?').run(keyId);
      return undefined;
    }
    return {
      keyId,
      arn: row.arn as string,
      spec: row.spec as KeySpec,
      usage: row.usage as KeyUsage,
      description: row.description as string,
      enabled: row.enabled === 1,
      policy: storedPolicy(row.policy as string),
      material: row.material as Uint8Array,
      rotationEnabled: row.rotation === 1,
      createdAtMs: row.created_at as number,
      deletionAtMs,
    };
  }
}

function newMaterial(spec: KeySpec): Buffer {
  if (spec === 'SYMMETRIC_DEFAULT') return randomBytes(32);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}
