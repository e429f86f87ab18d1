import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environments } from '../../domain/environment.ts';
import type { Services } from '../../local/service.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts';
import { TINY_MODEL } from '../support/tiny-model.ts';
import { type BusListener, listenTo } from './bus-listener.ts';
import { problemsOfEnvironment, problemsOfRun, reportRuns } from './pipeline-invariants.ts';
import { uploadToPrd } from './upload-to-prd.ts';

type Delivery = Parameters<Services['queueLambda']>;

let world: LocalWorld;
/** What EventBridge handed to consumers, in order. */
const delivered: Delivery[] = [];
let prdListener: BusListener;

/** EventBridge promises at-least-once: here every event comes twice, to each consumer and over each border between two buses. */
function deliverTwice(services: Services): void {
  const { queueLambda, putEvent } = services;
  services.queueLambda = async (...delivery: Delivery) => {
    delivered.push(delivery);
    await Promise.all([queueLambda(...delivery), queueLambda(...delivery)]);
  };
  services.putEvent = async (...event) => {
    await putEvent(...event);
    await putEvent(...event);
  };
}

beforeAll(async () => {
  world = await startLocalWorld();
  deliverTwice(world.runtime.services);
  prdListener = await listenTo(world.connection.prd);
  await uploadToPrd(world.connection, world.connection.prd);
}, 240_000);

afterAll(() => world?.stop());

/** The whole world in a text: what was told, what ran, what serves. Two equal ones mean that nothing came of what was in between. */
async function everything(): Promise<string> {
  const all = await Promise.all(
    environments.map(async (env) => {
      const { registry } = world.connection[env];
      const [deployment, versions, promotions, facts, audit, runs] = await Promise.all([
        registry.deployment(TINY_MODEL),
        registry.modelVersions(TINY_MODEL),
        registry.promotions(TINY_MODEL),
        registry.facts(1000),
        registry.auditEvents({ environment: true }),
        world.runs(env),
      ]);
      return { deployment, versions, promotions, facts, audit, runs };
    }),
  );
  return JSON.stringify(all, null, 1);
}

test('an event that each consumer gets twice at once starts one run, one promotion, one training', async () => {
  expect(new Set(delivered.map(([functionArn]) => functionArn.split(':').at(-1)))).toEqual(
    new Set([
      ...environments.map((env) => `sluice-${env}-on-data-arrived`),
      'sluice-dev-on-code-committed',
      'sluice-dev-on-model-registered',
      'sluice-acc-on-promotion-requested',
      'sluice-prd-on-promotion-requested',
    ]),
  );
  for (const env of environments) {
    const connection = world.connection[env];
    const reports = await reportRuns(connection);
    expect(reports.map(({ run }) => run.machine).sort()).toEqual(['promote-model', 'train-model']);
    expect(reports.flatMap(problemsOfRun)).toEqual([]);
    expect(await problemsOfEnvironment(connection, TINY_MODEL)).toEqual([]);
  }
});

test('a consumer leaves one audit event an event, however often it comes', async () => {
  for (const env of environments) {
    const audit = await world.connection[env].registry.auditEvents({ environment: true });
    const consumers = audit.filter((event) => event.function.includes('-on-'));
    const events = new Set(
      delivered.filter(([arn]) => arn.includes(`-${env}-`)).map(([arn, payload]) => `${arn} ${identityOf(payload)}`),
    );
    expect(consumers.map((event) => event.outcome)).toEqual(consumers.map(() => 'succeeded'));
    expect(consumers).toHaveLength(events.size);
  }
});

/** What an event is about: an object version, or a fact. Its own id is another one each time that it is sent. */
function identityOf(payload: string): string {
  const { detail } = JSON.parse(payload) as {
    detail: { metadata?: { id: string }; object?: { key: string; 'version-id': string } };
  };
  return detail.metadata?.id ?? `${detail.object?.key} ${detail.object?.['version-id']}`;
}

test('all events again when all is over, the newest first, change nothing', async () => {
  const before = await everything();
  expect(delivered.length).toBeGreaterThan(7);
  for (const [functionArn, payload, principal] of delivered.toReversed()) {
    const answer = await world.runtime.services.invokeLambda(functionArn, payload, principal);
    expect(answer.functionError, answer.payload).toBeUndefined();
  }
  for (const env of environments) {
    await eventually(`quiet in ${env}`, async () => ((await world.isQuiet(env)) ? true : undefined));
  }
  expect(await everything()).toBe(before);
});

test('the stream sends the relay the same records twice, and the bus tells them again under the same ids', async () => {
  const { registry, names, accountId, region } = world.connection.prd;
  const facts = await registry.facts(1000);
  const before = await everything();
  // What is on its way from the run is let come in first.
  await eventually('the facts of the run', async () => {
    heard.push(...(await prdListener.heard()));
    return facts.every(({ id }) => heard.includes(id)) ? true : undefined;
  });
  const Records = facts.map((fact, index) => ({
    eventID: `again-${index}`,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: `arn:aws:dynamodb:${region}:${accountId}:table/${names.registryTable}/stream/x`,
    dynamodb: {
      ApproximateCreationDateTime: 0,
      Keys: marshall({ pk: `OUTBOX#${fact.id}`, sk: 'FACT' }),
      NewImage: marshall({ entity: 'outbox', body: fact }),
      SequenceNumber: String(index),
      SizeBytes: 1,
      StreamViewType: 'NEW_IMAGE',
    },
  }));
  const relay = `arn:aws:lambda:${region}:${accountId}:function:${names.functionName('relay-outbox')}`;
  const lambda = {
    kind: 'root',
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    userId: accountId,
  } as const;
  const again: string[] = [];
  for (let times = 0; times < 2; times++) {
    const answer = await world.runtime.services.invokeLambda(relay, JSON.stringify({ Records }), lambda);
    expect(JSON.parse(answer.payload)).toEqual({ batchItemFailures: [] });
  }
  await eventually('the facts again, twice', async () => {
    again.push(...(await prdListener.heard()).filter((id) => !id.startsWith('audit-')));
    return again.length >= 2 * facts.length ? true : undefined;
  });
  for (const { id } of facts) expect(again.filter((one) => one === id).length, id).toBeGreaterThanOrEqual(2);
  await eventually('quiet in PRD', async () => ((await world.isQuiet('prd')) ? true : undefined));
  expect(await everything()).toBe(before);
});

const heard: string[] = [];
