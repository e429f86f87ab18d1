import { beforeEach, describe, expect, it, vi } from 'vitest';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { loanCsv } from '../../test/support/loan-model.ts';
import { MODEL, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
let world: World;
beforeEach(() => {
  world = new World();
  world.giveRecipe();
});

describe('train-model, state by state', () => {
  it('ends with a registered version, its lineage, its classification, and one audit event a state', async () => {
    world.giveRecipe({ classification: 'confidential' });
    const { modelDigest, datasetDigest, recipeDigest, version } = await world.train();
    expect(version).toBe(1);
    expect(await world.registry.modelVersion(MODEL, modelDigest)).toMatchObject({
      version: 1,
      datasetDigest,
      recipeDigest,
      classification: 'confidential',
      algorithm: 'logistic-regression',
      runId: 'train-1',
      trigger: { kind: 'data', arrivalId: 'arrival-1' },
      evaluation: { metrics: { auc: expect.any(Number) }, testRows: expect.any(Number) },
    });
    expect(world.registry.audits.map(({ state, outcome }) => `${state} ${outcome}`)).toEqual([
      'SnapshotDataset succeeded',
      'ValidateDataset succeeded',
      'TrainModel succeeded',
      'EvaluateModel succeeded',
      'PackageModel succeeded',
      'RegisterModel succeeded',
    ]);
    expect(world.registry.facts.map(({ type }) => type)).toEqual([
      'Dataset Accepted',
      'Model Trained',
      'Model Registered',
    ]);
  });

  it('of the same data and recipe gives the same bytes, in another environment as well', async () => {
    const { modelDigest } = await world.train();
    const elsewhere = new World('acc');
    elsewhere.giveRecipe();
    expect((await elsewhere.train({ runId: 'train-9' })).modelDigest).toBe(modelDigest);
  });

  it('of other data gives another version', async () => {
    const one = await world.train();
    const two = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
    expect(two.modelDigest).not.toBe(one.modelDigest);
    expect(two.version).toBe(2);
  });

  it('on the same data again, on purpose, keeps the version', async () => {
    const one = await world.train();
    const { recipeDigest, datasetDigest } = one;
    const again = await world.train({ runId: 'train-2', trigger: { kind: 'code', recipeDigest } });
    expect(again).toMatchObject({ version: 1, modelDigest: one.modelDigest, datasetDigest });
    expect(await world.registry.modelVersions(MODEL)).toHaveLength(1);
  });
});

describe('TrainModel', () => {
  const pinned = async (csv: string) => {
    const key = `${MODEL}/data.csv`;
    const versionId = world.objects.put(world.dataBucket, key, csv);
    const trigger = { kind: 'data', arrivalId: 'a' } as const;
    const start = { model: MODEL, trigger, arrival: { objects: [{ key, versionId }] }, recipeDigest: null };
    const { model, recipeDigest, datasetDigest } = await world.invoke('snapshot-dataset', start);
    return { model, recipeDigest, datasetDigest };
  };

  it('answers through its token, after it has written', async () => {
    const output = await world.invoke('train-model', await pinned(loanCsv()), { taskToken: 'token' });
    expect(world.workflows.answers).toEqual([{ taskToken: 'token', output }]);
    expect(world.objects.keys(world.artifactsBucket)).toContain(artifactKeys.work(output.trainedDigest));
  });

  it('whose answer did not arrive answers the token of its next attempt', async () => {
    const about = await pinned(loanCsv());
    world.workflows.failNext();
    await expect(world.invoke('train-model', about, { taskToken: 'one' })).rejects.toMatchObject({
      name: 'WorkflowUnavailable',
    });
    const output = await world.invoke('train-model', about, { taskToken: 'two', attempt: 1 });
    expect(world.workflows.answers).toEqual([{ taskToken: 'two', output }]);
    expect(world.registry.facts.filter(({ type }) => type === 'Model Trained')).toHaveLength(1);
  });

  it("that cannot train throws TrainingFailed in the trainer's words: no answer, no fact", async () => {
    const onlyGood = `status,age,months,amount,income,home\n${'good,30,12,10,99,rent\n'.repeat(60)}`;
    const about = await pinned(onlyGood);
    await expect(world.invoke('train-model', about, { taskToken: 'token' })).rejects.toMatchObject({
      name: 'TrainingFailed',
    });
    expect(world.workflows.answers).toEqual([]);
    expect(world.registry.facts).toEqual([]);
    expect(world.registry.audits.at(-1)).toMatchObject({ state: 'TrainModel', outcome: 'failed' });
  });

  it('trains only on a dataset that is in the registry', async () => {
    const about = { ...(await pinned(loanCsv())), datasetDigest: 'f'.repeat(64) };
    await expect(world.invoke('train-model', about)).rejects.toMatchObject({ name: 'DatasetMissing' });
  });

  it('trains with no recipe whose bytes are not those that were digested', async () => {
    const about = await pinned(loanCsv());
    world.objects.put(world.artifactsBucket, artifactKeys.recipe(about.recipeDigest), '{"forged":true}');
    await expect(world.invoke('train-model', about)).rejects.toMatchObject({ name: 'DigestMismatch' });
  });
});

describe('EvaluateModel', () => {
  it('measures the champion on the same rows', async () => {
    const first = await world.train();
    const deployed = { modelDigest: first.modelDigest, version: 1, promotionId: 'p', since: '2026-01-15' };
    const deployment = { model: MODEL, revision: 1, champion: deployed, canary: null };
    world.registry.seed({ change: 'move-pointer', deployment, expectedRevision: 0 });
    const second = await world.train({ csv: loanCsv(300, 5), runId: 'train-2' });
    expect(await world.registry.comparison(MODEL, first.modelDigest)).toEqual({
      modelDigest: first.modelDigest,
      champion: null,
    });
    expect(await world.registry.comparison(MODEL, second.modelDigest)).toEqual({
      modelDigest: second.modelDigest,
      champion: {
        modelDigest: first.modelDigest,
        version: 1,
        metrics: expect.objectContaining({ auc: expect.any(Number) }),
      },
    });
  });

  it('measures no work whose bytes are not those that were digested', async () => {
    const { recipeDigest, datasetDigest } = await world.train();
    const trainedDigest = 'e'.repeat(64);
    world.objects.put(world.artifactsBucket, artifactKeys.work(trainedDigest), '{}');
    const input = { model: MODEL, recipeDigest, datasetDigest, trainedDigest };
    await expect(world.invoke('evaluate-model', input)).rejects.toMatchObject({ name: 'DigestMismatch' });
  });
});

describe('RegisterModel', () => {
  it('does not register a package that was changed after it was made', async () => {
    const { modelDigest } = await world.train();
    const manifest = artifactKeys.package(MODEL, modelDigest, 'manifest.json');
    world.objects.put(world.artifactsBucket, manifest, '{"kind":"sluice.package/1"}');
    const work = world.objects.keys(world.artifactsBucket).filter((key) => key.startsWith('work/'));
    const input = {
      model: MODEL,
      recipeDigest: 'a'.repeat(64),
      datasetDigest: 'b'.repeat(64),
      evaluationDigest: await evaluationIn(work),
      modelDigest,
      trigger: { kind: 'data', arrivalId: 'a' } as const,
    };
    const before = world.registry.state;
    await expect(world.invoke('register-model', input)).rejects.toMatchObject({ name: 'DigestMismatch' });
    expect(world.registry.state).toEqual(before);
  });

  const evaluationIn = async (keys: string[]): Promise<string> => {
    for (const key of keys) {
      const bytes = await world.objects.read({ bucket: world.artifactsBucket, key }, 1e9);
      if (new TextDecoder().decode(bytes).includes('"evaluation"')) return key.slice('work/'.length);
    }
    throw new Error('no evaluation was written');
  };
});

it("RejectTraining tells the message of a function's cause, not its JSON", async () => {
  const cause = JSON.stringify({ errorType: 'TrainingFailed', errorMessage: 'too few rows', trace: [] });
  const input = { model: MODEL, state: 'TrainModel', error: 'TrainingFailed', cause };
  await expect(world.invoke('reject-training', input)).resolves.toEqual({
    error: 'TrainingFailed',
    cause: 'too few rows',
  });
  expect(world.registry.facts).toMatchObject([
    {
      type: 'Training Rejected',
      data: { model: MODEL, state: 'TrainModel', error: 'TrainingFailed', cause: 'too few rows' },
    },
  ]);
  await expect(
    world.invoke('reject-training', { ...input, cause: 'a sentence' }, { attempt: 1 }),
  ).resolves.toMatchObject({
    cause: 'a sentence',
  });
});
