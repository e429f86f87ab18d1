import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Environment, environments } from '../../domain/environment.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import type { Principal } from '../../local/service.ts';
import { accountOf, deployEnvironments, localAccounts, REGION } from '../../scripts/local-environments.ts';
import { packageDeployment, stages } from '../../scripts/package-deployment.ts';
import { root } from './packaged.ts';

interface Refusal {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let home: string;
let runtime: Runtime;
let refusals: Refusal[] = [];
let buckets: Readonly<Record<Environment, { data: string; artifacts: string }>>;

beforeAll(async () => {
  const { stages: packages } = await packageDeployment(root, stages);
  home = mkdtempSync(join(tmpdir(), 'sluice-walls-'));
  runtime = await startRuntime({
    directory: home,
    port: 0,
    accounts: localAccounts,
    region: REGION,
    log: (_level, message, fields) => {
      if (message.startsWith('Access denied')) refusals.push({ message, fields: fields ?? {} });
    },
  });
  await deployEnvironments(runtime, home, packages);
  buckets = Object.fromEntries(
    environments.map((env) => [
      env,
      { data: `sluice-${env}-data-${accountOf[env]}`, artifacts: `sluice-${env}-artifacts-${accountOf[env]}` },
    ]),
  ) as typeof buckets;
}, 120_000);
afterAll(async () => {
  await runtime?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** What the event history of an environment has, newest first. */
const historyOf = async (env: Environment) => {
  const input = { MaxResults: 50 };
  const as = principal(env, 'administrator');
  const { Events } = (await runtime.services.callOperation('cloudtrail', 'LookupEvents', input, as)) as {
    Events: { EventId: string; CloudTrailEvent: string }[];
  };
  return Events.map(
    ({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent) as { eventID: string; userIdentity: { arn: string } },
  );
};

/** Of all environments, those that came since: by environment, who was denied. */
async function deniedSince(before: ReadonlyMap<Environment, string | undefined>) {
  const found: (readonly [Environment, string])[] = [];
  for (const env of environments) {
    for (const event of await historyOf(env)) {
      if (event.eventID === before.get(env)) break;
      found.unshift([env, event.userIdentity.arn]);
    }
  }
  return found;
}

const newestEvents = async () =>
  new Map(await Promise.all(environments.map(async (env) => [env, (await historyOf(env))[0]?.eventID] as const)));

/** Every session that there could be in an environment: the one that crosses, one that does not, and its administrator. */
const callers = [
  'move-artifact',
  'verify-candidate',
  'predict',
  'forward-promotion-requests',
  'administrator',
] as const;
function principal(environment: Environment, who: (typeof callers)[number]): Principal {
  const accountId = accountOf[environment];
  const name = `sluice-${environment}-${who}`;
  return who === 'administrator'
    ? { kind: 'user', accountId, arn: `arn:aws:iam::${accountId}:user/administrator`, userId: 'AIDA' }
    : {
        kind: 'assumed-role',
        accountId,
        arn: `arn:aws:sts::${accountId}:assumed-role/${name}/s`,
        roleArn: `arn:aws:iam::${accountId}:role/${name}`,
        userId: 'AROA:s',
      };
}

const s3 = (method: string, path: string, as: Principal) =>
  runtime.services.callRest(
    's3',
    {
      method,
      rawPath: path,
      query: new URLSearchParams(),
      headers: method === 'PUT' ? { 'content-length': '1' } : {},
      body: Readable.from(method === 'PUT' ? ['x'] : []),
    },
    as,
  );
const arn = (service: string, to: Environment, resource: string) =>
  `arn:aws:${service}:${REGION}:${accountOf[to]}:${resource}`;

/** The ways from one environment into another. */
const paths: Readonly<Record<string, (as: Principal, to: Environment) => Promise<unknown>>> = {
  'read data': (as, to) => s3('GET', `/${buckets[to].data}/loan/x.csv`, as),
  'write data': (as, to) => s3('PUT', `/${buckets[to].data}/loan/x.csv`, as),
  'read a model': (as, to) => s3('GET', `/${buckets[to].artifacts}/models/loan/x`, as),
  'write a recipe': (as, to) => s3('PUT', `/${buckets[to].artifacts}/recipes/x.json`, as),
  'delete what is outbound': (as, to) => s3('DELETE', `/${buckets[to].artifacts}/outbound/x`, as),
  'read the registry': (as, to) =>
    runtime.services.callOperation(
      'dynamodb',
      'GetItem',
      { TableName: arn('dynamodb', to, `table/sluice-${to}-registry`), Key: { pk: { S: 'a' }, sk: { S: 'b' } } },
      as,
    ),
  'start a run': (as, to) =>
    runtime.services.callOperation(
      'states',
      'StartExecution',
      { stateMachineArn: arn('states', to, `stateMachine:sluice-${to}-train-model`), input: '{}' },
      as,
    ),
  'tell a fact': (as, to) =>
    runtime.services.callOperation(
      'events',
      'PutEvents',
      {
        Entries: [
          {
            EventBusName: arn('events', to, `event-bus/sluice-${to}`),
            Source: 'sluice',
            DetailType: 'Model Promoted',
            Detail: '{}',
          },
        ],
      },
      as,
    ),
  sign: (as, to) =>
    runtime.services.callOperation(
      'kms',
      'Sign',
      {
        KeyId: arn('kms', to, `alias/sluice-${to}-signing`),
        Message: 'AA==',
        MessageType: 'RAW',
        SigningAlgorithm: 'ECDSA_SHA_256',
      },
      as,
    ),
  encrypt: (as, to) =>
    runtime.services.callOperation(
      'kms',
      'Encrypt',
      { KeyId: arn('kms', to, `alias/sluice-${to}-encryption`), Plaintext: 'AA==' },
      as,
    ),
  'run a function': (as, to) =>
    runtime.services.invokeLambda(arn('lambda', to, `function:sluice-${to}-predict`), '{}', as),
  'take a dead letter': (as, to) =>
    runtime.services.callOperation(
      'sqs',
      'ReceiveMessage',
      { QueueUrl: `${runtime.url}/${accountOf[to]}/sluice-${to}-dead-letters` },
      as,
    ),
  'act as a role': (as, to) =>
    runtime.services.callOperation(
      'sts',
      'AssumeRole',
      { RoleArn: `arn:aws:iam::${accountOf[to]}:role/sluice-${to}-engineer`, RoleSessionName: 'me' },
      as,
    ),
};

const pairs = environments.flatMap((from) => environments.filter((to) => to !== from).map((to) => ({ from, to })));

describe.each(pairs)('from $from into $to', ({ from, to }) => {
  test.each(Object.keys(paths))('nobody can %s, and each try leaves one event, where the resource is', async (path) => {
    const before = await newestEvents();
    for (const who of callers) {
      refusals = [];
      const as = principal(from, who);
      const answer = await (paths[path] as (typeof paths)[string])(as, to).then(
        () => 'it was done',
        (error: { code?: string }) => error.code,
      );
      expect(answer, who).toMatch(/^AccessDenied(Exception)?$/);
      expect(
        refusals.map(({ fields }) => [fields.eventType, fields.principal, fields.recipientAccountId]),
        who,
      ).toEqual([['AccessDenied', as.arn, accountOf[to]]]);
    }
    expect(await deniedSince(before)).toEqual(callers.map((who) => [to, principal(from, who).arn]));
  });
});

/** What the role that answers predictions may do where it is at home. */
const OWN_WAYS = new Set(['read a model', 'read the registry']);

describe.each(environments)('within %s', (env) => {
  test.each(Object.keys(paths).filter((path) => !OWN_WAYS.has(path)))(
    'predict cannot %s, and the try leaves one event',
    async (path) => {
      const before = await newestEvents();
      const as = principal(env, 'predict');
      await expect((paths[path] as (typeof paths)[string])(as, env)).rejects.toMatchObject({
        code: expect.stringMatching(/^AccessDenied(Exception)?$/),
      });
      expect(await deniedSince(before)).toEqual([[env, as.arn]]);
    },
  );
});

describe('the ways that are open', () => {
  const next = { dev: 'acc', acc: 'prd' } as const;
  const isOpen = (from: Environment, to: Environment) => (from === 'prd' ? false : next[from] === to);

  test.each(pairs)('a promotion request from $from to $to: only to the next', async ({ from, to }) => {
    const Entries = [
      {
        EventBusName: arn('events', to, `event-bus/sluice-${to}`),
        Source: 'sluice',
        DetailType: 'Promotion Requested',
        Detail: '{}',
      },
    ];
    const as = principal(from, 'administrator');
    const asked = runtime.services.callOperation('events', 'PutEvents', { Entries }, as);
    if (isOpen(from, to)) await expect(asked).resolves.toMatchObject({ FailedEntryCount: 0 });
    else await expect(asked).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  test.each(pairs)(
    'what is outbound in $to, read by move-artifact of $from: only by the next',
    async ({ from, to }) => {
      await s3('PUT', `/${buckets[to].artifacts}/outbound/x`, principal(to, 'administrator'));
      const asked = s3('GET', `/${buckets[to].artifacts}/outbound/x`, principal(from, 'move-artifact'));
      if (isOpen(to, from)) await expect(asked).resolves.toMatchObject({ statusCode: 200 });
      else await expect(asked).rejects.toMatchObject({ code: 'AccessDenied' });
      await expect(s3('GET', `/${buckets[to].artifacts}/outbound/x`, principal(from, 'predict'))).rejects.toMatchObject(
        { code: 'AccessDenied' },
      );
    },
  );
});
