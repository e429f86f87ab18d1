import { beforeEach, describe, expect, it, vi } from 'vitest';
import { loanCsv } from '../../test/support/loan-model.ts';
import { ownRequest } from '../../test/support/promotion-requests.ts';
import { MODEL, type Until, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
let world: World;
beforeEach(() => {
  world = new World();
  world.giveRecipe();
});

type Version = Awaited<ReturnType<World['train']>>;
const promote = (version: Version, until: Until, runId = `promote-${version.version}`) =>
  world.promote(ownRequest('dev', version), { until, runId });
const deployment = () => world.registry.deployment(MODEL);
const told = (type: string) => world.registry.facts.filter((fact) => fact.type === type);

describe('from test to champion', () => {
  it('a version becomes a canary and then the champion, and the fact says what it replaced', async () => {
    const one = await world.train();
    const two = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
    const { promotionId } = await promote(one, 'complete');
    expect(await deployment()).toMatchObject({ revision: 2, champion: { version: 1, promotionId }, canary: null });
    expect(await world.registry.promotion(promotionId)).toMatchObject({
      status: 'promoted',
      endedAt: expect.any(String),
    });
    expect(told('Model Promoted')).toMatchObject([
      { data: { version: 1, previousVersion: null, modelDigest: one.modelDigest, from: null, to: 'dev' } },
    ]);
    expect(told('Model Promoted')[0]?.data.gates).toEqual(
      expect.arrayContaining([expect.objectContaining({ gate: 'auc', verdict: 'passed' })]),
    );

    // It was compared when nothing served: it is compared again before it may take the champion's place.
    await expect(promote(two, 'canary')).rejects.toMatchObject({
      name: 'ChampionMoved',
      message: expect.stringContaining('replay run train-2'),
    });
    const again = await world.train({ csv: loanCsv(240, 3), runId: 'train-3' });
    await promote(again, 'complete');
    expect(await deployment()).toMatchObject({ revision: 4, champion: { version: 3 } });
    expect(told('Model Promoted')[1]).toMatchObject({ data: { version: 3, previousVersion: 1 } });
  });
});

describe('two promotions that race', () => {
  it('have one canary at a time: the other waits', async () => {
    const one = await world.train();
    const two = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
    await promote(one, 'canary');
    const before = world.registry.state;
    const waiting = await promote(two, 'judge');
    await expect(world.invoke('deploy-canary', waiting, { runId: 'promote-2' })).rejects.toMatchObject({
      name: 'CanaryBusy',
    });
    expect((await deployment())?.canary?.version).toBe(1);
    expect(await deployment()).toEqual(before[`deployment|${MODEL}`]);
  });

  it('for the canary at the same moment have one winner; the other is told of a conflict and then waits', async () => {
    const one = await promote(await world.train(), 'judge');
    const two = await promote(await world.train({ csv: loanCsv(240, 2), runId: 'train-2' }), 'judge');
    const results = await Promise.allSettled([
      world.invoke('deploy-canary', one, { runId: 'promote-1' }),
      world.invoke('deploy-canary', two, { runId: 'promote-2' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { name: 'RegistryConflict' } });
    await expect(world.invoke('deploy-canary', two, { runId: 'promote-2', attempt: 1 })).rejects.toMatchObject({
      name: 'CanaryBusy',
    });
    expect(await deployment()).toMatchObject({ revision: 1, canary: { promotionId: one.promotionId } });
  });

  it('cannot complete without their own canary', async () => {
    const one = await promote(await world.train(), 'canary');
    const two = await promote(await world.train({ csv: loanCsv(240, 2), runId: 'train-2' }), 'judge');
    await expect(world.invoke('complete-promotion', two, { runId: 'promote-2' })).rejects.toMatchObject({
      name: 'ChampionMoved',
    });
    await expect(
      world.invoke('complete-promotion', { ...one, modelDigest: 'f'.repeat(64) }, { runId: 'promote-1' }),
    ).rejects.toMatchObject({ name: 'ChampionMoved' });
    expect(await deployment()).toMatchObject({ champion: null, canary: { version: 1 } });
    expect(told('Model Promoted')).toEqual([]);
  });
});

describe('CompletePromotion', () => {
  it('twice moves the pointer once, and answers the version that it promoted', async () => {
    const one = await promote(await world.train(), 'complete');
    const two = await promote(await world.train({ csv: loanCsv(240, 2), runId: 'train-2' }), 'complete');
    const before = await deployment();
    await expect(world.invoke('complete-promotion', one, { runId: 'promote-1', attempt: 1 })).resolves.toEqual({
      version: 1,
      previousVersion: null,
    });
    await expect(world.invoke('complete-promotion', two, { runId: 'promote-2', attempt: 0 })).resolves.toEqual({
      version: 2,
      previousVersion: 1,
    });
    expect(await deployment()).toEqual(before);
    expect(told('Model Promoted')).toHaveLength(2);
  });

  it('whose answer was lost is done: its next attempt says so', async () => {
    const one = await promote(await world.train(), 'canary');
    world.registry.loseNextAnswer();
    await expect(world.invoke('complete-promotion', one, { runId: 'promote-1' })).rejects.toMatchObject({
      name: 'RegistryUnavailable',
    });
    await expect(world.invoke('complete-promotion', one, { runId: 'promote-1', attempt: 1 })).resolves.toMatchObject({
      version: 1,
    });
    expect(await deployment()).toMatchObject({ revision: 2, champion: { version: 1 } });
    expect(told('Model Promoted')).toHaveLength(1);
  });

  it('of a promotion that was rejected does nothing', async () => {
    const version = await world.train();
    const one = await promote(version, 'canary');
    await world.invoke('reject-promotion', {
      promotionId: one.promotionId,
      request: { ...ownRequest('dev', version), metrics: {} },
      reasons: ['no'],
    });
    await expect(world.invoke('complete-promotion', one, { runId: 'promote-1' })).rejects.toMatchObject({
      name: 'PromotionMissing',
    });
    expect((await deployment())?.champion).toBeNull();
  });
});

describe('DeployCanary', () => {
  it('again leaves the canary as it is', async () => {
    const one = await promote(await world.train(), 'canary');
    const before = await deployment();
    await expect(world.invoke('deploy-canary', one, { runId: 'promote-1', attempt: 1 })).resolves.toEqual({
      revision: 1,
      weight: 0.1,
    });
    expect(await deployment()).toEqual(before);
  });

  it('takes a version that was never compared: its gates had no comparison to ask for', async () => {
    await promote(await world.train(), 'complete');
    const two = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
    const state = await world.registry.modelVersion(MODEL, two.modelDigest);
    if (!state) throw new Error('the version is gone');
    // A copied version has no comparison: it was not trained here.
    const copied = { ...state, version: 9, modelDigest: 'c'.repeat(64) };
    world.registry.seed({ change: 'register-version', version: copied });
    const { promotionId } = await promote(two, 'verify');
    const tested = { promotionId, model: MODEL, modelDigest: copied.modelDigest };
    await expect(world.invoke('deploy-canary', tested, { runId: 'promote-2' })).resolves.toMatchObject({ weight: 0.1 });
  });
});

describe('RollbackDeployment', () => {
  it('takes the canary out and leaves the champion', async () => {
    await promote(await world.train(), 'complete');
    const two = await promote(await world.train({ csv: loanCsv(240, 2), runId: 'train-2' }), 'canary');
    const champion = (await deployment())?.champion;
    await expect(world.invoke('rollback-deployment', two, { runId: 'promote-2' })).resolves.toEqual({
      rolledBack: true,
    });
    expect(await deployment()).toEqual({ model: MODEL, revision: 4, champion, canary: null });
    expect(told('Deployment Rolled Back')).toMatchObject([
      { data: { championVersion: 1, modelDigest: two.modelDigest } },
    ]);
  });

  it('again, or of a promotion that has no canary, touches nothing', async () => {
    const one = await promote(await world.train(), 'canary');
    const other = { ...one, promotionId: 'promotion-other' };
    const before = await deployment();
    await expect(world.invoke('rollback-deployment', other, { runId: 'promote-9' })).resolves.toEqual({
      rolledBack: false,
    });
    expect(await deployment()).toEqual(before);
    await world.invoke('rollback-deployment', one, { runId: 'promote-1' });
    await expect(world.invoke('rollback-deployment', one, { runId: 'promote-1', attempt: 1 })).resolves.toEqual({
      rolledBack: false,
    });
    expect(await deployment()).toMatchObject({ revision: 2, canary: null });
    expect(told('Deployment Rolled Back')).toHaveLength(1);
  });

  it('of a model that nothing serves has nothing to do', async () => {
    const tested = { promotionId: 'p', model: MODEL, modelDigest: 'a'.repeat(64) };
    await expect(world.invoke('rollback-deployment', tested)).resolves.toEqual({ rolledBack: false });
  });
});

describe('RejectPromotion', () => {
  const cause = JSON.stringify({ errorType: 'X', errorMessage: 'the message', trace: [] });

  it('ends the promotion with reasons that people can read', async () => {
    const version = await world.train();
    const { promotionId } = await promote(version, 'verify');
    const request = { ...ownRequest('dev', version), metrics: {} };
    const reasons = [`MoveArtifact: X: ${cause}`, 'a {brace} in a sentence', 'x'.repeat(5_000)];
    await world.invoke('reject-promotion', { promotionId, request, reasons });
    const promotion = await world.registry.promotion(promotionId);
    expect(promotion).toMatchObject({ status: 'rejected', taskToken: null, endedAt: expect.any(String) });
    expect(promotion?.reasons.slice(0, 2)).toEqual(['MoveArtifact: X: the message', 'a {brace} in a sentence']);
    expect(promotion?.reasons[2]).toHaveLength(2_000);
    expect(told('Promotion Rejected')).toHaveLength(1);
  });

  it('says so on the bus also where there was no promotion yet', async () => {
    const request = { ...ownRequest('dev', await world.train()), metrics: {} };
    await world.invoke('reject-promotion', { promotionId: null, request, reasons: ['no'] });
    expect(told('Promotion Rejected')).toMatchObject([
      { data: { promotionId: expect.stringMatching(/^promotion-/), reasons: ['no'] } },
    ]);
  });

  it('does not say that a promotion was rejected that is done', async () => {
    const version = await world.train();
    const { promotionId } = await promote(version, 'complete');
    const before = world.registry.state;
    await world.invoke('reject-promotion', {
      promotionId,
      request: { ...ownRequest('dev', version), metrics: {} },
      reasons: ['lost'],
    });
    expect(world.registry.state).toEqual(before);
    expect(told('Promotion Rejected')).toEqual([]);
  });
});
