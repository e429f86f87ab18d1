import { beforeEach, describe, expect, it } from 'vitest';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { Deployment } from '../../domain/model-version.ts';
import type { GoldenRequests } from '../../domain/package-manifest.ts';
import type { PredictResponse } from '../../domain/ports/endpoint.ts';
import { loanCsv } from '../../test/support/loan-model.ts';
import { MODEL, World } from '../../test/support/world.ts';
import { predict } from './step.ts';

const row = { age: 40, months: 24, amount: 1200.5, income: 2100, home: 'rent' };
type Version = Awaited<ReturnType<World['train']>>;

let world: World;
let champion: Version;
let challenger: Version;
beforeEach(async () => {
  world = new World();
  world.giveRecipe();
  champion = await world.train();
  challenger = await world.train({ csv: loanCsv(240, 2), runId: 'train-2' });
  serve({});
});

const deployed = ({ modelDigest, version }: Version) => ({
  modelDigest,
  version,
  promotionId: 'p',
  since: '2026-01-15',
});
const serve = (change: Partial<Deployment>) => {
  const deployment = { model: MODEL, revision: 1, champion: deployed(champion), canary: null, ...change };
  world.registry.seed({ change: 'move-pointer', deployment, expectedRevision: 0 });
};
const ask = (request: unknown, random = 0.5) => predict({ ...world.deps, random: () => random })(request);

describe('the champion', () => {
  it('answers a probability and a label for each row, and says which version it is', async () => {
    const { status, body } = await ask({ model: MODEL, rows: [row, { ...row, home: null }] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: MODEL, environment: 'dev', version: 1, modelDigest: champion.modelDigest });
    const { predictions } = body as PredictResponse;
    expect(predictions).toHaveLength(2);
    for (const { score, label } of predictions) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
      expect(['good', 'bad']).toContain(label);
    }
  });

  it('answers its golden requests as it did before it was packaged', async () => {
    const key = artifactKeys.package(MODEL, champion.modelDigest, 'golden.json');
    const bytes = await world.objects.read({ bucket: world.artifactsBucket, key }, 1e9);
    const { rows, scores } = JSON.parse(new TextDecoder().decode(bytes)) as GoldenRequests;
    const { body } = await ask({ model: MODEL, rows });
    const { predictions } = body as PredictResponse;
    for (const [index, { score }] of predictions.entries()) expect(score).toBeCloseTo(scores[index] as number, 5);
  });

  it('answers every request while there is no canary', async () => {
    for (const random of [0, 0.05, 0.99])
      expect((await ask({ model: MODEL, rows: [row] }, random)).body).toMatchObject({ version: 1 });
  });
});

describe('a canary', () => {
  it.each([
    { random: 0, version: 2 },
    { random: 0.0999, version: 2 },
    { random: 0.1, version: 1 },
    { random: 0.9, version: 1 },
  ])('of a tenth answers by chance: at $random version $version', async ({ random, version }) => {
    serve({ canary: { ...deployed(challenger), weight: 0.1 } });
    expect((await ask({ model: MODEL, rows: [row] }, random)).body).toMatchObject({ version });
  });

  it('answers all where there is no champion', async () => {
    serve({ champion: null, canary: { ...deployed(challenger), weight: 0.1 } });
    expect((await ask({ model: MODEL, rows: [row] }, 0.9)).body).toMatchObject({ version: 2 });
  });

  it('that is taken out no longer answers', async () => {
    serve({ canary: { ...deployed(challenger), weight: 0.1 } });
    const answer = predict({ ...world.deps, random: () => 0 });
    expect((await answer({ model: MODEL, rows: [row] })).body).toMatchObject({ version: 2 });
    serve({});
    expect((await answer({ model: MODEL, rows: [row] })).body).toMatchObject({ version: 1 });
  });
});

describe('a version that is asked for by its digest', () => {
  it('answers, whether it serves or not', async () => {
    const { body } = await ask({ model: MODEL, modelDigest: challenger.modelDigest, rows: [row] });
    expect(body).toMatchObject({ version: 2, modelDigest: challenger.modelDigest });
  });

  it('that is not registered here is refused, whatever lies in the bucket', async () => {
    const elsewhere = new World('acc', world.objects);
    const { status, body } = await predict({
      ...elsewhere.deps,
      artifactsBucket: world.artifactsBucket,
      random: Math.random,
    })({
      model: MODEL,
      modelDigest: champion.modelDigest,
      rows: [row],
    });
    expect({ status, body }).toMatchObject({ status: 404, body: { error: 'ModelVersionMissing' } });
  });
});

describe('what cannot be answered is refused', () => {
  it.each<{ case: string; request: () => unknown; status: number; error: string; says: string }>([
    {
      case: 'a model that nothing serves',
      request: () => ({ model: 'other-model', rows: [row] }),
      status: 404,
      error: 'ModelNotServing',
      says: 'dev serves no version of "other-model"',
    },
    {
      case: 'a feature that the model does not know',
      request: () => ({ model: MODEL, rows: [row, { ...row, hoem: 'rent' }] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'rows.1: the model has no feature "hoem"',
    },
    {
      case: 'a feature that lacks',
      request: () => ({ model: MODEL, rows: [{ age: 1 }] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'months',
    },
    {
      case: 'a text for a number',
      request: () => ({ model: MODEL, rows: [{ ...row, age: 'forty' }] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'age',
    },
    {
      case: 'too many rows',
      request: () => ({ model: MODEL, rows: Array(21).fill(row) }),
      status: 400,
      error: 'TooManyRows',
      says: 'at most 20',
    },
    {
      case: 'no rows',
      request: () => ({ model: MODEL, rows: [] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'rows',
    },
    {
      case: 'a row that is a list',
      request: () => ({ model: MODEL, rows: [[1, 2]] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'rows',
    },
    {
      case: 'a member that nobody knows',
      request: () => ({ model: MODEL, rows: [row], version: 1 }),
      status: 400,
      error: 'RequestInvalid',
      says: 'version',
    },
    {
      case: 'a name that is none',
      request: () => ({ model: '../x', rows: [row] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'model',
    },
    {
      case: 'a digest that is none',
      request: () => ({ model: MODEL, modelDigest: 'x', rows: [row] }),
      status: 400,
      error: 'RequestInvalid',
      says: 'modelDigest',
    },
    { case: 'nothing', request: () => null, status: 400, error: 'RequestInvalid', says: 'a request is' },
  ])('$case', async ({ request, status, error, says }) => {
    const answer = await ask(request());
    expect(answer).toMatchObject({ status, body: { error, message: expect.stringContaining(says) } });
  });
});

it('a package that was changed in its bucket is not served, and is tried again once it is whole', async () => {
  const key = artifactKeys.package(MODEL, champion.modelDigest, 'model.onnx');
  const location = { bucket: world.artifactsBucket, key };
  const whole = await world.objects.read(location, 1e9);
  world.objects.put(world.artifactsBucket, key, challenger.modelDigest);
  const answer = predict({ ...world.deps, random: () => 0.5 });
  await expect(answer({ model: MODEL, rows: [row] })).rejects.toMatchObject({ name: 'DigestMismatch' });
  world.objects.put(world.artifactsBucket, key, whole);
  await expect(answer({ model: MODEL, rows: [row] })).resolves.toMatchObject({ status: 200 });
});

it('leaves no trace in the registry', async () => {
  const before = [world.registry.state, world.registry.audits.length];
  await ask({ model: MODEL, rows: [row] });
  expect([world.registry.state, world.registry.audits.length]).toEqual(before);
});
