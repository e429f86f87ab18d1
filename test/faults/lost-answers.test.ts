import { afterAll, beforeAll, expect, test } from 'vitest';
import { environments } from '../../domain/environment.ts';
import { seededRandom } from '../../ml/seeded-random.ts';
import { TINY_MODEL } from '../support/tiny-model.ts';
import { type BusListener, listenTo } from './bus-listener.ts';
import type { Fate, ServiceCall } from './faulty-endpoint.ts';
import { type FaultyWorld, startFaultyWorld } from './faulty-world.ts';
import { patiently } from './patiently.ts';
import { problemsOfEnvironment, problemsOfRun, reportRuns } from './pipeline-invariants.ts';
import { uploadToPrd } from './upload-to-prd.ts';

const SEED = Number(process.env.SLUICE_FAULT_SEED ?? 1);

let world: FaultyWorld;
let listeners: BusListener[];
const fates: { readonly operation: string; readonly fate: Fate; readonly attempt: string | null }[] = [];

/** The attempt that a transaction is of, `<run>#<state>#<attempt>#<redrive>`; null for what no state does. */
const attemptIn = (body: string): string | null => /"sk":\{"S":"([^"#]+#[A-Z]\w+#\d+#\d+)"/.exec(body)?.[1] ?? null;

/**
 * A share of the writes of steps fail before or after they are done; a share of what goes to the bus is taken by half. Consumers are let
 * be: Lambda waits a minute before it tries them again. Each first write of a promotion's end is lost, whatever the seed.
 */
function faultsOf(seed: number): FaultyWorld['decide'] {
  const random = seededRandom(seed);
  const isFirst = new Set<string>();
  const fateOf = ({ operation, body }: ServiceCall): Fate => {
    const attempt = attemptIn(body);
    if (operation === 'TransactWriteItems' && attempt === null) return 'pass';
    if (attempt?.endsWith('#CompletePromotion#0#0') && !isFirst.has(attempt)) {
      isFirst.add(attempt);
      return 'lose-answer';
    }
    const dice = random.next();
    if (operation === 'PutEvents')
      return dice < 0.15 ? 'half' : dice < 0.2 ? 'lose-answer' : dice < 0.25 ? 'refuse' : 'pass';
    if (!['TransactWriteItems', 'SendTaskSuccess'].includes(operation)) return 'pass';
    return dice < 0.12 ? 'lose-answer' : dice < 0.2 ? 'refuse' : 'pass';
  };
  return (call) => {
    const fate = fateOf(call);
    fates.push({ operation: call.operation, fate, attempt: attemptIn(call.body) });
    return fate;
  };
}

beforeAll(async () => {
  world = await startFaultyWorld();
  listeners = await Promise.all(environments.map((env) => listenTo(world.connection[env])));
  world.decide = faultsOf(SEED);
  await uploadToPrd(world.connection, world.connection.prd);
}, 400_000);

afterAll(() => world?.stop());

const faults = (operation: string, fate: Fate) =>
  fates.filter((one) => one.operation === operation && one.fate === fate).length;

test('faults were there to survive', () => {
  expect(faults('TransactWriteItems', 'lose-answer')).toBeGreaterThanOrEqual(3);
  expect(faults('TransactWriteItems', 'refuse')).toBeGreaterThan(0);
  expect(faults('PutEvents', 'half')).toBeGreaterThan(0);
});

test.each(environments)('%s has one of everything, though answers were lost', async (env) => {
  expect(await problemsOfEnvironment(world.connection[env], TINY_MODEL), `seed ${SEED}`).toEqual([]);
});

test.each(environments)(
  'in %s each attempt has one audit event, and is lost only where its write was refused',
  async (env) => {
    const reports = await reportRuns(world.connection[env]);
    expect(reports.map(({ run }) => `${run.machine} ${run.status}`).sort()).toEqual([
      'promote-model succeeded',
      'train-model succeeded',
    ]);
    expect(reports.flatMap(problemsOfRun), `seed ${SEED}`).toEqual([]);
    const refused = fates.flatMap(({ fate, attempt }) => (fate === 'refuse' && attempt !== null ? [attempt] : []));
    const lost = reports.flatMap((report) => report.lost.map((event) => event.key.replace(/#lost$/, '')));
    expect(refused).toEqual(expect.arrayContaining(lost));
  },
);

test('everything that was told reaches a subscriber, though the bus took some of it by halves', async () => {
  world.decide = () => 'pass';
  for (const [index, env] of environments.entries()) {
    const { registry } = world.connection[env];
    const facts = (await registry.facts(1000)).map((fact) => fact.id);
    const audits = (await registry.auditEvents({ environment: true })).map((event) =>
      `audit-${event.key}`.slice(0, 200),
    );
    const heard: string[] = [];
    await patiently(`the facts of ${env}`, async () => {
      heard.push(...((await listeners[index]?.heard()) ?? []));
      return [...facts, ...audits].every((id) => heard.includes(id)) ? true : undefined;
    });
  }
}, 120_000);
