import { beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint, PredictRequest } from '../../domain/ports/endpoint.ts';
import { loanCsv } from '../../test/support/loan-model.ts';
import { ownRequest } from '../../test/support/promotion-requests.ts';
import { MODEL, World } from '../../test/support/world.ts';

type Answer = Awaited<ReturnType<Endpoint['predict']>>;

/** A world whose endpoint's answers a test can spoil. */
class ObservedWorld extends World {
  spoil: (answer: Answer, request: PredictRequest, count: number) => Answer = (answer) => answer;

  override get endpoint(): Endpoint {
    const real = super.endpoint;
    let count = 0;
    return {
      predict: async (request) => {
        count += 1;
        return this.spoil(await real.predict(request), request, count);
      },
    };
  }
}

let world: ObservedWorld;
let tested: { promotionId: string; model: string; modelDigest: string };
beforeEach(async () => {
  world = new ObservedWorld();
  world.giveRecipe();
  await world.promote(ownRequest('dev', await world.train()));
  const challenger = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
  tested = await world.promote(ownRequest('dev', challenger), { until: 'canary', runId: 'promote-2' });
});
const observe = () => world.invoke('observe-canary', tested, { runId: 'promote-2' });

describe('a canary', () => {
  it('that answers as its package does is healthy, and nothing is written but the audit event', async () => {
    const before = world.registry.state;
    await expect(observe()).resolves.toEqual({ verdict: 'healthy', reasons: [] });
    expect(world.registry.state).toEqual(before);
    expect(world.registry.audits.at(-1)).toMatchObject({ verdict: 'healthy: 0 of 40 requests by the challenger' });
  });

  it('is watched while it answers', async () => {
    world.random = 0.05;
    await observe();
    expect(world.registry.audits.at(-1)).toMatchObject({ verdict: 'healthy: 40 of 40 requests by the challenger' });
  });

  it.each<{ case: string; spoil: ObservedWorld['spoil']; says: string }>([
    {
      case: 'refuses a request',
      spoil: (answer, _, count) => (count === 7 ? { ok: false, status: 400, message: 'no' } : answer),
      says: 'request 7 was refused: 400 no',
    },
    {
      case: 'is not the one that answers',
      spoil: (answer, _, count) =>
        answer.ok && count === 3 ? { ok: true, response: { ...answer.response, modelDigest: 'stray' } } : answer,
      says: 'request 3 was answered by stray, which is not deployed',
    },
    {
      case: 'answers something else than its package says',
      spoil: (answer, request) =>
        answer.ok && request.modelDigest === tested.modelDigest
          ? {
              ok: true,
              response: {
                ...answer.response,
                predictions: answer.response.predictions.map(() => ({ score: 0.5, label: null })),
              },
            }
          : answer,
      says: 'golden request 1: expected',
    },
  ])('that $case is unhealthy', async ({ spoil, says }) => {
    world.spoil = spoil;
    const { verdict, reasons } = await observe();
    expect(verdict).toBe('unhealthy');
    expect(reasons[0]).toContain(says);
    expect(reasons.length).toBeLessThanOrEqual(10);
  });

  it('that was taken out meanwhile is unhealthy', async () => {
    await world.invoke('rollback-deployment', tested, { runId: 'promote-2' });
    await expect(observe()).resolves.toMatchObject({
      verdict: 'unhealthy',
      reasons: ['the canary of this promotion is not deployed'],
    });
    expect((await world.registry.deployment(MODEL))?.champion?.version).toBe(1);
  });
});
