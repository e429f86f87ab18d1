import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { MODEL, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
let world: World;
beforeEach(() => {
  world = new World();
});

const trigger = { kind: 'data', arrivalId: 'arrival-1' } as const;
const upload = (name: string, content: string) => {
  const key = `${MODEL}/${name}`;
  return { key, versionId: world.objects.put(world.dataBucket, key, content) };
};
const snapshot = (
  objects: { key: string; versionId: string }[] | null,
  runId = 'run-1',
  recipeDigest: string | null = null,
) =>
  world.invoke('snapshot-dataset', { model: MODEL, trigger, arrival: objects && { objects }, recipeDigest }, { runId });

describe('a snapshot', () => {
  it('pins the version that arrived and the digest of its bytes, whatever was uploaded over it since', async () => {
    const recipeDigest = world.giveRecipe();
    const object = upload('data.csv', 'first');
    upload('data.csv', 'second');
    const { datasetDigest, bytes, ...rest } = await snapshot([object]);
    expect(rest).toMatchObject({ model: MODEL, recipeDigest });
    expect(bytes).toBe(5);
    expect(await world.registry.dataset(MODEL, datasetDigest)).toMatchObject({
      verdict: 'snapshotted',
      objects: [{ ...object, sha256: sha256('first'), bytes: 5 }],
    });
  });

  it('of the same bytes under another key is the same dataset version, and what is known of it stays', async () => {
    world.giveRecipe();
    const one = await snapshot([upload('a.csv', 'same')], 'run-1');
    const before = world.registry.state;
    const two = await snapshot([upload('b.csv', 'same')], 'run-2');
    expect(two.datasetDigest).toBe(one.datasetDigest);
    expect(two.arrivalId).not.toBe(one.arrivalId);
    expect(world.registry.state).toEqual(before);
  });

  it('is of the latest arrival where the run names none', async () => {
    world.giveRecipe();
    const object = upload('data.csv', 'latest');
    const arrival = {
      arrivalId: 'a',
      model: MODEL,
      objects: [object],
      runId: null,
      recipeDigest: null,
      arrivedAt: '2026-01-15T09:00:00.000Z',
    };
    world.registry.seed({ change: 'record-arrival', arrival });
    expect(await snapshot(null)).toMatchObject({ bytes: 6 });
  });
});

describe('there is no snapshot', () => {
  it.each([
    {
      case: 'the environment has no recipe',
      given: () => {},
      name: 'RecipeMissing',
      says: 'no recipe for "loan-risk" yet',
    },
    { case: 'no data has arrived', given: () => world.giveRecipe(), name: 'DatasetMissing', says: 'upload some' },
  ])('where $case', async ({ given, name, says }) => {
    given();
    const before = world.registry.state;
    await expect(snapshot(null)).rejects.toMatchObject({ name, message: expect.stringContaining(says) });
    expect(world.registry.state).toEqual(before);
    expect(world.registry.facts).toEqual([]);
    expect(world.registry.audits).toMatchObject([{ outcome: 'failed', error: { name }, model: MODEL }]);
  });

  it('with a recipe that is not here', async () => {
    world.giveRecipe();
    const object = upload('data.csv', 'x');
    await expect(snapshot([object], 'run-1', 'f'.repeat(64))).rejects.toMatchObject({ name: 'RecipeMissing' });
  });

  it('of an object version that is gone', async () => {
    world.giveRecipe();
    await expect(snapshot([{ key: `${MODEL}/gone.csv`, versionId: 'v9' }])).rejects.toMatchObject({
      name: 'ObjectMissing',
    });
  });
});
