import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { loanModelYaml } from '../../test/support/loan-model.ts';
import { MODEL, World } from '../../test/support/world.ts';
import { onCodeCommitted } from '../on-code-committed/step.ts';
import { objectIdentity, objectOf } from '../shared/object-created.ts';
import { type OnDataArrivedOutput, onDataArrived } from './step.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
let world: World;
beforeEach(() => {
  world = new World();
});

/** The bus tells of an object in the data bucket. */
const told = (key: string, versionId: string, { id = 'event-1', time = '2026-01-15T09:00:00Z' } = {}) => {
  const run = onDataArrived(world.deps);
  const consumer = {
    identify: objectIdentity(sha256),
    run: (event: Parameters<typeof objectOf>[0]) => run(objectOf(event)),
  };
  const detail = { bucket: { name: world.dataBucket }, object: { key, 'version-id': versionId, size: 3 } };
  return world.deliver('on-data-arrived', consumer, { id, time, detail }) as Promise<OnDataArrivedOutput>;
};
const upload = (key: string, content = 'a,b\n') => world.objects.put(world.dataBucket, key, content);

/** The bus tells of a recipe bundle. */
const committed = async (text: string, time: string, id = 'code-1') => {
  const key = `incoming/${MODEL}/${sha256(text)}.json`;
  const versionId = world.objects.put(world.artifactsBucket, key, text);
  const run = onCodeCommitted(world.deps);
  const consumer = {
    identify: objectIdentity(sha256),
    run: (event: Parameters<typeof objectOf>[0]) => run(objectOf(event)),
  };
  const detail = { bucket: { name: world.artifactsBucket }, object: { key, 'version-id': versionId } };
  const tell = () => world.deliver('on-code-committed', consumer, { id, time, detail });
  await tell();
  return tell;
};
const bundle = (description: string) =>
  sealRecipe(
    { kind: 'sluice.recipe/1', model: MODEL, files: { 'model.yaml': loanModelYaml({ description }) }, commit: null },
    sha256,
  ).text;

describe('data of a model that has a recipe', () => {
  it('starts one run, however often and late its event comes', async () => {
    world.giveRecipe();
    const key = `${MODEL}/data.csv`;
    const version = upload(key);
    const first = await told(key, version);
    expect(first).toEqual({ runId: expect.stringMatching(/^train-/), problem: null });
    expect(await told(key, version)).toEqual(first);
    expect(await told(key, version, { id: 'event-2', time: '2026-01-16T00:00:00Z' })).toEqual(first);

    expect([...world.workflows.runs]).toEqual([
      [
        first.runId,
        {
          machine: 'train-model',
          input: {
            model: MODEL,
            trigger: { kind: 'data', arrivalId: expect.stringMatching(/^arrival-/) },
            arrival: { objects: [{ key, versionId: version }] },
            recipeDigest: null,
          },
        },
      ],
    ]);
    expect(world.registry.audits).toHaveLength(1);
    expect(await world.registry.latestArrival(MODEL)).toMatchObject({ runId: first.runId });
  });

  it('that is uploaded twice is two arrivals', async () => {
    world.giveRecipe();
    const key = `${MODEL}/data.csv`;
    await told(key, upload(key));
    await told(key, upload(key));
    expect(world.workflows.runs.size).toBe(2);
  });

  it('has a run even where the registry failed after it was started', async () => {
    world.giveRecipe();
    const key = `${MODEL}/data.csv`;
    const version = upload(key);
    world.registry.failNextCommit();
    await expect(told(key, version)).rejects.toMatchObject({ name: 'RegistryUnavailable' });
    await told(key, version);
    expect(world.workflows.runs.size).toBe(1);
    expect(await world.registry.latestArrival(MODEL)).toBeDefined();
  });

  it.each(['a b.csv', 'a+b.csv', '%2B.csv', '../up.csv', 'Größe/数据.csv'])(
    'keeps the key as it is: %s',
    async (name) => {
      world.giveRecipe();
      const key = `${MODEL}/${name}`;
      const version = upload(key);
      await told(key, version);
      expect([...world.workflows.runs.values()]).toMatchObject([
        { input: { arrival: { objects: [{ key, versionId: version }] } } },
      ]);
    },
  );
});

describe('data of a model that has no recipe yet', () => {
  it('is kept, and trained on when the recipe comes', async () => {
    const key = `${MODEL}/data.csv`;
    const version = upload(key);
    expect(await told(key, version)).toEqual({ runId: null, problem: null });
    expect(world.workflows.runs.size).toBe(0);

    await committed(bundle('one'), '2026-01-15T10:00:00Z');
    expect([...world.workflows.runs.values()]).toMatchObject([
      { input: { trigger: { kind: 'code' }, arrival: { objects: [{ key, versionId: version }] } } },
    ]);
  });

  it('has one run, also where its event comes again after the recipe', async () => {
    const key = `${MODEL}/data.csv`;
    const version = upload(key);
    await told(key, version);
    await committed(bundle('one'), '2026-01-15T10:00:00Z');
    await told(key, version);
    expect(world.workflows.runs.size).toBe(1);
    expect(world.registry.audits.filter(({ function: name }) => name.endsWith('on-data-arrived'))).toHaveLength(1);
  });

  it('that newer data has followed is not trained on when its event comes again', async () => {
    const key = `${MODEL}/data.csv`;
    const old = upload(key);
    await told(key, old);
    await committed(bundle('one'), '2026-01-15T10:00:00Z');
    await told(key, upload(key), { time: '2026-01-15T11:00:00Z' });
    await committed(bundle('two'), '2026-01-15T12:00:00Z', 'code-2');
    const before = [...world.workflows.runs.keys()];
    await told(key, old);
    expect([...world.workflows.runs.keys()]).toEqual(before);
  });

  it('is found by the recipe that came in between', async () => {
    const key = `${MODEL}/data.csv`;
    const version = upload(key);
    const { registry } = world;
    const currentRecipe = registry.currentRecipe.bind(registry);
    let reads = 0;
    registry.currentRecipe = async (model) => {
      reads += 1;
      // The recipe is committed between this consumer's first look and its write, and its own consumer saw no data.
      if (reads === 1) {
        const nothing = await currentRecipe(model);
        world.giveRecipe();
        return nothing;
      }
      return currentRecipe(model);
    };
    await told(key, version);
    expect(world.workflows.runs.size).toBe(1);
  });
});

describe('a recipe', () => {
  it('told of again, late, starts no run with data that has one', async () => {
    const key = `${MODEL}/data.csv`;
    await told(key, upload(key));
    const again = await committed(bundle('one'), '2026-01-15T10:00:00Z');
    await told(key, upload(key), { time: '2026-01-15T11:00:00Z' });
    const before = [...world.workflows.runs.keys()];
    await again();
    expect([...world.workflows.runs.keys()]).toEqual(before);
  });

  it('that another one has followed starts no run when it is told of again', async () => {
    const key = `${MODEL}/data.csv`;
    await told(key, upload(key));
    const again = await committed(bundle('one'), '2026-01-15T10:00:00Z');
    await committed(bundle('two'), '2026-01-15T10:30:00Z', 'code-2');
    await told(key, upload(key), { time: '2026-01-15T11:00:00Z' });
    const before = [...world.workflows.runs.keys()];
    await again();
    expect([...world.workflows.runs.keys()]).toEqual(before);
    const current = await world.registry.currentRecipe(MODEL);
    expect(current?.recipeDigest).toBe(sha256(bundle('two')));
  });

  it('that is new trains on the data that was there', async () => {
    world.giveRecipe();
    const key = `${MODEL}/data.csv`;
    await told(key, upload(key));
    await committed(bundle('two'), '2026-01-15T12:00:00Z');
    expect(
      [...world.workflows.runs.values()].map(({ input }) => (input as { trigger: { kind: string } }).trigger.kind),
    ).toEqual(['data', 'code']);
  });
});

describe('a key that names no model', () => {
  it('is left where it is: no run, no fact, one audit event that says so', async () => {
    const result = await told('data.csv', upload('data.csv'));
    expect(result).toMatchObject({ runId: null, problem: expect.stringContaining('<model>/') });
    expect(world.workflows.runs.size).toBe(0);
    expect(world.registry.facts).toEqual([]);
    expect(world.registry.audits).toMatchObject([{ verdict: 'ignored: no model' }]);
  });
});

describe('a manifest', () => {
  const manifest = (objects: unknown) => JSON.stringify({ objects });
  const key = `${MODEL}/all.manifest.json`;

  it('brings the objects that it names, with the versions that it names or the current ones', async () => {
    world.giveRecipe();
    const [old] = [upload(`${MODEL}/a.csv`), upload(`${MODEL}/a.csv`)];
    const b = upload(`${MODEL}/b.csv`);
    await told(key, upload(key, manifest([{ key: `${MODEL}/a.csv`, versionId: old }, { key: `${MODEL}/b.csv` }])));
    expect([...world.workflows.runs.values()]).toMatchObject([
      {
        input: {
          arrival: {
            objects: [
              { key: `${MODEL}/a.csv`, versionId: old },
              { key: `${MODEL}/b.csv`, versionId: b },
            ],
          },
        },
      },
    ]);
  });

  it.each([
    { case: 'is no JSON', text: '{', says: 'it is not JSON' },
    { case: 'is not UTF-8', text: new Uint8Array([0xff, 0xfe, 0x7b]), says: 'it is not JSON' },
    { case: 'names nothing', text: manifest([]), says: 'must name at least one object' },
    { case: 'has a member that nobody knows', text: '{"objects":[{"key":"loan-risk/a"}],"more":1}', says: 'more' },
    {
      case: 'names data of another model',
      text: manifest([{ key: 'other/a.csv' }]),
      says: 'is not of the model "loan-risk"',
    },
    {
      case: 'names an object that is not there',
      text: manifest([{ key: `${MODEL}/absent.csv` }]),
      says: 'is not there',
    },
    { case: 'is too large', text: ' '.repeat(1_000_001), says: 'more than' },
  ])('that $case is rejected, and the fact says why', async ({ text, says }) => {
    world.giveRecipe();
    const version = world.objects.put(world.dataBucket, key, text);
    expect(await told(key, version)).toMatchObject({ runId: null, problem: expect.stringContaining(says) });
    expect(world.workflows.runs.size).toBe(0);
    expect(await world.registry.latestArrival(MODEL)).toBeUndefined();
    expect(world.registry.facts).toMatchObject([
      {
        type: 'Dataset Rejected',
        data: {
          model: MODEL,
          datasetDigest: null,
          objects: [{ key, versionId: version }],
          violations: [{ rule: 'manifest', message: expect.stringContaining(says) }],
        },
      },
    ]);
  });
});
