import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalWorld } from '../support/local-world.ts';
import { championOfDev, publishTinyModel, startPreparedWorld } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from '../support/tiny-model.ts';

let world: LocalWorld;
beforeAll(async () => {
  world = await startPreparedWorld();
}, 240_000);
afterAll(() => world?.stop());

const ROWS_TOO_FEW_TO_TRAIN = 60;

test('a training that throws ends its run with the reason, one audit event and a fact, and the champion stays', async () => {
  // The contract is content with rows that the trainer is not: what arrives is accepted, and training throws.
  await publishTinyModel(world, tinyModelYaml().replace('rows: { min: 100,', 'rows: { min: 40,'));
  const champion = await championOfDev(world);
  const file = world.file('few.csv', tinyCsv(40, ROWS_TOO_FEW_TO_TRAIN));
  const uploaded = await world.sluice('upload', file, '--model', TINY_MODEL, '--key', 'few.csv', '--wait', '--json');
  const run = await world.ended('dev', uploaded.json<{ runId: string }>().runId);

  expect(uploaded.exitCode).toBe(1);
  expect(run).toMatchObject({
    status: 'failed',
    error: 'TrainingFailed',
    cause: expect.stringContaining('50 train rows'),
  });
  const told = (await world.facts('dev', 'Training Rejected')).filter((fact) => fact.runId === run.runId);
  expect(told).toMatchObject([
    {
      data: {
        model: TINY_MODEL,
        state: 'TrainModel',
        error: 'TrainingFailed',
        cause: expect.stringContaining('50 train rows'),
      },
    },
  ]);

  const audit = await world.connection.dev.registry.auditEvents({ runId: run.runId });
  // Terminal: it was not tried again.
  expect(audit.filter(({ state }) => state === 'TrainModel')).toMatchObject([
    { outcome: 'failed', attempt: 0, error: { name: 'TrainingFailed' } },
  ]);
  expect(audit.find(({ state }) => state === 'ReconcileAudit')).toMatchObject({ verdict: 'complete' });
  expect(await world.connection.dev.registry.deployment(TINY_MODEL)).toEqual(champion);
});
