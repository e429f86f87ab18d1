import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { type PromotionRequest, promotionIdOf } from '../../domain/candidate.ts';
import type { Trigger } from '../../domain/trigger.ts';
import { ownRequest, sign, signedRequest } from '../../test/support/promotion-requests.ts';
import { jsonOf, keyArnOf, MODEL, World } from '../../test/support/world.ts';

const overTheBus: Trigger = { kind: 'request', from: 'dev', eventId: 'fact-1' };
const registered: Trigger = { kind: 'registration', runId: 'train-1' };

const verify = (world: World, request: PromotionRequest, trigger: Trigger = overTheBus, more: object = {}) =>
  world.invoke('verify-candidate', { request: jsonOf(request), trigger, ...more });

describe('a request of the environment before', () => {
  let world: World;
  beforeEach(() => {
    world = new World('acc');
  });

  it('that is what it says is verified, and its promotion is opened once', async () => {
    const request = await signedRequest({ approvals: 2 });
    const promotionId = promotionIdOf(sha256, request, null);
    const verified = { promotionId, verdict: 'verified', reasons: [], crosses: true };
    await expect(verify(world, request)).resolves.toEqual(verified);
    await expect(
      world.invoke('verify-candidate', { request: jsonOf(request), trigger: overTheBus }, { attempt: 1 }),
    ).resolves.toEqual(verified);
    expect(await world.registry.promotions(MODEL)).toMatchObject([
      { promotionId, status: 'running', approvalsRequired: 2, modelDigest: null, runId: 'run-1' },
    ]);
  });

  const forged: { case: string; forge: () => Promise<PromotionRequest>; says: string }[] = [
    {
      case: 'is not signed',
      forge: async () => ({ ...(await signedRequest()), signature: null }),
      says: 'is not signed',
    },
    {
      case: 'is signed by this environment itself',
      forge: () => signedRequest({}, 'acc'),
      says: 'the signature is not one of dev',
    },
    {
      case: 'is signed by another key that it names',
      forge: () => signedRequest({}, 'prd'),
      says: 'the signature is not one of dev',
    },
    {
      case: 'names the right key for a signature of another',
      forge: async () => {
        const request = await signedRequest({}, 'prd');
        return {
          ...request,
          signature: { ...(request.signature as NonNullable<typeof request.signature>), keyArn: keyArnOf('dev') },
        };
      },
      says: 'the signature is not one of dev',
    },
    {
      case: 'has a signature that is none',
      forge: async () => ({
        ...(await signedRequest()),
        signature: { keyArn: keyArnOf('dev'), algorithm: 'ECDSA_SHA_256', value: '' },
      }),
      says: 'the signature is not one of dev',
    },
    {
      case: 'has the signature of another request',
      forge: async () => ({ ...(await signedRequest()), signature: (await signedRequest({ version: 4 })).signature }),
      says: 'the signature is not one of dev',
    },
    {
      case: 'had its metrics altered',
      forge: async () => ({ ...(await signedRequest()), metrics: { auc: 0.99 } }),
      says: 'the signature is not one of dev',
    },
    {
      case: 'had its approvals altered',
      forge: async () => ({ ...(await signedRequest({ approvals: 2 })), approvals: 0 }),
      says: 'the signature is not one of dev',
    },
    {
      case: 'had its classification altered',
      forge: async () => ({
        ...(await signedRequest({ classification: 'confidential', strategy: 'copy' })),
        classification: 'public',
      }),
      says: 'the signature is not one of dev',
    },
    {
      case: 'has a candidate id that does not follow from its digests',
      forge: async () => {
        const request = await signedRequest();
        return sign({ ...request, candidate: { ...request.candidate, modelDigest: 'e'.repeat(64) } }, 'dev');
      },
      says: 'the candidate id is not the digest',
    },
    {
      case: 'is for another environment',
      forge: () => signedRequest({ to: 'prd' }),
      says: 'the request is for prd, this is acc',
    },
    {
      case: 'is from an environment that does not come before',
      forge: () => signedRequest({ from: 'prd' }),
      says: 'only dev comes before acc',
    },
    {
      case: 'is from this environment itself',
      forge: () => signedRequest({ from: 'acc' }),
      says: 'only dev comes before acc',
    },
    {
      case: 'copies a confidential model',
      forge: () => signedRequest({ strategy: 'copy', classification: 'confidential' }),
      says: '"copy" is refused for a confidential model',
    },
    {
      case: 'copies a restricted model',
      forge: () => signedRequest({ strategy: 'copy', classification: 'restricted' }),
      says: '"copy" is refused for a restricted model',
    },
  ];

  it.each(forged)(
    'that $case is refused, and only its promotion is written, to be rejected',
    async ({ forge, says }) => {
      const request = await forge();
      const before = Object.keys(world.registry.state);
      const { verdict, reasons, promotionId } = await verify(world, request);
      expect(verdict).toBe('refused');
      expect(reasons.join('\n')).toContain(says);
      expect(Object.keys(world.registry.state).filter((key) => !before.includes(key))).toEqual([
        `promotion|${promotionId}`,
      ]);
      expect(world.objects.keys(world.artifactsBucket)).toEqual([]);
      expect(world.registry.audits).toMatchObject([{ verdict: 'refused', outcome: 'succeeded' }]);

      await world.invoke('reject-promotion', { promotionId, request: jsonOf(request), reasons });
      expect(await world.registry.promotion(promotionId)).toMatchObject({ status: 'rejected', reasons });
      expect(world.registry.facts).toMatchObject([
        { type: 'Promotion Rejected', data: { promotionId, to: 'acc', reasons } },
      ]);
    },
  );

  it('that says it is of this environment is refused all the same: it came over the bus', async () => {
    world.giveRecipe();
    const version = await world.train();
    const request = ownRequest('acc', version);
    const { verdict, reasons, crosses } = await verify(world, request);
    expect({ verdict, crosses }).toEqual({ verdict: 'refused', crosses: true });
    expect(reasons).toEqual(['the request is from null: only dev comes before acc', 'the request is not signed']);
  });
});

describe('in dev', () => {
  it('nothing comes from another environment', async () => {
    const { verdict, reasons } = await verify(new World('dev'), await signedRequest({ to: 'dev', from: 'acc' }, 'acc'));
    expect({ verdict, reasons }).toEqual({
      verdict: 'refused',
      reasons: ['nothing is promoted into dev from another environment'],
    });
  });
});

describe('a version that was registered here', () => {
  let world: World;
  beforeEach(() => {
    world = new World('dev');
    world.giveRecipe();
  });

  it('is verified by what the registry says, and crosses nothing', async () => {
    const version = await world.train();
    const { verdict, crosses, promotionId } = await verify(world, ownRequest('dev', version), registered);
    expect({ verdict, crosses }).toEqual({ verdict: 'verified', crosses: false });
    expect(await world.registry.promotion(promotionId)).toMatchObject({ modelDigest: version.modelDigest });
  });

  it('is another promotion when a person replays it', async () => {
    const version = await world.train();
    const one = await verify(world, ownRequest('dev', version), registered);
    const replay = { of: 'run-1', by: 'ann', number: 1 };
    const two = await world.invoke(
      'verify-candidate',
      { request: jsonOf(ownRequest('dev', version)), trigger: registered, replay },
      { runId: 'run-2' },
    );
    expect(two.promotionId).not.toBe(one.promotionId);
    expect(await world.registry.promotions(MODEL)).toHaveLength(2);
  });

  it.each(['recipeDigest', 'datasetDigest', 'modelDigest'] as const)('is refused with another %s', async (member) => {
    const version = await world.train();
    const { verdict } = await verify(world, ownRequest('dev', { ...version, [member]: 'f'.repeat(64) }), registered);
    expect(verdict).toBe('refused');
  });
});
