import { mkdirSync } from 'node:fs';
import { type Account, openAccount } from './account.ts';
import { type AccountServices, createAccountServices } from './account-services.ts';
import { parseArn } from './arn.ts';
import { accountOf, bucketOwner } from './call-routing.ts';
import { type Clock, systemClock } from './clock.ts';
import { deniedEvent } from './cloudtrail/denied-event.ts';
import type { ResourceHandler } from './deploy/resource.ts';
import { type Access, type AccessDecision, createAccess } from './iam/access.ts';
import type { AccessKey } from './iam/credentials.ts';
import { type Ids, systemIds } from './ids.ts';
import { SandboxPool } from './lambda/sandbox/sandbox-pool.ts';
import { removeRuntimeFile, writeRuntimeFiles } from './runtime-files.ts';
import { runtimeGateway } from './runtime-gateway.ts';
import type { TrainingImages } from './sagemaker/training-image.ts';
import { type Listener, listen } from './server/listener.ts';
import type { Log, Services } from './service.ts';
import { servicesBetween } from './services-between.ts';
import { storageFailure } from './store/storage-failure.ts';
import type { Store } from './store/store.ts';
import type { AnsweredRequest } from './support/answered-requests.ts';

export interface RuntimeOptions {
  /** Everything that the runtime keeps is in here. */
  readonly directory: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `name` is the AWS profile that `credentials` and `config` give the account. */
  readonly accounts: readonly { readonly accountId: string; readonly name: string }[];
  readonly region: string;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly log?: Log;
  /** How long a request may take to come in whole. */
  readonly requestTimeoutMs?: number;
  /** The programs that stand for the images of training jobs, by image URI. */
  readonly trainingImages?: TrainingImages;
  /** Hears of every decision about a call: what a deployment really asks for. */
  readonly observeAccess?: (decision: AccessDecision) => void;
  /** Hears of every request on the wire that was answered without an error: what the support page is made from. */
  readonly observeAnswered?: (request: AnsweredRequest) => void;
}

export interface Runtime {
  /** `http://127.0.0.1:PORT`, the endpoint of every service. */
  readonly url: string;
  readonly port: number;
  readonly accounts: readonly { readonly accountId: string; readonly name: string }[];
  readonly services: Services;
  /** The key of the account's administrator, the same in every run on this directory. */
  adminCredentials(accountId: string): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What `deployStack` needs of an account. */
  resourceHandlers(accountId: string): readonly ResourceHandler[];
  store(accountId: string): Store;
  /** Answers what is under way, stops the background work, closes the stores. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 5000;

/**
 * AWS on one machine: opens each account's store, brings up its services and listens on the loopback address. Throws when another
 * runtime uses the directory or something else the port, and when the directory cannot be used, saying why.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { directory, region, clock = systemClock, ids = systemIds, log = logToStandardError } = options;
  checkAccounts(options.accounts);
  const opened: Account[] = [];
  const accounts = new Map<string, AccountServices>();
  const rolesOf = (accountId: string) => opened.find((account) => account.accountId === accountId)?.roles;
  const access = createAccess({
    clock,
    log,
    roleIdentity: (roleArn) => rolesOf(parseArn(roleArn)?.accountId ?? '')?.identityOf(roleArn),
    requireKeyUse(call, keyArn, operation, encryptionContext) {
      accountOf({ accounts }, keyArn).kms.requireKeyUse(call, keyArn, operation, encryptionContext);
    },
    keepRefusal(refusal) {
      const historyOf = (owner: string) => opened.find(({ accountId }) => accountId === owner)?.history;
      // Where the call was judged, in the account of the resource; of an account that is not here, with its caller.
      const { accountId, principal } = refusal.call;
      (historyOf(accountId) ?? historyOf(principal.accountId))?.record(deniedEvent(refusal));
    },
    observe: options.observeAccess,
  });
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const { accountId, name } of options.accounts) {
      opened.push(openAccount({ directory, accountId, name, region, clock, ids, log, access }));
    }
    return await start(options, opened, { region, clock, ids, log, access, accounts });
  } catch (error) {
    for (const account of opened) account.ctx.store.close();
    const problem = storageFailure(error);
    if (problem === undefined) throw error;
    throw new Error(`The local runtime cannot use ${directory}: ${problem} (${(error as Error).message}).`, {
      cause: error,
    });
  }
}

interface Surroundings {
  readonly region: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly access: Access;
  /** Filled as the services come up. */
  readonly accounts: Map<string, AccountServices>;
}

async function start(
  { directory, port, trainingImages, observeAnswered, requestTimeoutMs }: RuntimeOptions,
  opened: readonly Account[],
  { region, clock, ids, log, access, accounts }: Surroundings,
): Promise<Runtime> {
  const byId = new Map(opened.map((account) => [account.accountId, account]));
  const context = { region, ids, accounts, access };
  const services = servicesBetween(context);
  const sandboxPool = new SandboxPool({ clock });
  let listener: Listener | undefined;
  const url = () => `http://127.0.0.1:${listener?.port ?? port}`;
  for (const account of opened) {
    const accountServices = createAccountServices(account, {
      services,
      url,
      sandboxPool,
      trainingImages,
      findBucketOwner: (bucketName) => bucketOwner(context, bucketName)?.s3,
      findRole: (roleArn) => byId.get(parseArn(roleArn)?.accountId ?? '')?.roles.find(roleArn),
      findManagedPolicy: (policyArn) => byId.get(parseArn(policyArn)?.accountId ?? '')?.roles.managedPolicy(policyArn),
      issueRoleCredentials: ({ accountId, ...request }) =>
        requireAccount(byId, accountId).credentials.issueRoleCredentials(request),
    });
    accounts.set(account.accountId, accountServices);
  }

  const administrators = new Map(opened.map((account) => [account.accountId, account.credentials.administrator()]));
  listener = await listen(runtimeGateway(context, observeAnswered), {
    port,
    region,
    clock,
    ids,
    log,
    requestTimeoutMs,
  });
  try {
    writeRuntimeFiles(directory, {
      url: url(),
      port: listener.port,
      region,
      pid: process.pid,
      accounts: opened.map(({ accountId, name }) => {
        const { accessKeyId, secretAccessKey } = requireAccount(administrators, accountId);
        return { accountId, name, accessKeyId, secretAccessKey };
      }),
    });
  } catch (error) {
    // A listener left behind would keep the process alive, with nobody to answer.
    await listener.stop(0);
    throw error;
  }
  const background = [...accounts.values()].flatMap((account) => account.background);
  for (const part of background) part.start();

  return {
    url: url(),
    port: listener.port,
    accounts: opened.map(({ accountId, name }) => ({ accountId, name })),
    services,
    adminCredentials: (accountId) => credentialsOf(requireAccount(administrators, accountId)),
    resourceHandlers: (accountId) => requireAccount(accounts, accountId).resources,
    store: (accountId) => requireAccount(byId, accountId).ctx.store,
    stop: once(async () => {
      // Background work first: it is what long polls and pending invocations are waiting for.
      const closed = listener.stop(STOP_GRACE_MS);
      await Promise.all(background.toReversed().map((part) => part.stop()));
      await closed;
      for (const account of opened) account.history.flush();
      for (const account of opened) account.ctx.store.close();
      removeRuntimeFile(directory);
    }),
  };
}

function checkAccounts(accounts: RuntimeOptions['accounts']): void {
  if (accounts.length === 0) throw new Error('A local runtime needs at least one account.');
  for (const { accountId, name } of accounts) {
    if (!/^\d{12}$/.test(accountId)) throw new Error(`The account id ${accountId} is not twelve digits.`);
    if (!/^[\w.-]+$/.test(name))
      throw new Error(`The account name ${name} cannot be an AWS profile (letters, digits, _ . -).`);
  }
  if (new Set(accounts.map(({ accountId }) => accountId)).size < accounts.length) {
    throw new Error('Two accounts of a local runtime have the same id.');
  }
}

function requireAccount<T>(accounts: ReadonlyMap<string, T>, accountId: string): T {
  const account = accounts.get(accountId);
  if (account === undefined) {
    throw new Error(`No account ${accountId} in this runtime; it has ${[...accounts.keys()].join(', ')}.`);
  }
  return account;
}

const credentialsOf = ({ accessKeyId, secretAccessKey }: AccessKey) => ({ accessKeyId, secretAccessKey });

function once(fn: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= fn();
    return result;
  };
}

const logToStandardError: Log = (level, message, fields) => {
  const line = `${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`;
  process.stderr.write(`${escapeControls(line)}\n`);
};

/** A message may hold what a client sent (a key can be any text): it must not paint or move the terminal that shows the log. */
const escapeControls = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
