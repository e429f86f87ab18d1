/**
 * For runtime-process.ts: the runtime that is fuzzed, in a process of its own, so that what it does to its memory, its processor and its
 * prototypes is seen from outside. Arguments: folder, milliseconds that a request may take to come in.
 */
import { Readable } from 'node:stream';
import { seededIds, systemIds } from '../../../local/ids.ts';
import { startRuntime } from '../../../local/runtime.ts';
import type { JsonObject, Principal } from '../../../local/service.ts';
import { FIXTURES, KEYS } from './fixtures.ts';
import { ACCOUNT, type FuzzWorld, OTHER_ACCOUNT, REGION, ROLE } from './fuzz-world.ts';

export interface Usage {
  /** Of the whole process since its start. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** What the log says of defects since the last time. */
  readonly defects: readonly string[];
  /** Members that Object.prototype and Array.prototype should not have. */
  readonly pollution: readonly string[];
}

export type Question = { readonly kind: 'usage' | 'restore'; readonly id: number };
export type Message =
  | { readonly kind: 'ready'; readonly world: FuzzWorld }
  | { readonly kind: 'answer'; readonly id: number; readonly usage: Usage };

const [directory, requestTimeoutMs] = process.argv.slice(2) as [string, string];
const defects: string[] = [];
const names = (prototype: object): string[] => Object.getOwnPropertyNames(prototype);
const before = new Set([...names(Object.prototype), ...names(Array.prototype)]);

// Ids that are the same in each run, but for what must not be guessed.
const ids = { ...seededIds('fuzz'), hex: systemIds.hex };
const runtime = await startRuntime({
  directory,
  port: 0,
  region: REGION,
  ids,
  requestTimeoutMs: Number(requestTimeoutMs),
  accounts: [
    { accountId: ACCOUNT, name: 'fuzz' },
    { accountId: OTHER_ACCOUNT, name: 'other' },
  ],
  log: (level, message, fields) => {
    if (level === 'error' && /unexpected/i.test(message)) defects.push(`${message} ${JSON.stringify(fields)}`);
  },
});
const administrator: Principal = {
  kind: 'root',
  accountId: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:root`,
  userId: ACCOUNT,
};

async function put([type, properties, logicalId]: readonly [string, JsonObject, string]) {
  const handler = runtime.resourceHandlers(ACCOUNT).find((candidate) => candidate.type === type);
  if (!handler) throw new Error(`No handler for ${type}`);
  const artifact = () => {
    throw new Error('there are no artifacts');
  };
  return handler.put({ stackName: 'fuzz', logicalId, properties, artifact });
}

const call = (service: Parameters<typeof runtime.services.callOperation>[0], operation: string, input: JsonObject) =>
  runtime.services.callOperation(service, operation, input, administrator);

async function restore(): Promise<Map<string, Awaited<ReturnType<typeof put>>>> {
  const made = new Map<string, Awaited<ReturnType<typeof put>>>();
  for (const fixture of FIXTURES) made.set(fixture[2], await put(fixture));
  for (const key of ['key', 'other-key']) {
    const bytes = Buffer.from('hello, object');
    const request = {
      method: 'PUT',
      rawPath: `/bucket/${key}`,
      query: new URLSearchParams(),
      headers: { 'content-length': String(bytes.length) },
      body: Readable.from([bytes]),
    };
    await runtime.services.callRest('s3', request, administrator);
  }
  await call('dynamodb', 'PutItem', {
    TableName: 'things',
    Item: { pk: { S: 'a' }, sk: { N: '1' }, n: { N: '1' }, list: { L: [{ S: 'x' }] }, owner: { S: 'me' } },
  });
  return made;
}

async function worldOf(): Promise<FuzzWorld> {
  const [key, signingKey] = [await put(KEYS[0]!), await put(KEYS[1]!)];
  const made = await restore();
  const keyId = key.physicalId;
  const { CiphertextBlob } = await call('kms', 'Encrypt', { KeyId: keyId, Plaintext: 'aGVsbG8=' });
  const assumed = await call('sts', 'AssumeRole', { RoleArn: ROLE, RoleSessionName: 'fuzz' });
  const given = assumed.Credentials as { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
  const { executionArn } = await call('states', 'StartExecution', {
    stateMachineArn: made.get('Machine')!.physicalId,
    name: 'run',
  });
  return {
    port: runtime.port,
    credentials: runtime.adminCredentials(ACCOUNT),
    session: {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
    },
    keyId,
    signingKeyId: signingKey.physicalId,
    queueUrl: made.get('Queue')!.physicalId,
    functionUrlPath: new URL(made.get('Url')!.attributes.FunctionUrl as string).pathname,
    executionArn: executionArn as string,
    ciphertext: Buffer.from(CiphertextBlob as Uint8Array).toString('base64'),
  };
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const pollution = [...names(Object.prototype), ...names(Array.prototype)].filter((name) => !before.has(name));
  for (const name of pollution) {
    Reflect.deleteProperty(Object.prototype, name);
    Reflect.deleteProperty(Array.prototype, name);
  }
  return { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss(), defects: defects.splice(0), pollution };
}

process.on('message', async ({ kind, id }: Question) => {
  if (kind === 'restore') await restore();
  process.send?.({ kind: 'answer', id, usage: usage() } satisfies Message);
});
// Whoever started it must not leave it behind.
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'ready', world: await worldOf() } satisfies Message);
