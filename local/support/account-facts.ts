import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccount } from '../account.ts';
import { type AccountServices, createAccountServices } from '../account-services.ts';
import { VirtualClock } from '../clock.ts';
import { administratorsOnly } from '../iam/access.ts';
import { seededIds } from '../ids.ts';
import { SandboxPool } from '../lambda/sandbox/sandbox-pool.ts';
import type { OperationService, Services } from '../service.ts';

/** What the services of one account say of themselves. */
export interface AccountFacts {
  /** Names of the API's operations that are done, in alphabetical order. */
  readonly operations: Readonly<Record<OperationService['name'], readonly string[]>>;
  /** CloudFormation types, in alphabetical order, with the properties that a template may give. */
  readonly resources: readonly { readonly type: string; readonly properties: readonly string[] }[];
}

const sorted = (texts: Iterable<string>): string[] => [...texts].sort();

/** Builds an account with all its services, as the runtime does, and asks them. Nothing is started. */
export function accountFacts(): AccountFacts {
  return withAccountServices(({ operationServices, resources }) => {
    return {
      operations: Object.fromEntries(
        [...operationServices].map(([name, service]) => [name, sorted(Object.keys(service.operations))]),
      ) as unknown as AccountFacts['operations'],
      resources: resources
        .map(({ type, properties }) => ({ type, properties: sorted(properties) }))
        .sort((a, b) => (a.type < b.type ? -1 : 1)),
    };
  });
}

/** Runs `use` with the services of an account in a folder that is gone afterwards. */
export function withAccountServices<T>(use: (services: AccountServices) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-support-'));
  const clock = new VirtualClock(0);
  const account = openAccount({
    directory,
    accountId: '111111111111',
    name: 'support',
    region: 'us-east-1',
    clock,
    ids: seededIds('support'),
    log: () => {},
    access: administratorsOnly,
  });
  const finish = (): void => {
    account.ctx.store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const result = use(
      createAccountServices(account, {
        services: NO_OTHER_SERVICES,
        findRole: () => undefined,
        findManagedPolicy: () => undefined,
        issueRoleCredentials: () => {
          throw new Error('no credentials are issued here');
        },
        url: () => 'http://127.0.0.1:0',
        findBucketOwner: () => undefined,
        sandboxPool: new SandboxPool({ clock }),
      }),
    );
    if (result instanceof Promise) return result.finally(finish) as T;
    finish();
    return result;
  } catch (error) {
    finish();
    throw error;
  }
}

const alone = (): never => {
  throw new Error('this account is alone');
};
const NO_OTHER_SERVICES: Services = {
  invokeLambda: alone,
  expectLambda: alone,
  queueLambda: alone,
  startExecution: alone,
  sendMessage: alone,
  putEvent: alone,
  emitServiceEvent: () => {},
  callOperation: alone,
  hasOperation: alone,
  callRest: alone,
};
