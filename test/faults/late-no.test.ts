import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Connection, connect } from '../../cli/target/connection.ts';
import { resolveTarget } from '../../cli/target/resolve-target.ts';
import { readRuntimeHome } from '../../cli/target/runtime-home.ts';
import type { Promotion } from '../../domain/promotion.ts';
import { eventually } from '../support/eventually.ts';
import { publishTinyModel } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from '../support/tiny-model.ts';
import type { Fate } from './faulty-endpoint.ts';
import { type FaultyWorld, startFaultyWorld } from './faulty-world.ts';

// The two instants in which a no can come while JudgeGates is deciding, held open until it is there.

let world: FaultyWorld;
let ann: Connection;
let bob: Connection;
let seed = 0;

beforeAll(async () => {
  world = await startFaultyWorld();
  ann = world.connection.dev;
  bob = await connect(
    resolveTarget({ env: 'dev' }, { variables: {}, home: readRuntimeHome(world.home), role: 'approver' }),
  );
  await publishTinyModel(world, tinyModelYaml().replace('dev: { approvals: 0', 'dev: { approvals: 1'));
}, 240_000);

afterAll(async () => {
  bob?.close();
  await world?.stop();
});

let promotion: Promotion;

beforeEach(async () => {
  world.decide = () => 'pass';
  await world.putData('dev', `${TINY_MODEL}/${++seed}.csv`, tinyCsv(seed));
  promotion = await eventually('a promotion that waits', async () =>
    (await ann.registry.promotions(TINY_MODEL)).find((one) => one.status === 'awaiting-approval'),
  );
}, 120_000);

const decide = (who: Connection, decision: 'approved' | 'refused') =>
  who.postToFunction('record-approval', {
    promotionId: promotion.promotionId,
    candidateId: promotion.request.candidate.candidateId,
    decision,
    comment: 'decided in a test',
  });

async function outcome() {
  await world.ended('dev', promotion.runId);
  const facts = await world.facts('dev');
  const told = (type: string) =>
    facts.filter((fact) => fact.type === type && fact.data.promotionId === promotion.promotionId).length;
  const ended = await ann.registry.promotion(promotion.promotionId);
  return { status: ended?.status, promoted: told('Model Promoted'), rejected: told('Promotion Rejected') };
}

test('a no that is acknowledged after JudgeGates has read the approvals, and before it has written, counts', async () => {
  let no: Promise<{ status: number }> | undefined;
  world.decide = async ({ operation, body }): Promise<Fate> => {
    if (operation === 'TransactWriteItems' && body.includes('#JudgeGates#') && !no) {
      no = decide(bob, 'refused');
      await no;
    }
    return 'pass';
  };
  expect((await decide(ann, 'approved')).status).toBe(200);
  expect(await outcome()).toEqual({ status: 'rejected', promoted: 0, rejected: 1 });
  expect((await no)?.status).toBe(200);
}, 120_000);

test('a no whose write is held up until the promotion is done is told that it came too late', async () => {
  let isHeld = false;
  world.decide = async ({ operation, body }): Promise<Fate> => {
    if (operation === 'TransactWriteItems' && body.includes('"refused"') && !isHeld) {
      isHeld = true;
      expect((await decide(ann, 'approved')).status).toBe(200);
      await world.ended('dev', promotion.runId);
    }
    return 'pass';
  };
  const no = await decide(bob, 'refused');
  expect(isHeld).toBe(true);
  expect(no.status, no.text).toBe(409);
  expect(no.text).toContain('too late');
  expect(await outcome()).toEqual({ status: 'promoted', promoted: 1, rejected: 0 });
}, 120_000);
