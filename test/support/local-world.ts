import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describeRun } from '../../cli/runs/describe-run.ts';
import { listRuns } from '../../cli/runs/list-runs.ts';
import type { Run } from '../../cli/runs/run.ts';
import { type Connection, connect } from '../../cli/target/connection.ts';
import { resolveTarget } from '../../cli/target/resolve-target.ts';
import { readRuntimeHome } from '../../cli/target/runtime-home.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import type { Fact } from '../../domain/fact.ts';
import { type Runtime, startRuntime } from '../../local/runtime.ts';
import { deployEnvironments, localAccounts, REGION } from '../../scripts/local-environments.ts';
import { packageDeployment, stages } from '../../scripts/package-deployment.ts';
import { AccessRecorder } from './access-need.ts';
import { eventually } from './eventually.ts';
import { type CliAnswer, runSluice } from './recording-cli.ts';
import { requireGolden } from './require-golden.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What the local runtime said, when a test fails and SLUICE_TEST_LOG=1. */
const log = (level: string, message: string, fields?: object): void => {
  if (process.env.SLUICE_TEST_LOG)
    process.stderr.write(`${level} ${message} ${fields ? JSON.stringify(fields) : ''}\n`);
};

/** DEV, ACC and PRD, deployed from the packages into a runtime of their own, and clients that speak to it as anybody does. */
export interface LocalWorld {
  readonly home: string;
  readonly runtime: Runtime;
  readonly connection: Readonly<Record<Environment, Connection>>;
  sluice(...args: string[]): Promise<CliAnswer>;
  /** Puts text or bytes into an environment's data bucket under `key`, whatever the key is. Answers the version. */
  putData(environment: Environment, key: string, content: string | Uint8Array): Promise<string>;
  /** The facts that an environment has told, oldest first. */
  facts(environment: Environment, type?: string): Promise<Fact[]>;
  runs(environment: Environment): Promise<Run[]>;
  /** Asks only for what runs, so that asking again and again costs the runtime little. */
  isQuiet(environment: Environment): Promise<boolean>;
  /** Resolves with the run when it has ended. */
  ended(environment: Environment, runId: string): Promise<Run>;
  /** A file in a folder that goes with the world. */
  file(name: string, content: string | Uint8Array): string;
  stop(): Promise<void>;
}

/** Takes seconds: one world a test file, made in `beforeAll`. */
export async function startLocalWorld(): Promise<LocalWorld> {
  const { stages: packages } = await packageDeployment(ROOT, stages);
  const home = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const access = new AccessRecorder();
  const accounts = localAccounts;
  const runtime = await startRuntime({
    directory: home,
    port: 0,
    accounts,
    region: REGION,
    log,
    observeAccess: access.observe,
  });
  await deployEnvironments(runtime, home, packages);
  const connections = await Promise.all(
    environments.map((env) => connect(resolveTarget({ env }, { variables: {}, home: readRuntimeHome(home) }))),
  );
  const connection = Object.fromEntries(connections.map((one) => [one.environment, one])) as Record<
    Environment,
    Connection
  >;
  return {
    home,
    runtime,
    connection,
    sluice: (...args) => runSluice(args, { home }),
    async putData(environment, key, content) {
      const { s3, names } = connection[environment];
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: names.dataBucket, Key: key, Body: content }));
      if (!VersionId) throw new Error(`the data bucket of ${environment} keeps no versions`);
      return VersionId;
    },
    async facts(environment, type) {
      const facts = await connection[environment].registry.facts(1000);
      return facts.filter((fact) => type === undefined || fact.type === type).reverse();
    },
    runs: (environment) => listRuns(connection[environment], { limit: 100 }, Date.now()),
    isQuiet: async (environment) =>
      (await listRuns(connection[environment], { status: 'running', limit: 1 }, Date.now())).length === 0,
    ended: (environment, runId) =>
      eventually(`the end of ${runId} in ${environment}`, async () => {
        const run = await describeRun(connection[environment], runId, Date.now());
        return run && run.status !== 'running' ? run : undefined;
      }),
    file(name, content) {
      const path = join(mkdtempSync(join(home, 'files-')), name);
      writeFileSync(path, content);
      return path;
    },
    async stop() {
      for (const one of connections) one.close();
      await runtime.stop();
      if (!access.save()) requireGolden(access.needs());
      rmSync(home, { recursive: true, force: true });
    },
  };
}
