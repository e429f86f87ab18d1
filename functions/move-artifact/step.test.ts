import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { candidateIdOf, type PromotionRequest } from '../../domain/candidate.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { LoanModelOptions } from '../../test/support/loan-model.ts';
import { ownRequest, sign } from '../../test/support/promotion-requests.ts';
import { jsonOf, MODEL, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});

let dev: World;
let acc: World;
beforeEach(() => {
  dev = new World('dev');
  acc = new World('acc', dev.objects);
});

/** A version becomes champion in dev, which offers it to acc. Answers the request as it was signed. */
async function offered(options: LoanModelOptions): Promise<PromotionRequest> {
  dev.giveRecipe(options);
  const tested = await dev.promote(ownRequest('dev', await dev.train()));
  await dev.invoke('request-promotion', tested, { runId: 'promote-1' });
  const fact = dev.registry.facts.findLast(({ type }) => type === 'Promotion Requested');
  if (!fact) throw new Error('nothing was offered');
  return fact.data.request as PromotionRequest;
}

/** The request is verified in acc, and what it lets cross is fetched. */
async function move(request: PromotionRequest) {
  const trigger = { kind: 'request', from: 'dev', eventId: 'fact-1' } as const;
  const { promotionId, verdict, reasons } = await acc.invoke('verify-candidate', { request: jsonOf(request), trigger });
  return { promotionId, verdict, reasons, moved: () => acc.invoke('move-artifact', { promotionId }) };
}
const outbound = (candidateId: string) =>
  dev.objects.keys(dev.artifactsBucket).filter((key) => key.startsWith(`outbound/${candidateId}/`));
const changeOffer = (request: PromotionRequest, file: string, content: string | Uint8Array) =>
  dev.objects.put(dev.artifactsBucket, artifactKeys.outbound(request.candidate.candidateId, file), content);

describe('RequestPromotion', () => {
  it('lays out the recipe alone for "retrain", and signs what it asks for', async () => {
    const request = await offered({ strategy: 'retrain', approvals: 0 });
    expect(outbound(request.candidate.candidateId)).toEqual([`outbound/${request.candidate.candidateId}/recipe.json`]);
    expect(request).toMatchObject({
      from: 'dev',
      to: 'acc',
      strategy: 'retrain',
      candidate: { evidenceDigest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await move(request)).toMatchObject({ verdict: 'verified' });
  });

  it('lays out the package as well for "copy" of what may cross', async () => {
    const request = await offered({ strategy: 'copy', classification: 'internal' });
    const { candidateId } = request.candidate;
    expect(outbound(candidateId)).toEqual(
      [
        'golden.json',
        'manifest.json',
        'metrics.json',
        'model-card.md',
        'model.onnx',
        'recipe.json',
        'signature.json',
      ].map((file) => `outbound/${candidateId}/${file}`),
    );
  });

  it.each(['confidential', 'restricted'])(
    'lays out no package of a %s model, and its "copy" is refused there',
    async (classification) => {
      const request = await offered({ strategy: 'retrain', classification });
      expect(outbound(request.candidate.candidateId)).toHaveLength(1);
      const { verdict, reasons } = await move(await sign({ ...request, strategy: 'copy' }, 'dev'));
      expect(verdict).toBe('refused');
      expect(reasons).toEqual([expect.stringContaining(`"copy" is refused for a ${classification} model`)]);
    },
  );

  it('asks once, also where its answer was lost', async () => {
    dev.giveRecipe();
    const tested = await dev.promote(ownRequest('dev', await dev.train()));
    dev.registry.loseNextAnswer();
    await expect(dev.invoke('request-promotion', tested, { runId: 'promote-1' })).rejects.toMatchObject({
      name: 'RegistryUnavailable',
    });
    await dev.invoke('request-promotion', tested, { runId: 'promote-1', attempt: 1 });
    expect(dev.registry.facts.filter(({ type }) => type === 'Promotion Requested')).toHaveLength(1);
  });

  it('offers nothing that was not promoted', async () => {
    dev.giveRecipe();
    const tested = await dev.promote(ownRequest('dev', await dev.train()), { until: 'canary' });
    await expect(dev.invoke('request-promotion', tested, { runId: 'promote-1' })).rejects.toMatchObject({
      name: 'PromotionMissing',
    });
    expect(dev.objects.keys(dev.artifactsBucket).some((key) => key.startsWith('outbound/'))).toBe(false);
  });

  it('has nobody to ask after the last environment', async () => {
    const prd = new World('prd');
    prd.giveRecipe();
    const tested = await prd.promote(ownRequest('prd', await prd.train()));
    await expect(prd.invoke('request-promotion', tested, { runId: 'promote-1' })).resolves.toEqual({
      to: null,
      candidateId: null,
    });
    expect(prd.registry.facts.map(({ type }) => type)).not.toContain('Promotion Requested');
  });
});

describe('MoveArtifact with "retrain"', () => {
  it('brings the recipe, makes it current, and says what crossed', async () => {
    const request = await offered({});
    const { recipeDigest } = request.candidate;
    const { moved, promotionId } = await move(request);
    await expect(moved()).resolves.toEqual({ objects: 1, bytes: expect.any(Number) });
    expect(acc.objects.keys(acc.artifactsBucket)).toEqual([artifactKeys.recipe(recipeDigest)]);
    expect(await acc.registry.currentRecipe(MODEL)).toMatchObject({ recipeDigest, from: 'dev' });
    expect(await acc.registry.modelVersions(MODEL)).toEqual([]);
    expect(acc.registry.facts).toMatchObject([
      {
        type: 'Artifact Moved',
        data: { promotionId, from: 'dev', to: 'acc', strategy: 'retrain', objects: [{ sha256: recipeDigest }] },
      },
    ]);
  });

  it.each([
    { case: 'another recipe', content: '{}', name: 'DigestMismatch' },
    { case: 'nothing', content: '', name: 'DigestMismatch' },
    { case: 'too much', content: ' '.repeat(5_000_001), name: 'ArtifactInvalid' },
  ])('writes nothing where $case came', async ({ content, name }) => {
    const request = await offered({});
    const { moved } = await move(request);
    changeOffer(request, 'recipe.json', content);
    const before = acc.registry.state;
    await expect(moved()).rejects.toMatchObject({ name });
    expect(acc.objects.keys(acc.artifactsBucket)).toEqual([]);
    expect(acc.registry.state).toEqual(before);
    expect(acc.registry.facts).toEqual([]);
  });

  it('has nothing to move for what was registered here', async () => {
    acc.giveRecipe();
    const version = await acc.train();
    const { promotionId } = await acc.promote(ownRequest('acc', version), { until: 'verify' });
    await expect(acc.invoke('move-artifact', { promotionId })).rejects.toMatchObject({ name: 'PromotionMissing' });
  });
});

describe('MoveArtifact with "copy"', () => {
  const copy = { strategy: 'copy', classification: 'internal' } as const;

  it('brings the package to the byte, registers it, and it is tested and served here', async () => {
    const request = await offered(copy);
    const { modelDigest } = request.candidate;
    const { moved, promotionId } = await move(request);
    await expect(moved()).resolves.toMatchObject({ objects: 7 });
    for (const file of ['manifest.json', 'model.onnx', 'signature.json']) {
      const key = artifactKeys.package(MODEL, modelDigest, file);
      const there = await acc.objects.read({ bucket: acc.artifactsBucket, key }, 1e9);
      expect(sha256(there)).toBe(sha256(await dev.objects.read({ bucket: dev.artifactsBucket, key }, 1e9)));
    }
    expect(await acc.registry.modelVersion(MODEL, modelDigest)).toMatchObject({
      version: 1,
      classification: 'internal',
      trigger: { kind: 'promotion', promotionId },
    });

    const tested = { promotionId, model: MODEL, modelDigest };
    for (const step of [
      'test-integration',
      'test-performance',
      'test-security',
      'judge-gates',
      'deploy-canary',
      'complete-promotion',
    ] as const)
      await acc.invoke(step, tested, { runId: promotionId });
    expect(await acc.registry.deployment(MODEL)).toMatchObject({ champion: { modelDigest } });
  });

  it('again brings the same, and registers it once', async () => {
    const { moved, promotionId } = await move(await offered(copy));
    await moved();
    await acc.invoke('move-artifact', { promotionId }, { attempt: 1 });
    expect(await acc.registry.modelVersions(MODEL)).toHaveLength(1);
  });

  it.each(['model.onnx', 'golden.json', 'metrics.json', 'model-card.md', 'manifest.json'])(
    'registers nothing where another %s came',
    async (file) => {
      const request = await offered(copy);
      const { moved } = await move(request);
      changeOffer(request, file, '{}');
      await expect(moved()).rejects.toMatchObject({ name: 'DigestMismatch' });
      expect(await acc.registry.modelVersions(MODEL)).toEqual([]);
      expect(acc.objects.keys(acc.artifactsBucket).filter((key) => key.startsWith('models/'))).toEqual([]);
    },
  );

  it('registers nothing where a file did not come', async () => {
    const request = await offered({ strategy: 'retrain', classification: 'internal' });
    const asked = await sign({ ...request, strategy: 'copy' }, 'dev');
    const { moved } = await move(asked);
    await expect(moved()).rejects.toMatchObject({ name: 'ObjectMissing' });
    expect(await acc.registry.modelVersions(MODEL)).toEqual([]);
  });

  it("looks at the recipe's own word where the request calls a confidential model internal", async () => {
    const request = await offered({ strategy: 'retrain', classification: 'confidential' });
    const asked = await sign({ ...request, strategy: 'copy', classification: 'internal' }, 'dev');
    const { moved, verdict } = await move(asked);
    expect(verdict).toBe('verified');
    await expect(moved()).rejects.toMatchObject({
      name: 'ArtifactInvalid',
      message: 'a confidential model is not copied',
    });
    expect(await acc.registry.modelVersions(MODEL)).toEqual([]);
  });

  it.each([
    { case: 'of another recipe', change: { recipeDigest: 'f'.repeat(64) }, name: 'DigestMismatch' },
    { case: 'of another dataset', change: { datasetDigest: 'f'.repeat(64) }, name: 'DigestMismatch' },
    { case: 'of another model', change: { model: 'other-model' }, name: 'DigestMismatch' },
    { case: 'that calls itself restricted', change: { classification: 'restricted' }, name: 'ArtifactInvalid' },
  ])('takes no package $case under this candidate, however well it is signed', async ({ change, name }) => {
    const request = await offered(copy);
    const location = {
      bucket: dev.artifactsBucket,
      key: artifactKeys.outbound(request.candidate.candidateId, 'manifest.json'),
    };
    const manifest = JSON.parse(new TextDecoder().decode(await dev.objects.read(location, 1e9)));
    const text = canonicalJson({ ...manifest, ...change });
    const parts = { ...request.candidate, modelDigest: sha256(text) };
    const asked = await sign({ ...request, candidate: { ...parts, candidateId: candidateIdOf(sha256, parts) } }, 'dev');
    for (const key of outbound(request.candidate.candidateId)) {
      const file = key.split('/')[2] as string;
      changeOffer(asked, file, await dev.objects.read({ bucket: dev.artifactsBucket, key }, 1e9));
    }
    changeOffer(asked, 'manifest.json', text);
    const { moved } = await move(asked);
    await expect(moved()).rejects.toMatchObject({ name });
    expect(await acc.registry.modelVersions(MODEL)).toEqual([]);
  });
});
