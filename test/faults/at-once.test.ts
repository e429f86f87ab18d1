import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../cli/target/connection.ts';
import { resolveTarget } from '../../cli/target/resolve-target.ts';
import { readRuntimeHome } from '../../cli/target/runtime-home.ts';
import type { Promotion } from '../../domain/promotion.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalWorld, startLocalWorld } from '../support/local-world.ts';
import { publishTinyModel } from '../support/prepared-world.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from '../support/tiny-model.ts';
import { problemsOfRun, reportRuns } from './pipeline-invariants.ts';

let world: LocalWorld;
/** Two people, by what signs for them. */
let ann: Connection;
let bob: Connection;

beforeAll(async () => {
  world = await startLocalWorld();
  ann = world.connection.dev;
  bob = await connect(
    resolveTarget({ env: 'dev' }, { variables: {}, home: readRuntimeHome(world.home), role: 'approver' }),
  );
  await publishTinyModel(world, tinyModelYaml());
}, 240_000);

afterAll(async () => {
  bob?.close();
  await world?.stop();
});

const registry = () => world.connection.dev.registry;

/** Every promotion of a registered version has ended, and nothing runs. */
async function quiet(versions: number): Promise<readonly Promotion[]> {
  return eventually(`${versions} versions judged, and quiet`, async () => {
    const promotions = await registry().promotions(TINY_MODEL);
    const isDone = promotions.length >= versions && promotions.every((one) => one.endedAt !== null);
    return isDone && (await world.isQuiet('dev')) ? promotions : undefined;
  });
}

/** Of each promotion that is done the pointer moved once for the canary and once for the champion; of one that was rolled back, too. */
async function expectOnePointerMoveEach(promotions: readonly Promotion[]): Promise<void> {
  const facts = await world.facts('dev');
  const promoted = facts.filter((fact) => fact.type === 'Model Promoted');
  expect(promoted.map((fact) => fact.data.promotionId).sort()).toEqual(
    promotions.flatMap((one) => (one.status === 'promoted' ? [one.promotionId] : [])).sort(),
  );
  const rolledBack = facts.filter((fact) => fact.type === 'Deployment Rolled Back');
  const deployment = await registry().deployment(TINY_MODEL);
  expect(deployment?.canary).toBeNull();
  expect(deployment?.revision).toBe(2 * (promoted.length + rolledBack.length));
  expect(deployment?.champion?.promotionId).toBe(promoted.at(-1)?.data.promotionId);
  expect((await reportRuns(world.connection.dev)).flatMap(problemsOfRun)).toEqual([]);
}

test('four files at once are four runs: versions 1 to 4 without a gap, and each pointer move is one transaction', async () => {
  await Promise.all([1, 2, 3, 4].map((seed) => world.putData('dev', `${TINY_MODEL}/${seed}.csv`, tinyCsv(seed))));
  const promotions = await quiet(4);
  const versions = await registry().modelVersions(TINY_MODEL);
  expect(versions.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
  expect(new Set(versions.map(({ runId }) => runId)).size).toBe(4);
  expect(promotions).toHaveLength(4);
  await expectOnePointerMoveEach(promotions);
}, 180_000);

test('the same bytes under two keys at once are one version more, and the other upload is rejected as a duplicate', async () => {
  const before = (await registry().modelVersions(TINY_MODEL)).length;
  const csv = tinyCsv(9);
  await Promise.all(['a', 'b'].map((name) => world.putData('dev', `${TINY_MODEL}/${name}.csv`, csv)));
  await eventually('both runs', async () => {
    const runs = (await world.runs('dev')).filter((run) => run.machine === 'train-model');
    return runs.length === before + 2 && runs.every((run) => run.status !== 'running') ? true : undefined;
  });
  const promotions = await quiet(before + 1);
  const versions = await registry().modelVersions(TINY_MODEL);
  expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: before + 1 }, (_, i) => before + 1 - i));
  await expectOnePointerMoveEach(promotions);
}, 180_000);

/** Uploads data that needs a yes, and answers its promotion when it waits for it. */
async function waitingPromotion(seed: number): Promise<Promotion> {
  await world.putData('dev', `${TINY_MODEL}/asks-${seed}.csv`, tinyCsv(seed));
  return eventually('a promotion that waits', async () =>
    (await registry().promotions(TINY_MODEL)).find((one) => one.status === 'awaiting-approval'),
  );
}

const decide = (who: Connection, { promotionId, request }: Promotion, decision: 'approved' | 'refused') =>
  who.postToFunction('record-approval', {
    promotionId,
    candidateId: request.candidate.candidateId,
    decision,
    comment: 'decided in a test',
  });

async function outcomeOf({ promotionId, runId }: Promotion): Promise<Promotion> {
  await world.ended('dev', runId);
  const ended = await registry().promotion(promotionId);
  if (!ended) throw new Error(`promotion ${promotionId} is gone`);
  return ended;
}

const told = async (type: string, { promotionId }: Promotion) =>
  (await world.facts('dev', type)).filter((fact) => fact.data.promotionId === promotionId).length;

test('two people who say yes at once are two approvals, and one promotion', async () => {
  await publishTinyModel(world, tinyModelYaml().replace('dev: { approvals: 0', 'dev: { approvals: 1'));
  // The new recipe trains on the data that is there: that promotion asks as well.
  const promotion = await eventually('a promotion that waits', async () =>
    (await registry().promotions(TINY_MODEL)).find((one) => one.status === 'awaiting-approval'),
  );
  const answers = await Promise.all([decide(ann, promotion, 'approved'), decide(bob, promotion, 'approved')]);
  // The second may be too late, and is told so; nobody is told that it failed.
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([]);
  expect(answers.map(({ status }) => status)).toContain(200);
  expect((await outcomeOf(promotion)).status).toBe('promoted');
  const acknowledged = answers.filter(({ status }) => status === 200).length;
  expect(await registry().approvals(promotion.promotionId)).toHaveLength(acknowledged);
  expect(await told('Promotion Approved', promotion)).toBe(acknowledged);
  expect(await told('Model Promoted', promotion)).toBe(1);
  expect(await told('Promotion Rejected', promotion)).toBe(0);
}, 120_000);

test('one who says yes twice at once has said it once', async () => {
  const promotion = await waitingPromotion(20);
  const answers = await Promise.all([1, 2, 3].map(() => decide(bob, promotion, 'approved')));
  expect(answers.map(({ status }) => status)).toContain(200);
  expect((await outcomeOf(promotion)).status).toBe('promoted');
  expect(await registry().approvals(promotion.promotionId)).toHaveLength(1);
  expect(await told('Promotion Approved', promotion)).toBe(1);
  expect(await told('Model Promoted', promotion)).toBe(1);
}, 120_000);

// Milliseconds from the yes to the no; which of the two is first does not matter to what must hold.
test.each([0, 50, 400, 900])(
  'a yes and, %i ms later, a no have one outcome: a no that was acknowledged counts',
  async (laterMs) => {
    const promotion = await waitingPromotion(30 + laterMs);
    const [, no] = await Promise.all([
      decide(ann, promotion, 'approved'),
      new Promise((resolve) => setTimeout(resolve, laterMs)).then(() => decide(bob, promotion, 'refused')),
    ]);
    const { status, reasons } = await outcomeOf(promotion);
    expect(['promoted', 'rejected']).toContain(status);
    if (no.status === 200) {
      expect(status).toBe('rejected');
      expect(reasons.join()).toContain('refused');
    } else {
      expect(no.status, no.text).toBe(409);
      expect(status).toBe('promoted');
    }
    expect(await told('Model Promoted', promotion)).toBe(status === 'promoted' ? 1 : 0);
    expect(await told('Promotion Rejected', promotion)).toBe(status === 'rejected' ? 1 : 0);
    expect((await registry().deployment(TINY_MODEL))?.canary).toBeNull();
  },
  120_000,
);

test('after all of it the pointer has moved once for each canary and once for each promotion', async () => {
  await expectOnePointerMoveEach(await quiet(0));
}, 120_000);
