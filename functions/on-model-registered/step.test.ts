import { beforeEach, expect, it } from 'vitest';
import { MODEL, World } from '../../test/support/world.ts';
import { factIdentity, factOf } from '../shared/fact-received.ts';
import { onModelRegistered } from './step.ts';

let world: World;
beforeEach(() => {
  world = new World('dev');
  world.giveRecipe({ approvals: 1 });
});

/** Delivers the last "Model Registered" as the bus would. */
const told = (change: object = {}) => {
  const fact = world.registry.facts.findLast(({ type }) => type === 'Model Registered');
  if (!fact) throw new Error('nothing was registered');
  const { id, version, environment, at, runId, data } = fact;
  const run = onModelRegistered(world.deps);
  const consumer = {
    identify: factIdentity,
    run: (event: Parameters<typeof factIdentity>[0]) => run(factOf('Model Registered', event)),
  };
  return world.deliver('on-model-registered', consumer, {
    detail: { metadata: { id, version, environment, at, runId }, data: { ...data, ...change } },
  });
};

it('a version that was trained for its own sake is promoted here, once', async () => {
  const { modelDigest, version } = await world.train();
  const answer = await told();
  expect(await told()).toEqual(answer);
  expect([...world.workflows.runs.values()]).toEqual([
    {
      machine: 'promote-model',
      input: {
        request: expect.objectContaining({
          model: MODEL,
          version,
          from: null,
          to: 'dev',
          approvals: 1,
          signature: null,
          candidate: expect.objectContaining({ modelDigest, evidenceDigest: null }),
        }),
        trigger: { kind: 'registration', runId: 'train-1' },
      },
    },
  ]);
});

it('a version that a promotion trained is left to that promotion', async () => {
  await world.train({ trigger: { kind: 'promotion', promotionId: 'p' } });
  expect(await told()).toEqual({ runId: null });
  expect(world.workflows.runs.size).toBe(0);
  expect(world.registry.audits.at(-1)).toMatchObject({ verdict: 'ignored: trained by a promotion' });
});

it('a fact that breaks its contract starts nothing', async () => {
  await world.train();
  await expect(told({ modelDigest: 'short' })).rejects.toMatchObject({ name: 'InputInvalid' });
  expect(world.workflows.runs.size).toBe(0);
});
