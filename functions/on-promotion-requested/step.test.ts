import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../adapters/system/sha256.ts';
import { promotionIdOf } from '../../domain/candidate.ts';
import { signedRequest } from '../../test/support/promotion-requests.ts';
import { accountOf, World } from '../../test/support/world.ts';
import { requestIdentity, requestOf } from '../shared/promotion-requested.ts';
import { onPromotionRequested } from './step.ts';

let world: World;
beforeEach(() => {
  world = new World('acc');
});

const told = (request: unknown, { account = accountOf('dev'), id = 'fact-1', event = 'event-1' } = {}) => {
  const run = onPromotionRequested(world.deps);
  const consumer = { identify: requestIdentity, run: (one: Parameters<typeof requestOf>[0]) => run(requestOf(one)) };
  const metadata = { id, version: 1, environment: 'dev', at: '2026-01-15T09:00:00.000Z', runId: 'run-1' };
  return world.deliver('on-promotion-requested', consumer, {
    id: event,
    account,
    source: 'sluice',
    'detail-type': 'Promotion Requested',
    detail: { metadata, data: { request } },
  });
};

describe('a request from the account before', () => {
  it('starts one promotion, however often it comes', async () => {
    const request = await signedRequest();
    const runId = promotionIdOf(sha256, request, null);
    await expect(told(request)).resolves.toEqual({ runId });
    await expect(told(request, { event: 'event-2' })).resolves.toEqual({ runId });
    expect([...world.workflows.runs]).toEqual([
      [
        runId,
        { machine: 'promote-model', input: { request, trigger: { kind: 'request', from: 'dev', eventId: 'fact-1' } } },
      ],
    ]);
    expect(world.registry.audits).toHaveLength(1);
    expect(world.registry.facts).toEqual([]);
  });

  it('is another promotion when it is another request', async () => {
    await told(await signedRequest());
    await told(await signedRequest({ version: 4 }), { id: 'fact-2' });
    expect(world.workflows.runs.size).toBe(2);
  });
});

describe('what is refused at the door', () => {
  it('a request from another account: no run, and the fact says why', async () => {
    const request = await signedRequest();
    await expect(told(request, { account: accountOf('prd') })).resolves.toEqual({ runId: null });
    expect(world.workflows.runs.size).toBe(0);
    expect(world.registry.facts).toMatchObject([
      {
        type: 'Promotion Rejected',
        data: {
          model: request.model,
          candidateId: request.candidate.candidateId,
          from: 'dev',
          to: 'acc',
          reasons: [`account ${accountOf('prd')} may not request promotions into acc`],
        },
      },
    ]);
  });

  it.each([
    { case: 'nothing', request: undefined },
    { case: 'a text', request: 'please' },
    { case: 'a request without a candidate', request: { model: 'loan-risk' } },
    { case: 'a list', request: [] },
  ])('$case in place of a request', async ({ request }) => {
    await expect(told(request)).resolves.toEqual({ runId: null });
    expect(world.workflows.runs.size).toBe(0);
    expect(world.registry.facts).toMatchObject([
      {
        type: 'Promotion Rejected',
        data: { model: null, candidateId: null, from: null, reasons: [expect.stringContaining('not one')] },
      },
    ]);
    expect(world.registry.audits).toMatchObject([{ outcome: 'succeeded', verdict: 'refused' }]);
  });

  it('a request with a member that nobody knows', async () => {
    await told({ ...(await signedRequest()), force: true });
    expect(world.workflows.runs.size).toBe(0);
  });

  it('any request, in dev', async () => {
    world = new World('dev');
    await told(await signedRequest({ to: 'dev' }));
    expect(world.workflows.runs.size).toBe(0);
    expect(world.registry.facts).toMatchObject([{ data: { to: 'dev' } }]);
  });
});

it('a fact with an id longer than an audit key can hold leaves an audit event that the bus takes', async () => {
  await told(await signedRequest(), { id: 'x'.repeat(5_000) });
  expect(world.registry.audits[0]?.key.length).toBeLessThanOrEqual(200);
});
