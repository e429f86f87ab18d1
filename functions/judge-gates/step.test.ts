import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sign } from '../../domain/signed-evidence.ts';
import type { LoanModelOptions } from '../../test/support/loan-model.ts';
import { p256Signer } from '../../test/support/p256-signer.ts';
import { ownRequest } from '../../test/support/promotion-requests.ts';
import { keyArnOf, MODEL, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
let world: World;
beforeEach(() => {
  world = new World();
});

async function tested(options: LoanModelOptions = {}, asked = options.approvals ?? 0) {
  world.giveRecipe(options);
  const version = await world.train();
  const request = ownRequest('dev', version, asked);
  return { ...(await world.promote(request, { until: 'test' })), candidateId: request.candidate.candidateId };
}
const judge = ({ promotionId, modelDigest }: { promotionId: string; modelDigest: string }) =>
  world.invoke('judge-gates', { promotionId, model: MODEL, modelDigest }, { runId: 'promote-1' });

type Decision = { promotionId: string; candidateId: string };
const decision = async (
  { promotionId, candidateId }: Decision,
  by: string,
  more: object = {},
  signer = world.signer,
) => {
  const said = {
    promotionId,
    candidateId,
    decision: 'approved',
    by,
    comment: '',
    at: '2026-01-15T09:30:00.000Z',
    ...more,
  } as const;
  world.registry.seed({ change: 'put-approval', approval: await sign(signer, said) });
};

describe('a candidate', () => {
  it('that meets its gates passes, and the promotion keeps what each gate asked and saw', async () => {
    const about = await tested();
    await expect(judge(about)).resolves.toEqual({ verdict: 'passed', reasons: [] });
    const promotion = await world.registry.promotion(about.promotionId);
    expect(promotion?.gates.map(({ gate, verdict }) => `${gate} ${verdict}`)).toEqual([
      'auc passed',
      'integration test passed',
      'performance test passed',
      'security test passed',
      'approvals passed',
    ]);
  });

  it('is held with the reason where a metric is too low; the pointer is where it was', async () => {
    const about = await tested({ minimumAuc: 0.9999 });
    const { verdict, reasons } = await judge(about);
    expect(verdict).toBe('held');
    expect(reasons).toEqual([expect.stringMatching(/^dev gate "auc" held: required ≥ 0\.9999, was 0\.\d+$/)]);
    expect(await world.registry.deployment(MODEL)).toBeUndefined();
    expect(world.registry.facts.map(({ type }) => type)).not.toContain('Model Promoted');
  });
});

describe('evidence counts', () => {
  it("only with this environment's signature", async () => {
    const about = await tested();
    const [first] = await world.registry.evidence(about.promotionId);
    if (!first) throw new Error('there is no evidence');
    const { signature: _, ...said } = first;
    const forged = await sign(p256Signer(keyArnOf('acc')), said);
    world.registry.seed({ change: 'put-evidence', evidence: forged });
    expect((await judge(about)).reasons).toEqual([
      `dev gate "${first.test} test" held: required passed, was no evidence`,
    ]);
  });

  it('only as it was signed', async () => {
    const about = await tested({ p99Ms: 1_000 });
    const performance = (await world.registry.evidence(about.promotionId)).find(({ test }) => test === 'performance');
    if (!performance) throw new Error('there is no evidence');
    const evidence = { ...performance, measurements: { ...performance.measurements, p99Ms: 0.001 } };
    world.registry.seed({ change: 'put-evidence', evidence });
    expect((await judge(about)).reasons).toEqual([
      'dev gate "performance test" held: required passed, was no evidence',
      'dev gate "p99 ms" held: required ≤ 1000, was not measured',
    ]);
  });

  it.each(['candidateId', 'modelDigest'] as const)('only for this %s', async (member) => {
    const about = await tested();
    for (const one of await world.registry.evidence(about.promotionId)) {
      const { signature: _, ...said } = { ...one, [member]: 'f'.repeat(64) };
      world.registry.seed({ change: 'put-evidence', evidence: await sign(world.signer, said) });
    }
    await expect(judge(about)).rejects.toMatchObject({ name: 'EvidenceMissing' });
    expect((await world.registry.promotion(about.promotionId))?.gates).toEqual([]);
  });
});

describe('approvals count', () => {
  it('as many as the recipe asks for, whatever the request says', async () => {
    const about = await tested({ approvals: 2 }, 0);
    await decision(about, 'ann');
    expect((await judge(about)).reasons).toEqual(['dev gate "approvals" held: required ≥ 2, was 1']);
  });

  it('from different people, signed, for this candidate', async () => {
    const about = await tested({ approvals: 2 });
    await decision(about, 'ann');
    await decision({ ...about, candidateId: 'candidate-other' }, 'bob');
    await decision(about, 'eve', {}, p256Signer(keyArnOf('acc')));
    expect((await judge(about)).reasons).toEqual(['dev gate "approvals" held: required ≥ 2, was 1']);
    await decision(about, 'bob');
    await expect(
      world.invoke(
        'judge-gates',
        { promotionId: about.promotionId, model: MODEL, modelDigest: about.modelDigest },
        { attempt: 1 },
      ),
    ).resolves.toMatchObject({ verdict: 'passed' });
  });

  it('not where a person said no in the same moment', async () => {
    const about = await tested({ approvals: 1 });
    await decision(about, 'ann');
    await decision(about, 'bob', { decision: 'refused', comment: 'too risky' });
    await expect(judge(about)).rejects.toMatchObject({ name: 'ApprovalRefused', message: 'bob refused: too risky' });
  });

  it('and a no that nobody signed counts no more than a yes', async () => {
    const about = await tested({ approvals: 1 });
    await decision(about, 'ann');
    await decision(about, 'eve', { decision: 'refused' }, p256Signer(keyArnOf('acc')));
    await expect(judge(about)).resolves.toMatchObject({ verdict: 'passed' });
  });
});

it('a candidate that was never tested has no evidence to be judged by', async () => {
  world.giveRecipe();
  const version = await world.train();
  const about = await world.promote(ownRequest('dev', version), { until: 'verify' });
  await expect(judge(about)).rejects.toMatchObject({ name: 'EvidenceMissing' });
});
