import { dirname } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { eventually } from '../support/eventually.ts';
import type { LocalWorld } from '../support/local-world.ts';
import { championOfDev, publishTinyModel, startPreparedWorld } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyModelYaml } from '../support/tiny-model.ts';

let world: LocalWorld;

beforeAll(async () => {
  world = await startPreparedWorld();
}, 240_000);

afterAll(() => world?.stop());

const misspelled = tinyModelYaml().replace('positive:', 'postive:');

test('sluice publish tells each problem of model.yaml with its place, and sends nothing', async () => {
  const file = world.file('model.yaml', misspelled);
  const before = await world.facts('dev');
  const { exitCode, err } = await world.sluice('publish', dirname(file));
  expect(exitCode).toBe(2);
  expect(err).toMatch(/model\.yaml:7:\d+ .*postive.*positive/s);
  expect(await world.facts('dev')).toEqual(before);
});

test('a recipe that came in by another way is refused all the same, and the current one stays', async () => {
  const { s3, names, registry } = world.connection.dev;
  const current = await registry.currentRecipe(TINY_MODEL);
  const { recipeDigest, text } = sealRecipe(
    { kind: 'sluice.recipe/1', model: TINY_MODEL, files: { 'model.yaml': misspelled }, commit: null },
    sha256,
  );
  const key = artifactKeys.incoming(TINY_MODEL, recipeDigest);
  await s3.send(new PutObjectCommand({ Bucket: names.artifactsBucket, Key: key, Body: text }));
  const rejected = await eventually('the refusal', async () =>
    (await world.facts('dev', 'Recipe Rejected')).find((fact) => fact.data.key === key),
  );
  expect(rejected.data.problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ line: 7, column: 28, message: expect.stringContaining('postive') }),
    ]),
  );
  const audit = (await registry.auditEvents({ environment: true })).filter((event) => event.subjects.key === key);
  expect(audit).toMatchObject([{ verdict: 'rejected', outcome: 'succeeded' }]);
  expect(await registry.currentRecipe(TINY_MODEL)).toEqual(current);
  expect(await registry.recipe(TINY_MODEL, recipeDigest)).toBeUndefined();
});

test.each([
  { case: 'no JSON', body: 'hello' },
  { case: 'JSON of another kind', body: '{"kind":"other"}' },
])('$case under incoming/ is refused as no recipe', async ({ case: name, body }) => {
  const { s3, names } = world.connection.dev;
  const key = artifactKeys.incoming(TINY_MODEL, sha256(body));
  await s3.send(new PutObjectCommand({ Bucket: names.artifactsBucket, Key: key, Body: body }));
  const rejected = await eventually(`the refusal of ${name}`, async () =>
    (await world.facts('dev', 'Recipe Rejected')).find((fact) => fact.data.key === key),
  );
  expect(rejected.data.problems).toMatchObject([{ message: expect.stringContaining('no recipe bundle') }]);
});

test('a gate that holds ends the promotion with its reason, and the champion stays', async () => {
  const before = await championOfDev(world);
  const recipeDigest = await publishTinyModel(world, tinyModelYaml({ gate: '{ auc: { min: 0.99999 } }' }));
  const rejected = await eventually('the rejection', async () => {
    const promotions = await world.connection.dev.registry.promotions(TINY_MODEL);
    return promotions.find((one) => one.request.candidate.recipeDigest === recipeDigest && one.status === 'rejected');
  });
  expect(rejected.reasons).toEqual([expect.stringMatching(/dev gate "auc" held: required ≥ 1\.000|0\.9999/)]);
  expect(rejected.gates.find((gate) => gate.gate === 'auc')?.verdict).toBe('held');
  const run = await world.ended('dev', rejected.runId);
  expect(run).toMatchObject({ status: 'failed', error: 'PromotionRejected' });
  const facts = (await world.facts('dev', 'Promotion Rejected')).filter(
    (fact) => fact.data.promotionId === rejected.promotionId,
  );
  expect(facts.map((fact) => fact.data.reasons)).toEqual([rejected.reasons]);
  const audit = await world.connection.dev.registry.auditEvents({ runId: run.runId });
  expect(audit.filter((event) => event.state === 'JudgeGates')).toMatchObject([{ verdict: 'held' }]);
  expect(audit.map((event) => event.outcome)).not.toContain('lost');
  expect((await world.connection.dev.registry.deployment(TINY_MODEL))?.champion).toEqual(before.champion);
});
