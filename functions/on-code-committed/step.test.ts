import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { loanModelYaml } from '../../test/support/loan-model.ts';
import { MODEL, World } from '../../test/support/world.ts';
import { objectIdentity, objectOf } from '../shared/object-created.ts';
import { onCodeCommitted } from './step.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const commit = async (text: string | Uint8Array, key = `incoming/${MODEL}/x.json`) => {
  const versionId = world.objects.put(world.artifactsBucket, key, text);
  const run = onCodeCommitted(world.deps);
  const consumer = {
    identify: objectIdentity(sha256),
    run: (event: Parameters<typeof objectOf>[0]) => run(objectOf(event)),
  };
  const detail = { bucket: { name: world.artifactsBucket }, object: { key, 'version-id': versionId } };
  return world.deliver('on-code-committed', consumer, { detail });
};
const bundle = (yaml = loanModelYaml(), more: object = {}) => ({
  kind: 'sluice.recipe/1',
  model: MODEL,
  files: { 'model.yaml': yaml },
  commit: 'abc123',
  ...more,
});

describe('a recipe that can be used', () => {
  it('is stored under its digest and is the current one, and the fact says so', async () => {
    const text = canonicalJson(bundle());
    await expect(commit(text)).resolves.toEqual({ recipeDigest: sha256(text) });
    expect(world.objects.keys(world.artifactsBucket)).toContain(`recipes/${sha256(text)}.json`);
    expect(await world.registry.currentRecipe(MODEL)).toMatchObject({
      recipeDigest: sha256(text),
      commit: 'abc123',
      from: null,
    });
    expect(world.registry.facts).toMatchObject([
      { type: 'Recipe Accepted', data: { model: MODEL, recipeDigest: sha256(text), commit: 'abc123' } },
    ]);
    expect(world.workflows.runs.size).toBe(0);
  });

  it('has one digest however its JSON was written', async () => {
    const answers = [
      await commit(JSON.stringify(bundle(), null, 2)),
      await commit(JSON.stringify(Object.fromEntries(Object.entries(bundle()).reverse()))),
    ];
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('a recipe that was put straight into a later environment', () => {
  it.each(['acc', 'prd'] as const)(
    'is refused in %s, whatever gates it brings: the way there is promotion',
    async (environment) => {
      world = new World(environment);
      await expect(commit(canonicalJson(bundle()))).resolves.toEqual({ recipeDigest: null });
      expect(await world.registry.currentRecipe(MODEL)).toBeUndefined();
      expect(world.objects.keys(world.artifactsBucket).filter((key) => key.startsWith('recipes/'))).toEqual([]);
      expect(world.workflows.runs.size).toBe(0);
      expect(world.registry.facts).toMatchObject([
        { type: 'Recipe Rejected', data: { problems: [{ message: expect.stringContaining('by promotion') }] } },
      ]);
    },
  );
});

describe('a recipe that cannot be used', () => {
  it.each<{ case: string; text: string | Uint8Array; says: string; key?: string }>([
    { case: 'is no JSON', text: 'model: x', says: 'sluice publish' },
    { case: 'is empty', text: '', says: 'sluice publish' },
    { case: 'is not UTF-8', text: new Uint8Array([0xc3, 0x28]), says: 'sluice publish' },
    { case: 'has no model.yaml', text: canonicalJson(bundle('', { files: {} })), says: 'sluice publish' },
    {
      case: 'has a member that nobody knows',
      text: canonicalJson(bundle(undefined, { extra: 1 })),
      says: 'sluice publish',
    },
    { case: 'is too large', text: ' '.repeat(5_000_001), says: 'sluice publish' },
    {
      case: 'misspells a field',
      text: canonicalJson(bundle(loanModelYaml().replace('serving:', 'servng:'))),
      says: 'serving',
    },
    {
      case: 'is of another model than its key',
      text: canonicalJson(bundle()),
      key: 'incoming/other-model/x.json',
      says: 'they must be one',
    },
    {
      case: 'is of another model than its bundle',
      text: canonicalJson(bundle(undefined, { model: 'other-model' })),
      says: 'they must be one',
    },
  ])(
    'because it $case is rejected: the current one stays, and the fact names the place',
    async ({ text, says, key }) => {
      const current = world.giveRecipe({ description: 'the one of before' });
      const before = world.registry.state;
      await expect(commit(text, key)).resolves.toEqual({ recipeDigest: null });
      expect(world.registry.state).toEqual(before);
      expect((await world.registry.currentRecipe(MODEL))?.recipeDigest).toBe(current);
      const [fact] = world.registry.facts;
      expect(fact).toMatchObject({ type: 'Recipe Rejected', data: { key: key ?? `incoming/${MODEL}/x.json` } });
      expect(JSON.stringify(fact?.data)).toContain(says);
      expect(world.registry.audits).toMatchObject([{ verdict: 'rejected', outcome: 'succeeded' }]);
      expect(world.workflows.runs.size).toBe(0);
    },
  );
});
