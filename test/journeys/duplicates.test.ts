import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { LocalWorld } from '../support/local-world.ts';
import { championOfDev, startPreparedWorld } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyCsv } from '../support/tiny-model.ts';

let world: LocalWorld;

beforeAll(async () => {
  world = await startPreparedWorld();
}, 240_000);

afterAll(() => world?.stop());

test('the event of an arrival delivered again, and again late, starts no second run', async () => {
  const key = `${TINY_MODEL}/twice.csv`;
  const versionId = await world.putData('dev', key, tinyCsv(40));
  await eventually('its run', async () =>
    (await world.facts('dev', 'Dataset Accepted')).find((fact) =>
      JSON.stringify(fact.data.objects).includes(versionId),
    ),
  );
  await championOfDev(world);
  const before = { runs: (await world.runs('dev')).length, audit: (await audited()).length };

  const { names, accountId, region } = world.connection.dev;
  const event = {
    version: '0',
    id: 'a-delivery-of-its-own',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: '2020-01-01T00:00:00Z',
    region,
    resources: [`arn:aws:s3:::${names.dataBucket}`],
    detail: {
      version: '0',
      bucket: { name: names.dataBucket },
      object: { key, size: 1, etag: 'x', 'version-id': versionId, sequencer: '0' },
      'request-id': 'r',
      requester: accountId,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  };
  const invoke = () =>
    world.runtime.services.invokeLambda(
      `arn:aws:lambda:${region}:${accountId}:function:${names.functionName('on-data-arrived')}`,
      JSON.stringify(event),
      {
        kind: 'service',
        accountId,
        arn: 'events.amazonaws.com',
        userId: 'events.amazonaws.com',
        sourceArn: `arn:aws:events:${region}:${accountId}:rule/sluice-dev-on-data-arrived`,
      },
    );
  const answers = await Promise.all([invoke(), invoke(), invoke()]);
  expect(answers.map((answer) => answer.functionError)).toEqual([undefined, undefined, undefined]);
  expect((await world.runs('dev')).length).toBe(before.runs);
  expect((await audited()).length).toBe(before.audit);
});

const audited = () => world.connection.dev.registry.auditEvents({ environment: true });

test('two uploads at once are two runs, each with a version of its own, and one of them serves', async () => {
  const before = (await world.connection.dev.registry.modelVersions(TINY_MODEL)).length;
  const files = [50, 51].map((seed) => world.file(`${seed}.csv`, tinyCsv(seed)));
  const uploads = await Promise.all(
    files.map((file) => world.sluice('upload', file, '--model', TINY_MODEL, '--wait', '--json')),
  );
  expect(uploads.map((upload) => upload.exitCode)).toEqual([0, 0]);
  const runIds = uploads.map((upload) => upload.json<{ runId: string }>().runId);
  expect(new Set(runIds).size).toBe(2);
  const { champion, canary } = await championOfDev(world);
  expect(canary).toBeNull();
  const versions = await world.connection.dev.registry.modelVersions(TINY_MODEL);
  expect(versions.map((version) => version.version)).toEqual(
    Array.from({ length: before + 2 }, (_, index) => before + 2 - index),
  );
  expect(runIds).toContain(versions.find((version) => version.version === champion?.version)?.runId);
});

test('the same file uploaded by two people at once is trained on once', async () => {
  const before = (await world.connection.dev.registry.modelVersions(TINY_MODEL)).length;
  const csv = tinyCsv(60);
  const uploads = await Promise.all(
    ['a.csv', 'b.csv'].map((key) =>
      world.sluice('upload', world.file(key, csv), '--model', TINY_MODEL, '--key', key, '--wait', '--json'),
    ),
  );
  for (const upload of uploads) await world.ended('dev', upload.json<{ runId: string }>().runId);
  await championOfDev(world);
  expect((await world.connection.dev.registry.modelVersions(TINY_MODEL)).length).toBe(before + 1);
});
