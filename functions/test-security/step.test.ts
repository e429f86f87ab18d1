import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Endpoint, PredictRequest } from '../../domain/ports/endpoint.ts';
import { verified } from '../../domain/signed-evidence.ts';
import { p256Signer } from '../../test/support/p256-signer.ts';
import type { StepName } from '../../test/support/pipeline-steps.ts';
import { ownRequest } from '../../test/support/promotion-requests.ts';
import { keyArnOf, MODEL, World } from '../../test/support/world.ts';

/** A world whose endpoint a test can put something in front of. */
class TestedWorld extends World {
  intercept: (request: PredictRequest, endpoint: Endpoint) => ReturnType<Endpoint['predict']> = (request, endpoint) =>
    endpoint.predict(request);

  override get endpoint(): Endpoint {
    const real = super.endpoint;
    return { predict: (request) => this.intercept(request, real) };
  }
}

let world: TestedWorld;
let modelDigest: string;
let tested: { promotionId: string; model: string; modelDigest: string };
beforeEach(async () => {
  world = new TestedWorld();
  world.giveRecipe();
  const version = await world.train();
  ({ modelDigest } = version);
  tested = await world.promote(ownRequest('dev', version), { until: 'verify' });
});

const run = (test: Extract<StepName, `test-${string}`>) => world.invoke(test, tested, { runId: 'promote-1' });
const put = (file: string, content: string | Uint8Array) =>
  world.objects.put(world.artifactsBucket, artifactKeys.package(MODEL, modelDigest, file), content);
const read = (file: string) =>
  world.objects.read({ bucket: world.artifactsBucket, key: artifactKeys.package(MODEL, modelDigest, file) }, 1e9);
const json = async (file: string) => JSON.parse(new TextDecoder().decode(await read(file)));

describe.each(['test-integration', 'test-performance', 'test-security'] as const)('%s', (test) => {
  it('of a good package passes, and its evidence is signed here for this candidate and version', async () => {
    await expect(run(test)).resolves.toEqual({ verdict: 'passed', findings: [] });
    const evidence = await world.registry.evidence(tested.promotionId);
    const { candidateId } = ownRequest('dev', {
      ...(await world.registry.modelVersion(MODEL, modelDigest))!,
    }).candidate;
    expect(evidence).toMatchObject([
      { test: test.slice(5), verdict: 'passed', modelDigest, candidateId, findings: [] },
    ]);
    expect(await verified(world.signer, keyArnOf('dev'), evidence)).toHaveLength(1);
  });

  it('of a promotion that has ended is not done', async () => {
    const promotion = await world.registry.promotion(tested.promotionId);
    world.registry.seed({ change: 'update-promotion', promotion: { ...promotion!, status: 'rejected' }, from: [] });
    await expect(run(test)).rejects.toMatchObject({ name: 'PromotionMissing' });
  });

  it('of a manifest that is not the one that was registered is not done', async () => {
    put('manifest.json', canonicalJson({ ...(await json('manifest.json')), classification: 'public' }));
    await expect(run(test)).rejects.toMatchObject({ name: 'DigestMismatch' });
    expect(await world.registry.evidence(tested.promotionId)).toEqual([]);
  });
});

describe('TestIntegration', () => {
  it.each<{ case: string; intercept: TestedWorld['intercept']; finding: RegExp }>([
    {
      case: 'answers something else',
      intercept: async (request, endpoint) => {
        const answer = await endpoint.predict(request);
        if (!answer.ok) return answer;
        const predictions = answer.response.predictions.map((one) => ({ ...one, score: one.score + 0.01 }));
        return { ok: true, response: { ...answer.response, predictions } };
      },
      finding: /^golden request 1: expected/,
    },
    {
      case: 'is another version',
      intercept: async (request, endpoint) => {
        const answer = await endpoint.predict(request);
        return answer.ok ? { ok: true, response: { ...answer.response, modelDigest: 'other' } } : answer;
      },
      finding: /^another version answered: other$/,
    },
    {
      case: 'refuses',
      intercept: async () => ({ ok: false, status: 404, message: 'no such model' }),
      finding: /^the endpoint refused the golden requests: 404 no such model$/,
    },
    {
      case: 'answers what no model could',
      intercept: async (request, endpoint) => {
        const answer = await endpoint.predict(request);
        return answer.ok
          ? answer
          : { ok: true, response: { model: MODEL, environment: 'dev', version: 1, modelDigest: 'm', predictions: [] } };
      },
      finding: /^the endpoint answered a row that has none of the features$/,
    },
  ])('fails where the endpoint $case', async ({ intercept, finding }) => {
    world.intercept = intercept;
    const { verdict, findings } = await run('test-integration');
    expect(verdict).toBe('failed');
    expect(findings).toEqual(expect.arrayContaining([expect.stringMatching(finding)]));
  });
});

describe('TestPerformance', () => {
  it('measures single requests and full batches, by the clock', async () => {
    const sizes: number[] = [];
    world.intercept = async (request, endpoint) => {
      sizes.push(request.rows.length);
      world.clock.advance(request.rows.length === 1 ? 4 : 50);
      return endpoint.predict(request);
    };
    await run('test-performance');
    const [evidence] = await world.registry.evidence(tested.promotionId);
    // The test clock counts a millisecond for each look at it.
    expect(evidence?.measurements).toEqual({
      p50Ms: 5,
      p99Ms: 5,
      rowsPerSecond: Math.round(20_000 / 51),
      requests: 100,
    });
    expect(sizes.filter((size) => size === 1)).toHaveLength(105);
    expect(sizes.filter((size) => size === 20)).toHaveLength(5);
  });

  it('takes the second slowest of a hundred as p99', async () => {
    let n = 0;
    world.intercept = async (request, endpoint) => {
      n += 1;
      world.clock.advance(n === 50 ? 500 : n === 60 ? 90 : 1);
      return endpoint.predict(request);
    };
    await run('test-performance');
    const [evidence] = await world.registry.evidence(tested.promotionId);
    expect(evidence?.measurements).toMatchObject({ p50Ms: 2, p99Ms: 91 });
  });

  it('fails where the endpoint refuses', async () => {
    world.intercept = async () => ({ ok: false, status: 400, message: 'no' });
    await expect(run('test-performance')).resolves.toMatchObject({
      verdict: 'failed',
      findings: [expect.stringContaining('refused 1 rows'), expect.any(String)],
    });
  });
});

describe('TestSecurity', () => {
  it.each(['model.onnx', 'model-card.md', 'golden.json', 'metrics.json'])('finds a changed %s', async (file) => {
    const bytes = await read(file);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    put(file, bytes);
    const { verdict, findings } = await run('test-security');
    expect(verdict).toBe('failed');
    expect(findings).toEqual([
      expect.stringMatching(new RegExp(`^${file.replace('.', '\\.')} of model .* its manifest says`)),
    ]);
  });

  /** Gives the package another file, with a manifest and a signature to match: as an insider could. */
  async function repackage(file: 'model.onnx' | 'golden.json', content: Uint8Array | string) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const manifest = await json('manifest.json');
    manifest.files[file] = { sha256: sha256(bytes), bytes: bytes.byteLength };
    const text = canonicalJson(manifest);
    const signature = { ...(await json('signature.json')), signature: await world.signer.sign(text) };
    const others = ['model.onnx', 'model-card.md', 'golden.json', 'metrics.json'].filter((one) => one !== file);
    const kept = await Promise.all(others.map(async (one) => [one, await read(one)] as const));
    const version = await world.registry.modelVersion(MODEL, modelDigest);
    modelDigest = sha256(text);
    for (const [one, there] of kept) put(one, there);
    put(file, bytes);
    put('manifest.json', text);
    put('signature.json', JSON.stringify(signature));
    world.registry.seed({ change: 'register-version', version: { ...version!, version: 2, modelDigest } });
    tested = { ...tested, modelDigest };
  }

  it('finds a model that is not of the allowed format', async () => {
    await repackage('model.onnx', 'import os');
    const { verdict, findings } = await run('test-security');
    expect(verdict).toBe('failed');
    expect(findings).toEqual([expect.stringMatching(/^model\.onnx is not served: Onnx/)]);
  });

  it('finds a row of the training data among the golden requests', async () => {
    const version = await world.registry.modelVersion(MODEL, modelDigest);
    const dataset = await world.registry.dataset(MODEL, version!.datasetDigest);
    const { key, versionId } = dataset!.objects[0]!;
    const csv = new TextDecoder().decode(await world.objects.read({ bucket: world.dataBucket, key, versionId }, 1e9));
    const rows = csv
      .trim()
      .split('\n')
      .slice(1, 4)
      .map((line) => {
        const [, age, months, amount, income, home] = line.split(',');
        return {
          age: Number(age),
          months: Number(months),
          amount: Number(amount),
          income: Number(income),
          home: home || null,
        };
      });
    const golden = await json('golden.json');
    await repackage(
      'golden.json',
      canonicalJson({ rows: [...golden.rows, ...rows], scores: [...golden.scores, 0, 0, 0] }),
    );
    const { verdict, findings } = await run('test-security');
    expect(verdict).toBe('failed');
    expect(findings.join('\n')).toMatch(/training row \d+ is in the package: golden\.json/);
  });

  it('finds a signature of a key that is not trusted here, and one that is not over this manifest', async () => {
    const signature = await json('signature.json');
    const text = new TextDecoder().decode(await read('manifest.json'));
    put('signature.json', JSON.stringify({ ...signature, signature: await p256Signer(keyArnOf('prd')).sign(text) }));
    await expect(run('test-security')).resolves.toMatchObject({
      findings: [expect.stringContaining('by a key that is trusted here')],
    });

    put('signature.json', JSON.stringify({ ...signature, signature: await world.signer.sign('another text') }));
    await expect(world.invoke('test-security', tested, { runId: 'promote-1', attempt: 1 })).resolves.toMatchObject({
      verdict: 'failed',
      findings: ['the signature of the package is not one over its manifest by a key that is trusted here'],
    });
  });
});
