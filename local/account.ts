import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { EventHistory } from './cloudtrail/event-history.ts';
import type { Access } from './iam/access.ts';
import { Credentials } from './iam/credentials.ts';
import { Roles } from './iam/roles.ts';
import type { Ids } from './ids.ts';
import type { AccountContext, Log } from './service.ts';
import { Store } from './store/store.ts';

/** An account as it is before it has services: a store, its roles and its keys. */
export interface Account {
  readonly accountId: string;
  /** What people call it, and its AWS profile. */
  readonly name: string;
  readonly ctx: AccountContext;
  readonly roles: Roles;
  readonly credentials: Credentials;
  /** The calls that were denied here. */
  readonly history: EventHistory;
}

export interface AccountOptions {
  /** The runtime's; the account has a folder in it. */
  readonly directory: string;
  readonly accountId: string;
  readonly name: string;
  readonly region: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly access: Access;
}

/** Opens the account's store, or makes it. Throws when another process has it open. */
export function openAccount({ directory, accountId, name, region, clock, ids, log, access }: AccountOptions): Account {
  const folder = join(directory, accountId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'store.db');
  // SQLite gives its journals the mode of the database, which holds secrets and keys.
  closeSync(openSync(file, 'a', 0o600));
  const store = openStore(file, directory);
  try {
    const roles = new Roles({ store, accountId, clock, ids });
    return {
      accountId,
      name,
      ctx: { accountId, region, store, directory: folder, clock, ids, log, access },
      roles,
      credentials: new Credentials({ store, accountId, clock, roles }),
      history: new EventHistory({ store, clock, ids, log }),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function openStore(file: string, directory: string): Store {
  try {
    return new Store(file);
  } catch (error) {
    if (!/database is locked/.test(String(error))) throw error;
    throw new Error(
      `Another local runtime is using ${directory} (see runtime.json there). Stop it first, or choose another directory.`,
      { cause: error },
    );
  }
}
