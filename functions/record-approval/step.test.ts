import { beforeEach, describe, expect, it, vi } from 'vitest';
import { verified } from '../../domain/signed-evidence.ts';
import { ownRequest } from '../../test/support/promotion-requests.ts';
import { jsonOf, keyArnOf, lambdaContext, MODEL, World } from '../../test/support/world.ts';
import { defineApproval } from '../shared/define-approval.ts';
import { recordApproval } from './step.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});
const ANN = 'arn:aws:sts::111111111111:assumed-role/approver/ann';
const BOB = 'arn:aws:sts::111111111111:assumed-role/approver/bob';

let world: World;
let promotionId: string;
let candidateId: string;
let requests = 0;

/** A promotion that waits for this many people, with the token "token". */
async function waiting(approvals: number) {
  world = new World('prd');
  world.giveRecipe({ approvals });
  const version = await world.train();
  const request = ownRequest('prd', version, approvals);
  candidateId = request.candidate.candidateId;
  const start = { request: jsonOf(request), trigger: { kind: 'registration', runId: 'train-1' } as const };
  ({ promotionId } = await world.invoke('verify-candidate', start));
  await world.invoke('authorize-promotion', { promotionId }, { taskToken: 'token' });
  return version;
}

/** A signed POST to the approval URL, as Lambda hands it on. */
async function post(body: unknown, by: string | undefined = ANN, method = 'POST') {
  requests += 1;
  const handler = defineApproval({ run: recordApproval(world.deps), recorder: world.recorder }) as unknown as (
    event: unknown,
    context: unknown,
  ) => Promise<{ statusCode: number; body: string }>;
  const event = {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { http: { method }, authorizer: { iam: { userArn: by } } },
  };
  const answer = await handler(event, lambdaContext('sluice-prd-record-approval', `request-${requests}`));
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}
const say = (decision: string, by = ANN, more: object = {}) =>
  post({ promotionId, candidateId, decision, ...more }, by);

describe('one person is asked', () => {
  beforeEach(async () => void (await waiting(1)));

  it('and the yes is signed, told, audited with the name, and lets the run go on', async () => {
    await expect(say('approved', ANN, { comment: 'looks good' })).resolves.toEqual({
      status: 200,
      body: { promotionId, decision: 'approved', approvals: 1, required: 1 },
    });
    const approvals = await world.registry.approvals(promotionId);
    expect(approvals).toMatchObject([{ by: ANN, decision: 'approved', comment: 'looks good', candidateId }]);
    expect(await verified(world.signer, keyArnOf('prd'), approvals)).toHaveLength(1);
    expect(world.workflows.answers).toEqual([{ taskToken: 'token', output: { approvals: 1 } }]);
    expect(world.registry.facts.at(-1)).toMatchObject({
      type: 'Promotion Approved',
      data: { by: ANN, approvals: 1, required: 1 },
    });
    expect(world.registry.audits.at(-1)).toMatchObject({
      actor: ANN,
      verdict: 'approved',
      runId: 'run-1',
      model: MODEL,
    });
  });

  it('and the no ends the run, with the person and the reason', async () => {
    await expect(say('refused', ANN, { comment: 'too risky' })).resolves.toMatchObject({ status: 200 });
    expect(world.workflows.answers).toEqual([
      { taskToken: 'token', error: 'ApprovalRefused', cause: `${ANN} refused: too risky` },
    ]);
    expect(world.registry.facts.map(({ type }) => type)).not.toContain('Promotion Approved');
  });

  it('and a decision stands: saying it again answers again, saying the other is a conflict', async () => {
    await say('approved');
    await expect(say('approved')).resolves.toMatchObject({ status: 200, body: { approvals: 1 } });
    await expect(say('refused')).resolves.toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('a decision stands') },
    });
    expect(await world.registry.approvals(promotionId)).toHaveLength(1);
    expect(world.workflows.answers).toHaveLength(1);
    expect(world.registry.facts.filter(({ type }) => type === 'Promotion Approved')).toHaveLength(1);
  });

  it('and the answer that did not get through is given when the person says it again', async () => {
    world.workflows.failNext();
    await expect(say('approved')).resolves.toMatchObject({ status: 500 });
    expect(world.workflows.answers).toEqual([]);
    await expect(say('approved')).resolves.toMatchObject({ status: 200 });
    expect(world.workflows.answers).toHaveLength(1);
  });

  it.each([
    {
      case: 'another candidate',
      body: () => ({ promotionId, candidateId: 'candidate-other', decision: 'approved' }),
      status: 409,
      says: 'is about candidate',
    },
    {
      case: 'a promotion that is not there',
      body: () => ({ promotionId: 'promotion-x', candidateId, decision: 'approved' }),
      status: 409,
      says: 'there is no promotion',
    },
    { case: 'no decision', body: () => ({ promotionId, candidateId }), status: 400, says: 'decision' },
    {
      case: 'a decision that is none',
      body: () => ({ promotionId, candidateId, decision: 'maybe' }),
      status: 400,
      says: 'decision',
    },
    {
      case: "another person's name",
      body: () => ({ promotionId, candidateId, decision: 'approved', by: BOB }),
      status: 400,
      says: 'by',
    },
    {
      case: 'a long story',
      body: () => ({ promotionId, candidateId, decision: 'approved', comment: 'x'.repeat(1_001) }),
      status: 400,
      says: 'comment',
    },
  ])('and what comes with $case is refused, audited, and changes nothing', async ({ body, status, says }) => {
    const before = world.registry.state;
    const audits = world.registry.audits.length;
    await expect(post(body())).resolves.toMatchObject({ status, body: { message: expect.stringContaining(says) } });
    expect(world.registry.state).toEqual(before);
    expect(world.workflows.answers).toEqual([]);
    expect(world.registry.audits).toHaveLength(audits + 1);
    expect(world.registry.audits.at(-1)).toMatchObject({ outcome: 'failed', actor: ANN });
  });

  it('and nothing but a POST with JSON is an answer', async () => {
    await expect(post('{}', ANN, 'GET')).resolves.toMatchObject({ status: 405 });
    await expect(post('{', ANN)).resolves.toMatchObject({ status: 400, body: { error: 'RequestInvalid' } });
  });

  it('and after the promotion has gone on, nobody is', async () => {
    await say('approved');
    const promotion = await world.registry.promotion(promotionId);
    if (!promotion) throw new Error('the promotion is gone');
    world.registry.seed({ change: 'update-promotion', promotion: { ...promotion, status: 'promoted' }, from: [] });
    await expect(say('approved', BOB)).resolves.toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('is promoted') },
    });
  });
});

describe('two people are asked', () => {
  beforeEach(async () => void (await waiting(2)));

  it('and one who says yes twice is one', async () => {
    await say('approved');
    await say('approved');
    expect(world.workflows.answers).toEqual([]);
    await expect(say('approved', BOB)).resolves.toMatchObject({ body: { approvals: 2, required: 2 } });
    expect(world.workflows.answers).toEqual([{ taskToken: 'token', output: { approvals: 2 } }]);
  });

  it('and both yes in the same moment let the run go on', async () => {
    const { registry } = world;
    const approvals = registry.approvals.bind(registry);
    // Both have read before either has written.
    let reads = 0;
    let open: () => void = () => {};
    const bothHaveRead = new Promise<void>((resolve) => {
      open = resolve;
    });
    registry.approvals = async (id) => {
      const seen = await approvals(id);
      reads += 1;
      if (reads === 2) open();
      if (reads <= 2) await bothHaveRead;
      return seen;
    };
    await Promise.all([say('approved'), say('approved', BOB)]);
    expect(await approvals(promotionId)).toHaveLength(2);
    expect(world.workflows.answers).toEqual([{ taskToken: 'token', output: { approvals: 2 } }]);
  });

  it('and one no is enough', async () => {
    await say('approved');
    await say('refused', BOB);
    expect(world.workflows.answers).toMatchObject([{ error: 'ApprovalRefused' }]);
  });
});

describe('AuthorizePromotion', () => {
  it('goes on at once where nobody has to approve', async () => {
    await waiting(0);
    expect(world.workflows.answers).toEqual([{ taskToken: 'token', output: { approvals: 0 } }]);
    expect(await world.registry.promotion(promotionId)).toMatchObject({ status: 'running', taskToken: null });
    expect(world.registry.facts.map(({ type }) => type)).not.toContain('Approval Requested');
  });

  it('asks once, and lets the newest token wait', async () => {
    await waiting(1);
    await world.invoke('authorize-promotion', { promotionId }, { taskToken: 'second', attempt: 1 });
    expect(world.registry.facts.filter(({ type }) => type === 'Approval Requested')).toMatchObject([
      { data: { promotionId, candidateId, required: 1, to: 'prd', from: null } },
    ]);
    await say('approved');
    expect(world.workflows.answers).toEqual([{ taskToken: 'second', output: { approvals: 1 } }]);
  });

  it.each([
    { decision: 'approved', answer: { taskToken: 'second', output: { approvals: 1 } } },
    {
      decision: 'refused',
      answer: { taskToken: 'second', error: 'ApprovalRefused', cause: `${ANN} refused: no comment given` },
    },
  ])('hears what was $decision while an earlier attempt waited', async ({ decision, answer }) => {
    await waiting(1);
    world.workflows.stale.add('token');
    await say(decision);
    expect(world.workflows.answers).toEqual([]);
    await world.invoke('authorize-promotion', { promotionId }, { taskToken: 'second', attempt: 1 });
    expect(world.workflows.answers).toEqual([answer]);
  });

  it('keeps the token from the audit trail and the bus', async () => {
    await waiting(1);
    const secret = 'secret-token-value';
    await world.invoke('authorize-promotion', { promotionId }, { taskToken: secret, attempt: 1 });
    await say('approved');
    expect(JSON.stringify([world.registry.audits, world.registry.facts])).not.toContain(secret);
  });

  it('has nothing to authorize where the promotion has ended', async () => {
    await waiting(1);
    const promotion = await world.registry.promotion(promotionId);
    if (!promotion) throw new Error('the promotion is gone');
    world.registry.seed({ change: 'update-promotion', promotion: { ...promotion, status: 'rejected' }, from: [] });
    await expect(
      world.invoke('authorize-promotion', { promotionId }, { attempt: 1, taskToken: 't' }),
    ).rejects.toMatchObject({
      name: 'PromotionMissing',
    });
  });
});
