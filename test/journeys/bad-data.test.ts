import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '../../domain/model-version.ts';
import { eventually } from '../support/eventually.ts';
import type { LocalWorld } from '../support/local-world.ts';
import { championOfDev, startPreparedWorld } from '../support/prepared-world.ts';
import { TINY_HEADER, TINY_MODEL, tinyCsv, tinyRows } from '../support/tiny-model.ts';

let world: LocalWorld;
let champion: Deployment;

beforeAll(async () => {
  world = await startPreparedWorld();
  champion = await championOfDev(world);
}, 240_000);

afterAll(() => world?.stop());

const rows = tinyRows(2);
const withRow = (row: string, at = 7): string => [TINY_HEADER, ...rows.toSpliced(at - 1, 1, row), ''].join('\n');

/** Uploads to DEV and answers the run that came of it, when it has ended. */
async function train(key: string, content: string | Uint8Array) {
  const uploaded = await world.sluice(
    'upload',
    world.file('data', content),
    '--model',
    TINY_MODEL,
    '--key',
    key,
    '--wait',
    '--json',
  );
  const { runId } = uploaded.json<{ runId: string }>();
  return { exitCode: uploaded.exitCode, run: await world.ended('dev', runId) };
}

test.each([
  {
    case: 'an image',
    rule: 'format',
    content: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
    says: /CSV|Parquet/,
  },
  { case: 'no byte at all', rule: 'empty', content: '', says: /0 bytes/ },
  { case: 'a header alone', rule: 'empty', content: `${TINY_HEADER}\n`, says: /no rows/ },
  { case: 'a column too few', rule: 'columns', content: tinyCsv(3).replace('weight', 'breadth'), says: /weight/ },
  { case: 'a quote that is never closed', rule: 'broken-quote', content: withRow('"yes,1,1,red'), says: /line \d+/ },
  { case: 'a row with a cell too many', rule: 'ragged-row', content: withRow('yes,1,1,red,more'), says: /line 8/ },
  {
    case: 'a line of 10 MB',
    rule: 'record-too-long',
    content: withRow(`yes,1,1,${'x'.repeat(10_000_000)}`),
    says: /line 8/,
  },
  {
    case: 'bytes that are no text',
    rule: 'encoding',
    content: Buffer.concat([Buffer.from(tinyCsv(3)), Buffer.from([0x79, 0xff, 0xfe, 0x0a])]),
    says: /line \d+/,
  },
  {
    case: 'a formula in a cell',
    rule: 'formula',
    content: withRow('yes,1,1,=HYPERLINK("http://x")'.replaceAll('"', '')),
    says: /colour/,
  },
  { case: 'words where a number belongs', rule: 'type', content: withRow('yes,tall,1,red'), says: /height/ },
  { case: 'a number out of range', rule: 'range', content: withRow('yes,11,1,red'), says: /height/ },
  { case: 'a value that is not allowed', rule: 'values', content: withRow('yes,1,1,purple'), says: /colour/ },
  { case: 'too few rows', rule: 'rows', content: tinyCsv(4, 99), says: /99/ },
  { case: 'labels all alike', rule: 'target', content: tinyCsv(5).replaceAll(/^no,/gm, 'yes,'), says: /label/ },
])('$case is rejected by name, with its place, and the champion stays', async ({ case: name, rule, content, says }) => {
  const key = `${name.replaceAll(' ', '-')}.csv`;
  const { exitCode, run } = await train(key, content);
  expect(exitCode).toBe(1);
  expect(run.status).toBe('failed');
  expect(run.cause).toMatch(says);

  const told = (await world.facts('dev', 'Dataset Rejected')).filter((fact) => fact.runId === run.runId);
  expect(told).toHaveLength(1);
  expect(told[0]?.data.violations).toEqual(
    expect.arrayContaining([expect.objectContaining({ rule, message: expect.stringMatching(says) })]),
  );

  const audit = await world.connection.dev.registry.auditEvents({ runId: run.runId });
  expect(audit.filter((event) => event.state === 'ValidateDataset')).toMatchObject([
    { outcome: 'succeeded', verdict: 'rejected', attempt: 0 },
  ]);
  expect(audit.map((event) => event.outcome)).not.toContain('lost');
  expect(await world.connection.dev.registry.deployment(TINY_MODEL)).toEqual(champion);
});

test('no value of the data leaves the environment in the rejection', async () => {
  const { run } = await train('secret.csv', withRow('yes,1,1,jane@example.org'));
  const [told] = (await world.facts('dev', 'Dataset Rejected')).filter((fact) => fact.runId === run.runId);
  expect(JSON.stringify(told)).not.toContain('jane');
  expect(run.cause).not.toContain('jane');
});

test.each([
  { case: 'a byte order mark and CRLF', key: 'bom.csv', content: `\ufeff${tinyCsv(10).replaceAll('\n', '\r\n')}` },
  { case: 'UTF-16 with its mark', key: 'utf16.csv', content: Buffer.from(`\ufeff${tinyCsv(11)}`, 'utf16le') },
  {
    case: 'columns in another order',
    key: 'order.csv',
    content: tinyCsv(12).replaceAll(/^([^,]*),([^,]*),([^,]*),([^,\n]*)$/gm, '$4,$3,$2,$1'),
  },
  { case: 'a key with spaces', key: 'my data file.csv', content: tinyCsv(13) },
  { case: 'a key with a plus', key: 'a+b.csv', content: tinyCsv(14) },
  { case: 'a key with %2B', key: 'a%2Bb.csv', content: tinyCsv(15) },
  { case: 'a key with ../', key: '../up.csv', content: tinyCsv(16) },
  { case: 'a key in Unicode', key: 'données 数据 🚰.csv', content: tinyCsv(17) },
])('$case is data like any other', async ({ key, content }) => {
  const { exitCode, run } = await train(key, content);
  expect(run.cause).toBeNull();
  expect(exitCode).toBe(0);
  const accepted = (await world.facts('dev', 'Dataset Accepted')).filter((fact) => fact.runId === run.runId);
  expect(accepted[0]?.data.objects).toMatchObject([{ key: `${TINY_MODEL}/${key}` }]);
  champion = await championOfDev(world);
  expect(champion.champion?.modelDigest).toBe(
    (await world.connection.dev.registry.modelVersions(TINY_MODEL)).find((one) => one.runId === run.runId)?.modelDigest,
  );
});

test('a manifest that names an object of another model is rejected before a run begins', async () => {
  const manifest = world.file('m', JSON.stringify({ objects: [{ key: 'credit-risk/dev.csv' }] }));
  const before = (await world.runs('dev')).length;
  const { exitCode, err } = await world.sluice(
    'upload',
    manifest,
    '--model',
    TINY_MODEL,
    '--key',
    'x.manifest.json',
    '--wait',
  );
  expect(exitCode).toBe(1);
  expect(err).toContain('"credit-risk/dev.csv" is not of the model "tiny-model"');
  expect((await world.runs('dev')).length).toBe(before);
});

test('several files under one manifest are one dataset', async () => {
  await world
    .putData('dev', `${TINY_MODEL}/parts/1.csv`, tinyCsv(20, 150))
    .then(() => world.putData('dev', `${TINY_MODEL}/parts/2.csv`, tinyCsv(21, 150)));
  await championOfDev(world);
  const { run } = await train(
    'parts.manifest.json',
    JSON.stringify({ objects: [1, 2].map((part) => ({ key: `${TINY_MODEL}/parts/${part}.csv` })) }),
  );
  const [accepted] = (await world.facts('dev', 'Dataset Accepted')).filter((fact) => fact.runId === run.runId);
  expect(accepted?.data).toMatchObject({
    rows: 300,
    objects: [{ key: `${TINY_MODEL}/parts/1.csv` }, { key: `${TINY_MODEL}/parts/2.csv` }],
  });
});

test('an object that is for no model is left alone, and the audit trail says so', async () => {
  await world.putData('dev', 'stray.csv', tinyCsv(30));
  const event = await eventually('an audit event about stray.csv', async () =>
    (await world.connection.dev.registry.auditEvents({ environment: true })).find(
      (one) => one.subjects.key === 'stray.csv',
    ),
  );
  // The run that it would have started is the event's.
  expect(event).toMatchObject({ verdict: 'ignored: no model', runId: null, model: null });
});
