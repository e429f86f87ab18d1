import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Principal, PrincipalSession } from '../service.ts';
import type { Store } from '../store/store.ts';
import type { Roles } from './roles.ts';

/** A secret and the identity that it proves. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAtEpochMs?: number;
  readonly principal: Principal;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly principal: Principal;
}

export interface RoleSessionRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly session?: PrincipalSession;
}

/** Gives credentials of a role of any account of the runtime; whether the caller may have them is the caller's to judge. */
export type IssueRoleCredentials = (request: RoleSessionRequest & { readonly accountId: string }) => RoleCredentials;

const ADMINISTRATOR = 'administrator';

/** One account's access keys. */
export class Credentials {
  readonly #store: Store;
  readonly #accountId: string;
  readonly #clock: Clock;
  readonly #roles: Roles;

  constructor({ store, accountId, clock, roles }: { store: Store; accountId: string; clock: Clock; roles: Roles }) {
    this.#store = store;
    this.#accountId = accountId;
    this.#clock = clock;
    this.#roles = roles;
    store.define(`
      CREATE TABLE IF NOT EXISTS iam_access_keys (
        access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL, session_token TEXT, expires_at INTEGER,
        principal TEXT NOT NULL) STRICT;
    `);
  }

  /** The account's administrator: made once, the same ever after. */
  administrator(): AccessKey {
    const arn = `arn:aws:iam::${this.#accountId}:user/${ADMINISTRATOR}`;
    return this.#store.transaction(() => {
      const row = this.#store
        .prepare("SELECT * FROM iam_access_keys WHERE session_token IS NULL AND principal ->> '$.arn' = ?")
        .get(arn);
      if (row) return toAccessKey(row);
      const key: AccessKey = {
        accessKeyId: newKeyId('AKIA'),
        secretAccessKey: newSecret(),
        principal: { kind: 'user', accountId: this.#accountId, arn, userId: newKeyId('AIDA') },
      };
      this.#save(key);
      return key;
    });
  }

  /** Throws NoSuchEntity when the account has no such role. */
  issueRoleCredentials({ roleArn, sessionName, durationSeconds, session }: RoleSessionRequest): RoleCredentials {
    const role = this.#roles.require(roleArn);
    const expiresAtEpochMs = this.#clock.now() + durationSeconds * 1000;
    const credentials = {
      accessKeyId: newKeyId('ASIA'),
      secretAccessKey: newSecret(),
      sessionToken: randomBytes(96).toString('base64'),
      principal: {
        kind: 'assumed-role',
        accountId: this.#accountId,
        arn: `arn:aws:sts::${this.#accountId}:assumed-role/${role.name}/${sessionName}`,
        roleArn: role.arn,
        userId: `${role.roleId}:${sessionName}`,
        session: session ?? { issuedAtMs: this.#clock.now() },
      },
    } as const;
    this.#store.transaction(() => {
      // A day of grace keeps "your token has expired" apart from "no such key" for those who come late.
      this.#store.prepare('DELETE FROM iam_access_keys WHERE expires_at < ?').run(this.#clock.now() - 86_400_000);
      this.#save({ ...credentials, expiresAtEpochMs });
    });
    return { ...credentials, expiration: new Date(expiresAtEpochMs) };
  }

  find(accessKeyId: string): AccessKey | undefined {
    const row = this.#store.prepare('SELECT * FROM iam_access_keys WHERE access_key_id = ?').get(accessKeyId);
    return row && toAccessKey(row);
  }

  #save(key: AccessKey): void {
    this.#store
      .prepare('INSERT INTO iam_access_keys VALUES (?, ?, ?, ?, ?)')
      .run(
        key.accessKeyId,
        key.secretAccessKey,
        key.sessionToken ?? null,
        key.expiresAtEpochMs ?? null,
        JSON.stringify(key.principal),
      );
  }
}

function toAccessKey(row: Record<string, unknown>): AccessKey {
  return {
    accessKeyId: row.access_key_id as string,
    secretAccessKey: row.secret as string,
    ...(row.session_token === null ? {} : { sessionToken: row.session_token as string }),
    ...(row.expires_at === null ? {} : { expiresAtEpochMs: row.expires_at as number }),
    principal: JSON.parse(row.principal as string),
  };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Twenty characters, as AWS's identifiers: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const newKeyId = (prefix: string): string => prefix + Array.from(randomBytes(16), (byte) => BASE32[byte & 31]).join('');

const newSecret = (): string => randomBytes(30).toString('base64');
