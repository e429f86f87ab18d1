import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listRuns } from '../../cli/runs/list-runs.ts';
import { readHistory } from '../../cli/runs/read-history.ts';
import { stepsOf } from '../../cli/runs/run-steps.ts';
import { executionArn } from '../../cli/target/resource-names.ts';
import { environments } from '../../domain/environment.ts';
import type { ModelVersion } from '../../domain/model-version.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'credit-risk');
const MODEL = 'credit-risk';
const rowsOf = (environment: string): number =>
  readFileSync(join(EXAMPLE, 'data', `${environment}.csv`), 'utf8')
    .trimEnd()
    .split('\n').length - 1;

let world: LocalWorld;
let approval: { by: string; exitCode: number };
let beforeApproval: { versions: readonly ModelVersion[]; champion: unknown };

beforeAll(async () => {
  world = await startLocalWorld();
  for (const env of ['acc', 'prd'] as const) {
    const upload = await world.sluice(
      'upload',
      join(EXAMPLE, 'data', `${env}.csv`),
      '--model',
      MODEL,
      '--env',
      env,
      '--wait',
      '--json',
    );
    expect(upload.exitCode, upload.err).toBe(0);
    expect(upload.json<{ runId: null }>().runId).toBeNull();
  }
  const publish = await world.sluice('publish', EXAMPLE, '--env', 'dev', '--json');
  expect(publish.exitCode, publish.err).toBe(0);
  const upload = await world.sluice(
    'upload',
    join(EXAMPLE, 'data', 'dev.csv'),
    '--model',
    MODEL,
    '--env',
    'dev',
    '--json',
  );
  expect(upload.exitCode, upload.err).toBe(0);

  const { registry } = world.connection.prd;
  const waiting = await eventually('a promotion that waits in PRD', async () => {
    await throwIfFailed();
    return (await registry.promotions(MODEL)).find(({ status }) => status === 'awaiting-approval');
  });
  beforeApproval = {
    versions: await registry.modelVersions(MODEL),
    champion: (await registry.deployment(MODEL))?.champion ?? null,
  };
  const answer = await world.sluice(
    'approve',
    waiting.promotionId,
    '--env',
    'prd',
    '--profile',
    'sluice-prd-approver',
    '--comment',
    'reviewed',
    '--json',
  );
  expect(answer.exitCode, answer.err).toBe(0);
  approval = { by: answer.json<{ by: string }>().by, exitCode: answer.exitCode };
  await eventually('the end of every run', async () => {
    await throwIfFailed();
    const quiet = await Promise.all(environments.map((env) => world.isQuiet(env)));
    return quiet.every(Boolean) && (await registry.deployment(MODEL))?.champion ? true : undefined;
  });
}, 240_000);

afterAll(() => world?.stop());

async function throwIfFailed(): Promise<void> {
  for (const env of environments) {
    const [run] = await listRuns(world.connection[env], { status: 'failed', limit: 1 }, Date.now());
    if (run) throw new Error(`${env} ${run.machine} ${run.runId}: ${run.error}: ${run.cause}`);
  }
}

describe.each(environments)('%s', (env) => {
  test('serves version 1, which was trained here on the data of this environment', async () => {
    const { registry, names } = world.connection[env];
    const champion = (await registry.deployment(MODEL))?.champion;
    expect(champion?.version).toBe(1);
    const [version] = await registry.modelVersions(MODEL);
    expect(version?.modelDigest).toBe(champion?.modelDigest);
    const dataset = await registry.dataset(MODEL, version?.datasetDigest ?? '');
    expect(dataset?.rows).toBe(rowsOf(env));
    expect(dataset?.verdict).toBe('accepted');
    expect(version?.classification).toBe('confidential');
    expect(version?.signature.keyArn).toContain(`:${world.connection[env].accountId}:`);
    expect(names.dataBucket).toContain(env);
  });

  test('judged it by its own gates, and none held', async () => {
    const [promotion] = await world.connection[env].registry.promotions(MODEL);
    expect(promotion?.status).toBe('promoted');
    expect(promotion?.gates.length).toBeGreaterThan(4);
    expect(promotion?.gates.filter((gate) => gate.verdict === 'held')).toEqual([]);
  });

  test('left one audit event for each attempt of each step, and lost none', async () => {
    const { registry, names } = world.connection[env];
    for (const run of await world.runs(env)) {
      const history = await readHistory(world.connection[env], executionArn(names, run.machine, run.runId));
      const attempts = stepsOf(history, Date.now())
        .filter((step) => step.type === 'Task' && step.state !== 'Retrain')
        .reduce((sum, step) => sum + step.attempts, 0);
      const events = (await registry.auditEvents({ runId: run.runId })).filter((event) => event.state !== null);
      expect(events.map((event) => event.outcome)).not.toContain('lost');
      expect(events, run.runId).toHaveLength(attempts);
      expect(new Set(events.map((event) => event.key)).size).toBe(events.length);
    }
  });

  test('told the facts of the way once each', async () => {
    const facts = (await world.facts(env)).map((fact) => fact.type);
    const once = [
      'Dataset Accepted',
      'Model Trained',
      'Model Registered',
      'Model Promoted',
      ...(env === 'dev' ? ['Recipe Accepted'] : ['Artifact Moved']),
    ];
    for (const type of once)
      expect(
        facts.filter((one) => one === type),
        type,
      ).toHaveLength(1);
    expect(facts.filter((type) => /Rejected|Rolled Back/.test(type))).toEqual([]);
  });

  test('has no dead letters', async () => {
    const status = await world.sluice('status', '--env', env, '--json');
    expect(
      status.json<{ environments: { deadLetters: number; failedRuns: unknown[] }[] }>().environments[0],
    ).toMatchObject({ deadLetters: 0, failedRuns: [] });
  });
});

test('the three models are three models: each summarizes the data of its own environment', async () => {
  const digests = await Promise.all(
    environments.map(async (env) => (await world.connection[env].registry.deployment(MODEL))?.champion?.modelDigest),
  );
  expect(new Set(digests).size).toBe(3);
  const recipes = await Promise.all(
    environments.map(async (env) => (await world.connection[env].registry.modelVersions(MODEL))[0]?.recipeDigest),
  );
  expect(new Set(recipes).size).toBe(1);
});

test('only the recipe crossed: what the next environment can read holds no model and no data', async () => {
  for (const env of ['dev', 'acc'] as const) {
    const { s3, names } = world.connection[env];
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: names.artifactsBucket, Prefix: 'outbound/' }),
    );
    expect(Contents.map(({ Key }) => Key?.split('/').at(-1))).toEqual(['recipe.json']);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: names.artifactsBucket, Key: Contents[0]?.Key }));
    const recipe = JSON.parse((await Body?.transformToString()) ?? '') as { files: object };
    expect(Object.keys(recipe.files)).toEqual(['model.yaml']);
  }
});

test('PRD trained nothing and served nothing before a person said yes', () => {
  expect(beforeApproval).toEqual({ versions: [], champion: null });
});

test('the approval is of another identity than the one that trains, signed by PRD', async () => {
  const { registry, accountId } = world.connection.prd;
  const [promotion] = await registry.promotions(MODEL);
  const approvals = await registry.approvals(promotion?.promotionId ?? '');
  expect(approvals).toHaveLength(1);
  expect(approvals[0]).toMatchObject({ decision: 'approved', comment: 'reviewed' });
  expect(approvals[0]?.by).toContain(`:${accountId}:assumed-role/sluice-prd-approver/`);
  expect(approval.by).toBe(approvals[0]?.by);
  expect(approvals[0]?.signature.keyArn).toContain(`:${accountId}:`);
});

test('PRD answers predictions with its champion, also for a row with missing values', async () => {
  const answer = await world.sluice(
    'predict',
    MODEL,
    '--env',
    'prd',
    '--file',
    join(EXAMPLE, 'data', 'prd.csv'),
    '--json',
  );
  // The file has more rows than one request may hold: the endpoint says so and answers none of them.
  expect(answer.exitCode).toBe(1);
  expect(answer.err).toMatch(/1000/);

  const few = world.file(
    'few.csv',
    readFileSync(join(EXAMPLE, 'data', 'prd.csv'), 'utf8')
      .split('\n')
      .slice(0, 51)
      .join('\n'),
  );
  const asked = await world.sluice('predict', MODEL, '--env', 'prd', '--file', few, '--json');
  expect(asked.exitCode, asked.err).toBe(0);
  const { predictions, version } = asked.json<{ version: number; predictions: { score: number; label: string }[] }>();
  expect(version).toBe(1);
  expect(predictions).toHaveLength(50);
  for (const { score, label } of predictions) {
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(['good', 'bad']).toContain(label);
  }
  expect(new Set(predictions.map(({ score }) => score)).size).toBeGreaterThan(10);
  expect((await world.sluice('predict', MODEL, '--env', 'prd', '--row', '{"Age": 30}')).exitCode).toBe(0);
  const misspelled = await world.sluice('predict', MODEL, '--env', 'prd', '--row', '{"Aeg": 30}');
  expect(misspelled.exitCode).toBe(1);
  expect(misspelled.err).toContain('Aeg');
});

test('every read command answers in a table, too', async () => {
  for (const [args, says] of [
    [['status'], /prd +credit-risk +version 1/],
    [['runs', '--all'], /promote-model/],
    [['run', 'latest'], /ReconcileAudit/],
    [['promotions'], /promoted/],
    [['versions', MODEL], /champion/],
    [['events'], /Model Promoted/],
    [['audit', '--model', MODEL, '--env', 'prd'], /none is lost/],
  ] as const) {
    const { out, err } = await world.sluice(...args);
    expect(out, `${args.join(' ')}: ${err}`).toMatch(says);
  }
});

test('the same bytes again are rejected as a duplicate, by name, and change nothing', async () => {
  const before = await world.connection.dev.registry.deployment(MODEL);
  const again = await world.sluice(
    'upload',
    join(EXAMPLE, 'data', 'dev.csv'),
    '--model',
    MODEL,
    '--env',
    'dev',
    '--key',
    'again.csv',
    '--wait',
  );
  expect(again.exitCode).toBe(1);
  const [rejected] = await world.facts('dev', 'Dataset Rejected');
  expect(rejected?.data.violations).toMatchObject([
    { rule: 'duplicate', message: expect.stringContaining('the same bytes arrived before') },
  ]);
  expect(await world.connection.dev.registry.deployment(MODEL)).toEqual(before);
});

test('a replay is a run of its own with the same event, and says who started it', async () => {
  const [trained] = (await world.runs('dev')).filter(
    (run) => run.machine === 'train-model' && run.status === 'succeeded',
  );
  const answer = await world.sluice('replay', trained?.runId ?? '', '--env', 'dev', '--json');
  expect(answer.exitCode, answer.err).toBe(0);
  const { runId, replay } = answer.json<{ runId: string; replay: { of: string; by: string; number: number } }>();
  expect(runId).toBe(`${trained?.runId}-replay-1`);
  expect(replay).toEqual({ of: trained?.runId, by: world.connection.dev.callerArn, number: 1 });
  await world.ended('dev', runId);
  const shown = await world.sluice('run', runId, '--env', 'dev', '--json');
  expect(shown.json<{ replayOf: string }>().replayOf).toBe(trained?.runId);
});
