import { environments } from '../../domain/environment.ts';
import { TINY_MODEL } from '../support/tiny-model.ts';
import { type BusListener, listenTo } from './bus-listener.ts';
import { type CrashWorld, startCrashWorld } from './crash-world.ts';
import { invocationTimes, ranAfterSuccess } from './invocations.ts';
import { describeKill, type Kill, killPlan } from './kill-plan.ts';
import { forgotten, type Observation, observe } from './observed.ts';
import { patiently } from './patiently.ts';
import { problemsOfEnvironment, problemsOfRun, type RunReport, reportRuns } from './pipeline-invariants.ts';
import { type Acknowledged, lostUploads, uploadToPrd } from './upload-to-prd.ts';

export interface CrashReport {
  readonly seed: number;
  readonly kills: readonly string[];
  /** Empty when every invariant holds. */
  readonly problems: readonly string[];
  readonly seconds: number;
  /** Attempts of all runs, and those among them that the reconciler reported as lost. */
  readonly attempts: number;
  readonly lost: readonly string[];
  /** Facts that the bus told more than once: allowed, and a sign that a kill hit the relay. */
  readonly toldAgain: number;
  /** The folder of the runtime, kept where something is wrong. */
  readonly home: string | null;
  readonly log: string | null;
}

/** One whole run from upload to PRD, with so many kills of the runtime at instants that follow from the seed. */
export async function crashRun(
  seed: number,
  kills: number,
  onKill: (text: string) => void = () => {},
): Promise<CrashReport> {
  const startedMs = performance.now();
  const world = await startCrashWorld();
  const done: string[] = [];
  const problems: string[] = [];
  let reports: RunReport[] = [];
  let toldAgain = 0;
  try {
    const listeners = await Promise.all(environments.map((env) => listenTo(world.connection[env])));
    const seen = new Map<string, Observation>();
    let isOver = false;
    const clients = uploadToPrd(world.connection, world.approver).finally(() => {
      isOver = true;
    });
    // Its failure is told below, once the killing has ended.
    clients.catch(() => {});
    for (const kill of killPlan(seed, kills)) {
      if (!(await reached(world, kill, () => isOver))) break;
      const text = describeKill(kill);
      if (kill.when === 'working') await lookAndKill(world, kill.plusMs, seen);
      else {
        await world.kill();
        await world.killWhileStarting(kill.plusMs);
      }
      await world.restart();
      done.push(text);
      onKill(text);
    }
    const uploads = await clients;
    reports = (await Promise.all(environments.map((env) => reportRuns(world.connection[env])))).flat();
    toldAgain = await problemsOfWorld(world, { seen, listeners, uploads, reports, problems });
  } catch (error) {
    problems.push(`the run did not come to its end: ${error instanceof Error ? error.message : error}`);
    problems.push(...(await whereItIs(world)));
  }
  await world.stop();
  for (const report of reports) {
    const account = world.connection[report.run.environment].accountId;
    problems.push(...ranAfterSuccess(report, invocationTimes(world.home, account)));
  }
  const log = problems.length > 0 ? world.log() : null;
  if (problems.length === 0) world.remove();
  return {
    seed,
    kills: done,
    problems,
    seconds: (performance.now() - startedMs) / 1000,
    attempts: reports.reduce((sum, { audit }) => sum + audit.length, 0),
    lost: reports.flatMap(({ lost }) => lost.map((event) => event.key)),
    toldAgain,
    home: problems.length > 0 ? world.home : null,
    log,
  };
}

/** Waits until the pipeline is as far as the kill wants it; false when the pipeline was over before. */
async function reached(world: CrashWorld, kill: Kill, isOver: () => boolean): Promise<boolean> {
  if (kill.when === 'starting') return !isOver();
  return patiently(`${kill.afterAuditEvents} audit events`, async () => {
    if (isOver()) return false;
    const counts = environments.map(
      async (env) => (await world.connection[env].registry.auditEvents({ environment: true })).length,
    );
    const written = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    return written >= kill.afterAuditEvents ? true : undefined;
  });
}

/** What was answered up to the kill is remembered: none of it may be otherwise afterwards. */
async function lookAndKill(world: CrashWorld, plusMs: number, seen: Map<string, Observation>): Promise<void> {
  const killed = new Promise((resolve) => setTimeout(resolve, plusMs)).then(() => world.kill());
  // In a race with the kill, on purpose: the last answers before it are the ones that are at risk.
  await Promise.all(
    environments.map(async (env) => {
      const observation = await observe(world.connection[env]).catch(() => undefined);
      if (observation) seen.set(env, observation);
    }),
  );
  await killed;
}

interface Evidence {
  readonly seen: ReadonlyMap<string, Observation>;
  readonly listeners: readonly BusListener[];
  readonly uploads: readonly Acknowledged[];
  readonly reports: readonly RunReport[];
  readonly problems: string[];
}

/** Answers how many facts the bus told more than once. */
async function problemsOfWorld(world: CrashWorld, evidence: Evidence): Promise<number> {
  const { seen, listeners, uploads, reports, problems } = evidence;
  problems.push(...reports.flatMap(problemsOfRun));
  for (const { run, lost } of reports) {
    if (run.status !== 'succeeded')
      problems.push(`${run.environment} ${run.runId} ${run.status}: ${run.error} ${run.cause}`);
    // A kill takes the runtime and its functions together: the attempt is taken up again under its own name, and none is lost.
    for (const event of lost) problems.push(`${run.environment}: the reconciler reports ${event.key}`);
  }
  for (const lost of await lostUploads(uploads)) problems.push(`an acknowledged upload is lost: ${lost}`);
  let toldAgain = 0;
  for (const [index, env] of environments.entries()) {
    const connection = world.connection[env];
    if (reports.filter(({ run }) => run.environment === env).length !== 2) problems.push(`${env}: not two runs`);
    problems.push(...(await problemsOfEnvironment(connection, TINY_MODEL)));
    const before = seen.get(env);
    if (before) for (const what of forgotten(before, await observe(connection))) problems.push(`${env} forgot ${what}`);
    toldAgain += await problemsOfBus(world, env, listeners[index] as BusListener, problems);
  }
  return toldAgain;
}

/** Everything that is in the registry reaches a subscriber, sooner or later. */
async function problemsOfBus(
  { connection }: CrashWorld,
  env: (typeof environments)[number],
  listener: BusListener,
  problems: string[],
): Promise<number> {
  const { registry } = connection[env];
  const facts = (await registry.facts(1000)).map((fact) => fact.id);
  const audits = (await registry.auditEvents({ environment: true })).map((event) => `audit-${event.key}`.slice(0, 200));
  const heard: string[] = [];
  const missing = () => [...facts, ...audits].filter((id) => !heard.includes(id));
  await patiently(
    `the facts of ${env} at a subscriber`,
    async () => {
      heard.push(...(await listener.heard()));
      return missing().length === 0 ? true : undefined;
    },
    30_000,
  ).catch(() => problems.push(`${env}: a subscriber never heard of ${missing().join(', ')}`));
  return heard.length - new Set(heard).size;
}

async function whereItIs(world: CrashWorld): Promise<string[]> {
  try {
    const reports = (await Promise.all(environments.map((env) => reportRuns(world.connection[env])))).flat();
    return reports.map(
      ({ run, history }) =>
        `${run.environment} ${run.machine} ${run.runId}: ${run.status} ${run.error ?? ''} ${run.cause ?? ''}; its last event is ${history.at(-1)?.type}`,
    );
  } catch (error) {
    return [`and cannot be asked: ${error}`];
  }
}
